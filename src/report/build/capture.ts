// What the captures add, in rows that every format shows: which captures were read and which alerts are in them, then
// files, connections and users, each with the event that shows it.

import type { CaptureFile, CaptureStory, FileAct, Triage } from '../../triage/index.ts';
import { durationText, plural, rangeText } from '../format.ts';
import type { CaptureReport, CaptureRow, Sentence } from '../model.ts';

const MAX_CAPTURES = 6;
/** Rows of one group; the JSON report has more. */
const MAX_ROWS = 25;

const DONE: Readonly<Record<FileAct, string>> = {
  read: 'read',
  written: 'opened for writing',
  deleted: 'deleted',
  renamed: 'renamed',
  mode: 'given another mode',
  owner: 'given another owner',
  linked: 'made as a link',
  run: 'run',
};

const ROLES = {
  connected: 'connected to',
  accepted: 'accepted',
  listened: 'listened on',
  sent: 'sent to',
} as const;

function say(text: string, values: readonly string[] = []): Sentence {
  return { text, values, fields: [] };
}

/** The captures, and how many of the alerts are in them. */
function about(story: CaptureStory): Sentence[] {
  const used = new Set(story.located.map(({ capture }) => capture));
  const captures = story.captures.filter(({ name }) => used.has(name));
  const shown = (captures.length > 0 ? captures : story.captures).slice(0, MAX_CAPTURES);
  const total = story.located.length + story.missing.length;
  const where = shown.length > 1 ? 'them' : 'it';
  const found =
    story.missing.length === 0
      ? `${total === 1 ? 'The record below is' : `All ${plural(total, 'record')} below are`} in ${where}, at the same time and by the same process.`
      : `${story.located.length} of the ${plural(total, 'record')} below ${story.located.length === 1 ? 'is' : 'are'} in ${where}.`;
  return [
    ...shown.map(({ name, hostname, events, firstNs, lastNs }) => {
      const host = hostname === undefined || hostname === '' ? '' : ' of the host {1}';
      const span =
        firstNs === undefined || lastNs === undefined
          ? ''
          : ` from ${rangeText(firstNs, lastNs)} (${durationText(lastNs - firstNs)})`;
      return say(
        `The capture {0} holds ${plural(events, 'event')}${host}${span}.`,
        host === '' ? [name] : [name, hostname ?? ''],
      );
    }),
    say(found),
  ];
}

/** Of a folder in which the same was done to many files that are nothing special, the first stands for all. */
function byFolder(list: readonly CaptureFile[]): { readonly file: CaptureFile; readonly others: number }[] {
  const groups = new Map<string, { file: CaptureFile; others: number }>();
  for (const file of list) {
    const folder = file.path.slice(0, file.path.lastIndexOf('/') + 1);
    const acts = file.acts.map(({ act, process }) => `${act} ${process}`).join(', ');
    const key = file.sensitive === undefined ? `${folder}\0${acts}` : `\0${file.path}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { file, others: 0 });
    else known.others++;
  }
  return [...groups.values()];
}

function files({ files: list, filesLeftOut }: CaptureStory): CaptureReport['groups'][number] {
  const rows = byFolder(list).map(
    ({ file: { path, acts, sensitive, capture, event, timeNs }, others }): CaptureRow => {
      const kind =
        sensitive === undefined
          ? others === 0
            ? ''
            : ` and ${plural(others, 'more file')} of that folder`
          : ` (${sensitive.replaceAll('-', ' ')})`;
      return {
        ...say(`{0}${kind}: ${acts.map(({ act }, n) => `${DONE[act]} by {${n + 1}}`).join(', ')}`, [
          path,
          ...acts.map(({ process }) => process),
        ]),
        place: { file: capture, event },
        timeNs,
      };
    },
  );
  return group('Files', rows, filesLeftOut);
}

function connections({
  connections: list,
  connectionsLeftOut,
}: CaptureStory): CaptureReport['groups'][number] {
  const rows = list.map((one): CaptureRow => {
    const protocol = one.protocol === '' ? '' : ` (${one.protocol})`;
    const failed =
      one.result === '' ||
      one.result === 'SUCCESS' ||
      one.result === 'EINPROGRESS' ||
      /^\d+$/.test(one.result)
        ? ''
        : `, ${one.result}`;
    const more = one.count > 1 ? `, and ${plural(one.count - 1, 'more time')}` : '';
    const bytes =
      one.bytesOut === undefined && one.bytesIn === undefined
        ? ''
        : `, ${plural(one.bytesOut ?? 0, 'byte')} out and ${plural(one.bytesIn ?? 0, 'byte')} in as far as recorded`;
    return {
      ...say(`{0} ${ROLES[one.role]} {1}${protocol}${failed}${more}${bytes}`, [one.process, one.name]),
      place: { file: one.capture, event: one.event },
      timeNs: one.timeNs,
    };
  });
  return group('Connections', rows, connectionsLeftOut);
}

function users({ users: list }: CaptureStory): CaptureReport['groups'][number] {
  const rows = list.map(({ uid, name, login, processes, capture, event, timeNs }): CaptureRow => {
    const session = login === undefined ? ', no login session' : ', login session of {1}';
    return {
      ...say(`{0}: user id ${uid}, ${plural(processes, 'process', 'processes')}${session}`, [
        name ?? String(uid),
        ...(login === undefined ? [] : [login]),
      ]),
      place: { file: capture, event },
      timeNs,
    };
  });
  return group('Users', rows, 0);
}

function group(title: string, rows: readonly CaptureRow[], leftOut: number): CaptureReport['groups'][number] {
  return { title, rows: rows.slice(0, MAX_ROWS), leftOut: leftOut + Math.max(0, rows.length - MAX_ROWS) };
}

/** `undefined` when no capture was read. */
export function captureReport({ capture: story }: Triage): CaptureReport | undefined {
  if (story === undefined) return undefined;
  const groups = [files(story), connections(story), users(story)].filter(({ rows }) => rows.length > 0);
  const several = new Set(story.located.map(({ capture }) => capture)).size > 1;
  return { about: about(story), groups, several };
}

/** What the captures do not show of it: alerts that are in none, damage, and what there was no room for. */
export function captureGaps({ capture: story, incident }: Triage): Sentence[] {
  if (story === undefined) return [];
  const out: Sentence[] = [];
  for (const { findingId, why, values } of story.missing.slice(0, 4)) {
    const rule = incident.findings.find(({ id }) => id === findingId)?.rule ?? 'unknown';
    const shifted = why.replace(/\{(\d+)\}/g, (_, n: string) => `{${Number(n) + 1}}`);
    out.push(say(`An alert of rule {0} is not in the capture: ${shifted}.`, [rule, ...values]));
  }
  for (const { name, damage } of story.captures)
    if (damage !== undefined)
      out.push(say(`The capture {0} is damaged, and what follows was not read: {1}`, [name, damage]));
  const left = [
    ...(story.processesLeftOut > 0 ? [plural(story.processesLeftOut, 'process', 'processes')] : []),
    ...(story.timelineLeftOut > 0 ? [plural(story.timelineLeftOut, 'event')] : []),
  ];
  if (left.length > 0)
    out.push(say(`The capture holds ${left.join(' and ')} more of this than is shown here.`));
  return out;
}
