// Evidence first: what is gone once a pod restarts or a host is cleaned. Nothing here changes the workload.

import type { PlanContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import { isKubernetes, kubeNames } from '../kube-names.ts';
import { refs } from '../references.ts';
import { Script } from '../script.ts';

const FOLDER = 'evidence';
const MAX_FILES = 5;

export function planPreserve(context: PlanContext): Draft | undefined {
  if (context.benign || context.place === 'cloud') return undefined;
  const script = new Script().run(['install', '-d', '-m', '0700', FOLDER]);
  const unknowns: string[] = [];
  const id = context.workload.containerId;
  if (context.place === 'kubernetes-audit') {
    const namespace = context.text('ka.target.namespace') || '<namespace>';
    const name = context.text('ka.target.name') || '<name>';
    const resource = context.text('ka.target.resource') || '<resource>';
    script
      .run(['kubectl', '--namespace', namespace, 'get', resource, name, '-o', 'yaml'], {
        to: `${FOLDER}/object.yaml`,
      })
      .run(['kubectl', 'events', '--namespace', namespace, '-o', 'yaml'], { to: `${FOLDER}/events.yaml` });
    unknowns.push(...[namespace, name, resource].filter((word) => word.startsWith('<')));
  } else if (isKubernetes(context)) {
    const { namespace, pod, unknowns: missing } = kubeNames(context);
    unknowns.push(...missing.filter((name) => name === '<namespace>' || name === '<pod>'));
    script
      .run(['kubectl', '--namespace', namespace, 'get', 'pod', pod, '-o', 'yaml'], {
        to: `${FOLDER}/pod.yaml`,
      })
      .run(['kubectl', '--namespace', namespace, 'logs', pod, '--all-containers', '--timestamps'], {
        to: `${FOLDER}/logs.txt`,
      })
      .run(['kubectl', '--namespace', namespace, 'events', '--for', `pod/${pod}`, '-o', 'yaml'], {
        to: `${FOLDER}/events.yaml`,
      })
      .note('on the node: the container as it runs (containerd 2.0 or CRI-O with CRIU), then its description')
      .run(['crictl', 'checkpoint', `--export=/var/tmp/${shortId(id)}.tar`, id ?? '<container-id>'])
      .run(['crictl', 'inspect', id ?? '<container-id>'], { to: `${FOLDER}/container.json` });
    if (id === undefined) unknowns.push('<container-id>');
  } else if (context.place === 'container') {
    script
      .note('with Docker; crictl inspect and crictl logs with another runtime')
      .run(['docker', 'inspect', id ?? '<container-id>'], { to: `${FOLDER}/container.json` })
      .run(['docker', 'logs', '--timestamps', id ?? '<container-id>'], { to: `${FOLDER}/logs.txt` })
      .run(['docker', 'diff', id ?? '<container-id>'], { to: `${FOLDER}/changed-files.txt` })
      .run(['docker', 'export', '--output', `${FOLDER}/filesystem.tar`, id ?? '<container-id>']);
    if (id === undefined) unknowns.push('<container-id>');
  } else {
    script
      .run(['ps', '-e', '-f', '-ww'], { to: `${FOLDER}/processes.txt` })
      .run(['ss', '-tunap'], { to: `${FOLDER}/connections.txt` })
      .run(['lsmod'], { to: `${FOLDER}/modules.txt` })
      .run(['last', '-F', '-w'], { to: `${FOLDER}/logins.txt` })
      .run(['journalctl', '--no-pager', '-o', 'export'], { to: `${FOLDER}/journal.export` });
    const files = filesInQuestion(context);
    for (const file of files) script.run(['cp', '--archive', '--parents', '--', file, FOLDER]);
    if (files.length > 0) script.run(['sha256sum', '--', ...files], { to: `${FOLDER}/sha256.txt` });
  }
  return {
    id: 'response.preserve',
    family: 'monitoring',
    phase: 'preserve',
    title:
      context.place === 'host' || context.place === 'unknown'
        ? 'Keep what the host shows now'
        : 'Keep what the workload shows now',
    why: 'A restart deletes the container, its memory and its files; {0} may be all that tells what happened.',
    values: [context.text('proc.cmdline')],
    factIds: context.facts('container.id', 'k8s.pod.name', 'proc.cmdline', 'yarak.file.path', 'fd.name'),
    artefacts: [script.artefact('preserve.sh')],
    rollout:
      'Run it where kubectl or the host is at hand, before anything restarts or deletes the workload. Note who ran it and when; store the folder where the attacker has no account.',
    effect: 'It changes nothing and stops nothing.',
    breaks:
      'A checkpoint freezes the container for a moment; its file holds everything in its memory, secrets included.',
    rollback: 'Nothing to undo.',
    references: refs('sp-800-61', 'D3-SFA'),
    effort: 'minutes',
    checks: script.checks(context.tools),
    unknowns,
  };
}

function shortId(id: string | undefined): string {
  return id !== undefined && /^[0-9a-f]{6,64}$/.test(id) ? id.slice(0, 12) : 'container';
}

/** Absolute paths that the alerts name and that are no pseudo files; bounded. */
export function filesInQuestion(context: PlanContext): string[] {
  const paths = [
    ...context.all('yarak.file.path'),
    ...context.all('yarak.cmd.writes'),
    ...context.all('proc.exepath'),
  ];
  return [...new Set(paths)]
    .filter(
      (path) =>
        path.startsWith('/') &&
        !/^\/(?:proc|sys|dev|usr|bin|sbin|lib\w*)\//.test(path) &&
        !path.includes('\0') &&
        path.length < 512,
    )
    .slice(0, MAX_FILES);
}
