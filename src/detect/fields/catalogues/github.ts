// Fields of Falco's github plugin: one webhook message.

import { parseFieldRows } from './rows.ts';

export const GITHUB_FIELDS = parseFieldRows(
  'github',
  `
github.type str Kind of message: push, star, repository, …
github.action str What happened, within the kind of message
github.user str User that caused the message
github.repo str URL of the repository; older name of github.repo.url
github.repo.url str URL of the repository
github.repo.name str Repository as owner/name
github.repo.description str Description of the repository
github.org str Organization of the repository
github.owner str Owner of the repository
github.repo.public str true if the repository is public
github.collaborator.name str Member that was added or removed
github.collaborator.role str New role of the member
github.webhook.id str Id of a new webhook
github.webhook.type str Type of a new webhook
github.commit.added str Files that a push adds, comma-separated
github.commit.modified str Files that a push changes, comma-separated
github.commit.removed str Files that a push removes, comma-separated
github.diff.has_secrets str true if a pushed commit holds a secret
github.diff.committed_secrets.desc str Kinds of the pushed secrets, comma-separated
github.diff.committed_secrets.files str Files with pushed secrets, comma-separated
github.diff.committed_secrets.lines str Lines of the pushed secrets, comma-separated
github.diff.committed_secrets.links str Links to the pushed secrets, comma-separated
github.workflow.has_miners str true if a workflow file holds a cryptocurrency miner
github.workflow.miners.type str Kinds of miners in a workflow file, comma-separated
github.workflow.filename str Path of the workflow file
`,
);
