// The incident's processes as the capture shows them: the alerts' processes, all that came from them, and their
// ancestors, with when each began and how it ended.

import type { Incident, ProcessNode } from '../types.ts';
import type { Collector } from './collect.ts';
import type { Ancestor, ProcessKey } from './lineage.ts';
import type { ProcessRecord } from './process-log.ts';
import type { Placed } from './story.ts';

const MAX_NODES = 80;

interface Node {
  readonly id: string;
  readonly known: Ancestor | ProcessRecord;
  readonly record: ProcessRecord | undefined;
  /** The program at the time of its alert, where it raised one. */
  readonly alerted: Ancestor | undefined;
  readonly children: Node[];
}

export function processTree(
  incident: Incident,
  placed: readonly Placed[],
  collector: Collector,
): { readonly roots: ProcessNode[]; readonly leftOut: number } {
  const findings = new Set(incident.findings.map(({ id }) => id));
  const ofCapture = (capture: string, key: ProcessKey): string => `${capture} ${key}`;
  const records = new Map<string, ProcessRecord>();
  for (const record of collector.records)
    if (record.attackOf.has(incident.id) || record.ancestorOf.has(incident.id))
      records.set(ofCapture(record.capture, record.key), record);
  // Lineages first: ancestors often do nothing while the capture runs, and then have no record.
  const known = new Map<string, Ancestor>();
  const above = new Map<string, string>();
  const alerted = new Map<string, Ancestor>();
  for (const { place } of placed) {
    place.lineage.forEach((ancestor, n) => {
      const id = ofCapture(place.capture, ancestor.key);
      if (!known.has(id)) known.set(id, ancestor);
      if (n === 0 && !alerted.has(id)) alerted.set(id, ancestor);
      const parent = place.lineage[n + 1];
      if (parent !== undefined) above.set(id, ofCapture(place.capture, parent.key));
    });
  }
  const notable = new Set<ProcessRecord>();
  for (const { act, process } of collector.incidents.get(incident.id)?.entries.values() ?? [])
    if (act.rank === 3) notable.add(process);
  const times = placed.map(({ place }) => place.timeNs);
  const ranked = rank(records, notable, times).map((one) => ofCapture(one.capture, one.key));
  const wanted = [...new Set([...known.keys(), ...ranked])];
  const nodes = new Map<string, Node>();
  for (const id of wanted.slice(0, MAX_NODES)) {
    const record = records.get(id);
    const one = record ?? known.get(id);
    if (one !== undefined) nodes.set(id, { id, known: one, record, alerted: alerted.get(id), children: [] });
  }
  const roots: Node[] = [];
  for (const node of nodes.values()) {
    const parent = parentOf(node, nodes, above, ofCapture);
    if (parent === undefined) roots.push(node);
    else parent.children.push(node);
  }
  let count = 0;
  const finish = ({ known: one, record, alerted: then, children }: Node): ProcessNode => {
    count++;
    const shown = then ?? one;
    const id = `p${count}`;
    return {
      id,
      name: shown.name,
      pid: one.pid,
      ...(shown.exepath === '' ? {} : { exepath: shown.exepath }),
      ...(shown.cmdline === '' ? {} : { cmdline: shown.cmdline }),
      ...(record === undefined || record.user === '' ? {} : { user: record.user }),
      children: children.toSorted(byStart).map(finish),
      findingIds: record === undefined ? [] : [...record.findings].filter((each) => findings.has(each)),
      seenOnlyAsAncestor: false,
      ...(record?.startNs === undefined ? {} : { startNs: record.startNs }),
      ...(record === undefined ? {} : { event: record.firstEvent }),
      ...(record?.exit === undefined ? {} : { endNs: record.exit.timeNs }),
      ...(record?.exit?.code === undefined ? {} : { exitCode: record.exit.code }),
      ...(record?.exit?.signal === undefined ? {} : { signal: record.exit.signal }),
    };
  };
  return { roots: roots.toSorted(byStart).map(finish), leftOut: Math.max(0, wanted.length - MAX_NODES) };
}

/** Those that raised alerts first, then those that did what attacks do, then by how near the alerts they began. */
function rank(
  records: ReadonlyMap<string, ProcessRecord>,
  notable: ReadonlySet<ProcessRecord>,
  times: readonly bigint[],
): ProcessRecord[] {
  const weight = (one: ProcessRecord): number => (one.findings.size > 0 ? 2 : notable.has(one) ? 1 : 0);
  const distance = ({ startNs = 0n }: ProcessRecord): bigint =>
    times.reduce<bigint>((least, at) => {
      const gap = at > startNs ? at - startNs : startNs - at;
      return gap < least ? gap : least;
    }, 1n << 62n);
  return [...records.values()]
    .map((one) => ({ one, weight: weight(one), gap: distance(one) }))
    .sort((a, b) => b.weight - a.weight || (a.gap < b.gap ? -1 : a.gap > b.gap ? 1 : 0))
    .map(({ one }) => one);
}

function parentOf(
  node: Node,
  nodes: ReadonlyMap<string, Node>,
  above: ReadonlyMap<string, string>,
  ofCapture: (capture: string, key: ProcessKey) => string,
): Node | undefined {
  const parent = node.record?.parent;
  const born = parent === undefined ? undefined : nodes.get(ofCapture(parent.capture, parent.key));
  if (born !== undefined) return born;
  const id = above.get(node.id);
  const later = id === undefined ? undefined : nodes.get(id);
  return later === node ? undefined : later;
}

function byStart(a: Node, b: Node): number {
  return (a.record?.firstEvent ?? 0) - (b.record?.firstEvent ?? 0);
}
