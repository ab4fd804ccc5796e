// Alerts as a busy cluster sends them, made from the labelled ones (every second with more fields): 200 findings whose frequency falls off as 1/rank,
// each in 20 pods on 20 nodes; every alert has its own time and pid, its pod keeps its ancestors. Cheap to make, so
// that a load generator is not what is measured: a source's text is laid out once, an alert is a copy with digits
// written into it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { alertFromJson, fingerprintId, fingerprintParts } from '../src/alerts/index.ts';
import { parseJson } from '../src/base/json.ts';
import { stableWorkload, workloadOf } from '../src/triage/index.ts';

const VOWELLESS = 'bcdfghjklmnpqrstvwxz2456789';
const NODES = 20;
/** Where the time goes: `2026-11-24T03:19:21.866122071`, and the same as nanoseconds since 1970. */
const ISO = '0000-00-00T00:00:00.000000000';
const NS = '0000000000000000000';
/** pids on a Kubernetes node have up to seven digits. */
const PID = '0000000';

export interface SetOptions {
  readonly findings: number;
  readonly podsPerFinding: number;
  readonly seed: number;
  /** Alerts in a row from one pod, on average; default 1. */
  readonly burst?: number;
}

interface Source {
  readonly bytes: Buffer;
  readonly iso: readonly number[];
  readonly ns: readonly number[];
  readonly pid: readonly number[];
}

interface Row {
  readonly output_fields: Readonly<Record<string, unknown>>;
  readonly hostname: string;
  readonly time: string;
}

/** Uniform in [0, 1), the same sequence for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The alerts' texts, one for each finding wanted: a lap over the set is one more tenant with namespaces of its own. */
function texts(folder: string, findings: number): [string, Row][] {
  const read = (name: string): [string, Row][] =>
    readFileSync(join(folder, name), 'utf8')
      .trim()
      .split('\n')
      .map((line) => {
        const text = line.slice(line.indexOf('"alert":') + 8, -1);
        return [text, JSON.parse(text) as Row];
      });
  const plain = read('labelled.jsonl');
  // The same alerts with more fields: every second finding is printed that way.
  const rows = read('rich.jsonl').flatMap((rich, i) => (i % 2 === 1 ? [rich] : [plain[i] ?? rich]));
  const seen = new Set<string>();
  const chosen: [string, Row][] = [];
  for (let lap = 0; lap < 20 && chosen.length < findings; lap++) {
    for (const [original, row] of rows) {
      const namespace = row.output_fields['k8s.ns.name'];
      const text =
        lap === 0 || typeof namespace !== 'string'
          ? original
          : original
              .replace(`"k8s.ns.name":"${namespace}"`, `"k8s.ns.name":"${namespace}-t${lap}"`)
              .replace(`k8s_ns_name=${namespace}`, `k8s_ns_name=${namespace}-t${lap}`);
      const parsed = parseJson(text);
      const alert = parsed.ok ? alertFromJson(parsed.value, { file: 'bench', line: 1 }) : undefined;
      if (alert === undefined) continue;
      const id = fingerprintId(fingerprintParts(alert, stableWorkload(workloadOf(alert))));
      if (seen.has(id)) continue;
      seen.add(id);
      chosen.push([text, row]);
      if (chosen.length === findings) break;
    }
  }
  return chosen;
}

function suffix(n: number): string {
  let out = '';
  for (let rest = n * 7919 + 13, i = 0; i < 5; i++, rest = Math.floor(rest / VOWELLESS.length))
    out += VOWELLESS[rest % VOWELLESS.length];
  return out;
}

function positions(text: string, mark: string): number[] {
  const found: number[] = [];
  for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at + mark.length))
    found.push(Buffer.byteLength(text.slice(0, at)));
  return found;
}

/** One pod's (or one host's) alert of a finding. `serial` tells pods apart. */
function source([text, row]: [string, Row], serial: number): Source {
  const fields = row.output_fields;
  let line = text
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}/g, ISO)
    .replaceAll(/"evt\.time(\.iso8601)?":\d{19}/g, `"evt.time$1":${NS}`);
  const pid = fields['proc.pid'];
  if (typeof pid === 'number')
    line = line.replaceAll(new RegExp(`"(proc\\.v?pid)":${pid}\\b`, 'g'), `"$1":${PID}`);
  let ancestor = 0;
  line = line.replaceAll(
    /"(proc\.(?:ppid|sid|apid\[\d\]))":\d+/g,
    (_, key: string) => `"${key}":${4_000_000 + serial * 8 + ancestor++}`,
  );
  const container = fields['container.id'];
  if (typeof container === 'string' && /^[0-9a-f]{12}$/.test(container))
    line = line.replaceAll(
      container,
      (BigInt(`0x${container}`) ^ BigInt(serial * 0x9e37)).toString(16).padStart(12, '0'),
    );
  const pod = fields['k8s.pod.name'];
  if (typeof pod === 'string') line = line.replaceAll(pod, pod.replace(/[a-z0-9]{5}$/, suffix(serial)));
  line = line.replaceAll(row.hostname, `node-${String(serial % NODES).padStart(2, '0')}`);
  return {
    bytes: Buffer.from(line),
    iso: positions(line, ISO),
    ns: positions(line, `:${NS}`).map((at) => at + 1),
    pid: positions(line, `pid":${PID}`).map((at) => at + 5),
  };
}

function digits(into: Buffer, at: number, value: number, width: number): void {
  let rest = value;
  for (let i = at + width - 1; i >= at; i--) {
    into[i] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}

/** Draws alerts: the same seed and start give the same sequence. */
export class AlertSet {
  readonly #sources: readonly (readonly Source[])[];
  readonly #cumulative: readonly number[];
  readonly #random: () => number;
  readonly #burst: number;
  #current: Source | undefined;
  #serial: number;
  #second = -1;
  #isoSecond: Buffer = Buffer.alloc(0);

  constructor(folder: string, { findings, podsPerFinding, seed, burst = 1 }: SetOptions) {
    this.#burst = burst;
    const chosen = texts(folder, findings);
    this.#sources = chosen.map((one, f) =>
      Array.from({ length: podsPerFinding }, (_, p) => source(one, f * podsPerFinding + p)),
    );
    let sum = 0;
    this.#cumulative = chosen.map((_, rank) => {
      sum += 1 / (rank + 1);
      return sum;
    });
    this.#random = randomFrom(seed);
    this.#serial = Math.floor(this.#random() * 1_000_000);
  }

  get findings(): number {
    return this.#sources.length;
  }

  /** Largest alert in bytes. */
  get maxBytes(): number {
    return Math.max(...this.#sources.flat().map((one) => one.bytes.length));
  }

  /** Writes one alert that happened at `us` (microseconds since 1970) into `into`; returns its length. */
  write(into: Buffer, at: number, us: number): number {
    if (this.#current === undefined || this.#random() * this.#burst < 1) this.#current = this.#draw();
    const one = this.#current;
    one.bytes.copy(into, at);
    const serial = this.#serial++;
    const second = Math.floor(us / 1_000_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#isoSecond = Buffer.from(new Date(second * 1000).toISOString().slice(0, 19));
    }
    // The last three digits of the nanoseconds make every time its own.
    const fraction = (us - second * 1_000_000) * 1000 + (serial % 1000);
    for (const offset of one.iso) {
      this.#isoSecond.copy(into, at + offset);
      digits(into, at + offset + 20, fraction, 9);
    }
    for (const offset of one.ns) {
      digits(into, at + offset, second, 10);
      digits(into, at + offset + 10, fraction, 9);
    }
    for (const offset of one.pid) digits(into, at + offset, 1_000_000 + (serial % 2_900_000), 7);
    return one.bytes.length;
  }

  #draw(): Source {
    const draw = this.#random() * (this.#cumulative.at(-1) as number);
    let low = 0;
    let high = this.#cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#cumulative[middle] as number) < draw) low = middle + 1;
      else high = middle;
    }
    const pods = this.#sources[low] as readonly Source[];
    return pods[Math.floor(this.#random() * pods.length)] as Source;
  }
}
