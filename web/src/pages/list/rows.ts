// Findings and incidents as rows of one shape.

import type { Finding, Incident } from '../../api.generated.ts';
import { call } from '../../api.ts';
import { plural } from '../../format.ts';
import type { VerdictWord } from '../../parts/basics.tsx';
import type { State } from '../../parts/decide.tsx';
import type { Group, Kind } from './query.ts';
import { apiQuery } from './query.ts';

export interface Row {
  readonly id: string;
  readonly title: string;
  readonly verdict: VerdictWord;
  readonly priority: string;
  readonly state: State;
  readonly owner: string;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly count: number;
  readonly spread: string;
  readonly where: string;
  readonly namespace: string;
  readonly rule: string;
  readonly silenced: boolean;
}

export interface RowPage {
  readonly rows: readonly Row[];
  readonly next: string | undefined;
}

interface Spread {
  readonly total: number;
  readonly atLeast: boolean;
}

function spreadText({ nodes, pods }: { readonly nodes: Spread; readonly pods: Spread }): string {
  const part = ({ total, atLeast }: Spread, word: string): string[] =>
    total === 0 ? [] : [`${plural(total, word)}${atLeast ? ' or more' : ''}`];
  return [...part(nodes, 'node'), ...part(pods, 'pod')].join(', ');
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function findingRow(finding: Finding): Row {
  const { workload } = finding;
  const namespace = text(workload['namespace']);
  const name = text(workload['containerName']) || text(workload['imageRepository']) || text(workload['node']);
  return {
    ...finding,
    namespace,
    spread: spreadText(finding.spread),
    where: [namespace, name].filter((part) => part !== '').join('/'),
    silenced: finding.silenceId !== undefined,
  };
}

const incidentRow = (incident: Incident): Row => ({
  ...incident,
  count: incident.alertCount,
  spread: plural(incident.findingCount, 'finding'),
  where: incident.namespace,
  rule: '',
  silenced: false,
});

export interface ReadOptions {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly signal?: AbortSignal;
}

export async function readRows(
  kind: Kind,
  query: URLSearchParams,
  { limit, cursor, signal }: ReadOptions,
): Promise<RowPage> {
  const input = { query: { ...apiQuery(query, Date.now()), limit, cursor } };
  if (kind === 'findings') {
    const page = await call('GET /api/v1/findings', input, signal);
    return { rows: page.items.map(findingRow), next: page.next };
  }
  const page = await call('GET /api/v1/incidents', input, signal);
  return { rows: page.items.map(incidentRow), next: page.next };
}

export async function readRow(kind: Kind, id: string): Promise<Row> {
  const params = { id };
  return kind === 'findings'
    ? findingRow(await call('GET /api/v1/findings/{id}', { params }))
    : incidentRow(await call('GET /api/v1/incidents/{id}', { params }));
}

/** A line of the table: a row, or the head of a group. */
export type Line =
  | { readonly kind: 'row'; readonly row: Row; readonly index: number }
  | { readonly kind: 'group'; readonly name: string; readonly size: number; readonly alerts: number };

const groupName = (row: Row, group: Group): string =>
  row[group] || { owner: 'nobody', namespace: 'no namespace' }[group as string] || 'unknown';

/** The rows as lines; groups come in the order in which their first rows come. */
export function linesOf(rows: readonly Row[], group: Group | undefined): readonly Line[] {
  if (group === undefined) return rows.map((row, index) => ({ kind: 'row', row, index }));
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const name = groupName(row, group);
    const members = groups.get(name);
    if (members === undefined) groups.set(name, [row]);
    else members.push(row);
  }
  let index = 0;
  return [...groups].flatMap(([name, members]): Line[] => [
    {
      kind: 'group',
      name,
      size: members.length,
      alerts: members.reduce((sum, row) => sum + row.count, 0),
    },
    ...members.map((row): Line => ({ kind: 'row', row, index: index++ })),
  ]);
}
