// The source github as Falco's github plugin reads it: one webhook message, with `webhook_type` put in from the header
// X-GitHub-Event. Values that are not there are empty texts. [Q] marks the plugin's quirks.

import { PLUGIN_VERSIONS } from '../../../detect/fields/index.ts';
import { builtInFields, defineJsonSource } from '../define.ts';
import { type Json, type JsonRecord, jsonText, own } from '../event.ts';
import type { Extraction } from '../extract.ts';
import { follow } from '../pointer.ts';
import type { JsonField } from '../source.ts';

const text = (path: string): Extraction => ({ path, only: 'string', otherwise: '' });
const textAt = (record: Json | undefined, ...steps: string[]): string => {
  const value = follow(record, steps);
  return typeof value === 'string' ? value : '';
};
const listAt = (record: Json | undefined, key: string): readonly Json[] | undefined => {
  const value = own(record, key);
  return Array.isArray(value) ? value : undefined;
};

/** [Q] Commas stand between the files of one commit, nothing between one commit's and the next's. */
const files =
  (key: string): JsonField =>
  (record) =>
    (listAt(record, 'commits') ?? [])
      .map((commit) =>
        (listAt(commit, key) ?? []).map((file) => (typeof file === 'string' ? file : '')).join(','),
      )
      .join('');

/** One value for each secret that the plugin found in the pushed files, which it lists in `files`. */
const secrets =
  (value: (match: Json, file: Json, record: JsonRecord) => string): JsonField =>
  (record) =>
    listAt(record, 'files')
      ?.map((file) => (listAt(file, 'matches') ?? []).map((match) => value(match, file, record)).join(','))
      .join('');

const lineOf = (match: Json): string => jsonText(own(match, 'line') ?? 0);

const hasSecrets: JsonField = (record) => {
  const list = listAt(record, 'files');
  if (list === undefined) return '';
  return String(list.some((file) => (listAt(file, 'matches')?.length ?? 0) > 0));
};

const miners = (record: JsonRecord): readonly Json[] | undefined =>
  listAt(own(record, 'workflow_miner_detections'), 'matches');

const minerTypes: JsonField = (record) => {
  const found = miners(record);
  return found === undefined
    ? undefined
    : [...new Set(found.map((match) => textAt(match, 'type')))].join(',');
};

function summary(record: JsonRecord): string {
  const parts = [`github ${textAt(record, 'webhook_type')}`];
  const user = textAt(record, 'sender', 'login');
  const repo = textAt(record, 'repository', 'html_url');
  const action = textAt(record, 'action');
  if (user !== '') parts.push(`user:${user}`);
  if (repo !== '') parts.push(`repo:${repo}`);
  if (action !== '') parts.push(`action:${action}`);
  return parts.join(' ');
}

export const GITHUB = defineJsonSource({
  name: 'github',
  plugin: 'github',
  version: PLUGIN_VERSIONS['github'] as string,
  description:
    'GitHub webhook messages: deliveries as `gh api` prints them, payloads with their `webhook_type`',
  accept: [
    '/webhook_type',
    ['/sender/login', '/repository/full_name'],
    ['/sender/login', '/action'],
    ['/repository/full_name', '/action'],
    ['/repository/full_name', '/ref'],
    ['/hook_id', '/zen'],
  ],
  unwrap: [{ path: '/request/payload', add: { webhook_type: '/event', delivered_at: '/delivered_at' } }],
  // The plugin takes the time of arrival, which a recording has only as `delivered_at`.
  time: [
    '/delivered_at',
    '/head_commit/timestamp',
    '/workflow_run/updated_at',
    '/starred_at',
    '/hook/updated_at',
    '/repository/pushed_at',
    '/repository/updated_at',
  ],
  info: (event) => summary(event.record),
  fields: builtInFields('github', {
    'github.type': text('/webhook_type'),
    'github.action': text('/action'),
    'github.user': text('/sender/login'),
    'github.repo': text('/repository/html_url'),
    'github.repo.url': text('/repository/html_url'),
    'github.repo.name': { ...text('/repository/html_url'), strip_prefix: 'https://github.com/' },
    'github.repo.description': text('/repository/description'),
    'github.org': text('/organization/login'),
    'github.owner': text('/repository/owner/login'),
    // [Q] Also for messages that are about no repository.
    'github.repo.public': {
      cases: [{ when: '/repository/private=true', value: 'false' }, { value: 'true' }],
    },
    'github.collaborator.name': text('/member/login'),
    'github.collaborator.role': text('/changes/permission/to'),
    'github.webhook.id': { path: '/hook/id', otherwise: '0' },
    'github.webhook.type': text('/hook/type'),
    'github.commit.added': files('added'),
    'github.commit.modified': files('modified'),
    'github.commit.removed': files('removed'),
    'github.diff.has_secrets': hasSecrets,
    'github.diff.committed_secrets.desc': secrets((match) => textAt(match, 'desc')),
    'github.diff.committed_secrets.files': secrets((_match, file) => textAt(file, 'name')),
    'github.diff.committed_secrets.lines': secrets(lineOf),
    'github.diff.committed_secrets.links': secrets(
      (match, file, record) =>
        `${textAt(record, 'repository', 'html_url')}/blob/${textAt(record, 'head_commit', 'id')}/${textAt(file, 'name')}/#L${lineOf(match)}`,
    ),
    'github.workflow.has_miners': (record) => {
      const found = miners(record);
      return found === undefined ? undefined : String(found.length > 0);
    },
    'github.workflow.miners.type': minerTypes,
    'github.workflow.filename': text('/workflow/path'),
  }),
});
