// Many alerts from the few real ones of the test set: later times, other pids, container ids and pod hashes, as the
// same workloads give them on a larger cluster. Deterministic.

import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

interface Row {
  readonly scenario: string;
  readonly alert: { readonly output_fields: Readonly<Record<string, unknown>>; readonly time: string };
}

const VOWELLESS = 'bcdfghjklmnpqrstvwxz2456789';

/** Writes `count` alerts as NDJSON; returns their size in bytes. One lap over the set takes 20 minutes of event time. */
export function writeAlerts(file: string, folder: string, count: number): number {
  const rows = ['labelled.jsonl', 'rich.jsonl'].flatMap((name) =>
    readFileSync(join(folder, name), 'utf8')
      .trim()
      .split('\n')
      .map((line): [string, Row] => [line.slice(line.indexOf('"alert":') + 8, -1), JSON.parse(line) as Row]),
  );
  const out = openSync(file, 'w');
  let bytes = 0;
  let batch: string[] = [];
  for (let i = 0; i < count; i++) {
    const lap = Math.floor(i / rows.length);
    const [text, row] = rows[i % rows.length] as [string, Row];
    batch.push(vary(text, row, lap));
    if (batch.length === 1000 || i === count - 1) {
      bytes += writeSync(out, `${batch.join('\n')}\n`);
      batch = [];
    }
  }
  closeSync(out);
  return bytes;
}

function vary(text: string, { alert }: Row, lap: number): string {
  if (lap === 0) return text;
  const shift = BigInt(lap) * 1_200_000_000_000n;
  // Whole nanoseconds stand in the text as digits; JSON.parse would round them.
  let line = text.replace(
    /"(evt\.time(?:\.iso8601)?)":(\d{19})/,
    (_, key: string, ns: string) => `"${key}":${BigInt(ns) + shift}`,
  );
  const seconds = Math.floor(Date.parse(alert.time) / 1000);
  const before = new Date(seconds * 1000).toISOString().slice(0, 19);
  const after = new Date((seconds + lap * 1200) * 1000).toISOString().slice(0, 19);
  line = line.replaceAll(before, after);
  const id = alert.output_fields['container.id'];
  if (typeof id === 'string' && /^[0-9a-f]{12}$/.test(id)) line = line.replaceAll(id, hex(id, lap));
  const pod = alert.output_fields['k8s.pod.name'];
  if (typeof pod === 'string') line = line.replaceAll(pod, pod.replace(/[a-z0-9]{5}$/, suffix(lap)));
  return line.replace(
    /"(proc\.(?:pid|ppid|vpid|sid)|proc\.apid\[\d\])":(\d+)/g,
    (_, key: string, pid: string) => `"${key}":${Number(pid) + lap * 100}`,
  );
}

function hex(id: string, lap: number): string {
  return ((BigInt(`0x${id}`) + BigInt(lap) * 0x10_0000_1n) & 0xffff_ffff_ffffn)
    .toString(16)
    .padStart(12, '0');
}

function suffix(lap: number): string {
  let out = '';
  for (let n = lap * 7919, i = 0; i < 5; i++, n = Math.floor(n / VOWELLESS.length))
    out += VOWELLESS[n % VOWELLESS.length];
  return out;
}
