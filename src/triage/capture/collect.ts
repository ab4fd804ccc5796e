// The second reading of a capture: now that it is known which processes and containers the incidents are about, their
// story is collected. One event at a time; nothing of an event is kept that does not go into a bounded log.

import { EVENTS } from '../../detect/fields/index.ts';
import type { ScapEvent } from '../../sources/scap/index.ts';
import { type Act, readAct } from './acts.ts';
import { ContainerLog, callOf } from './container-log.ts';
import { fieldReader, textReader } from './event-fields.ts';
import { IncidentLog } from './incident-log.ts';
import type { ProcessKey } from './lineage.ts';
import { LinkLog } from './links.ts';
import { ProcessLog, type ProcessRecord } from './process-log.ts';

/** What to look for in one capture. */
export interface CaptureSubjects {
  /** First processes of the attacks → incidents. */
  readonly roots: ReadonlyMap<ProcessKey, ReadonlySet<string>>;
  readonly ancestors: ReadonlyMap<ProcessKey, ReadonlySet<string>>;
  /** `evt.num` of alerts → findings. */
  readonly alerts: ReadonlyMap<number, ReadonlySet<string>>;
}

/** What to look for in all captures. */
export interface Interest {
  readonly incidents: ReadonlyMap<string, IncidentInterest>;
  /** Containers of the incidents, by short id. */
  readonly containers: ReadonlyMap<string, ReadonlySet<string>>;
  /** Images whose other containers count as the same workload. */
  readonly images: ReadonlySet<string>;
}

export interface IncidentInterest {
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  /** Those that hold any of its alerts. */
  readonly captures: ReadonlySet<string>;
}

/** How long before and after its alerts the rest of a container is looked at for an incident's timeline. */
const AROUND_NS = 300_000_000_000n;
/** A connection that was accepted so shortly before an alert may be how it came in. */
const ARRIVAL_NS = 10_000_000_000n;
const MAX_CONTAINERS = 64;

const imageOf = textReader('container.image.repository');
const nameOf = textReader('container.name');
const privilegedOf = fieldReader('container.privileged');
const userName = textReader('user.name');
const loginUid = textReader('user.loginuid');
const loginName = textReader('user.loginname');
const protocol = textReader('fd.l4proto');
const resultText = textReader('evt.res');
const fdName = textReader('fd.name');
const fdType = textReader('fd.type');
const effective = textReader('thread.cap_effective');
const vpid = textReader('proc.vpid');
const exitSignal = textReader('evt.arg.sig');

const NAMES = EVENTS.map(({ name, direction }) => (direction === 'X' || name === 'procexit' ? name : ''));
const READS = EVENTS.map(({ flags, direction }) => direction === 'X' && flags.has('READS_FROM_FD'));
const WRITES = EVENTS.map(({ flags, direction }) => direction === 'X' && flags.has('WRITES_TO_FD'));
const IS_EXEC = NAMES.map((name) => name === 'execve' || name === 'execveat');
const IS_EXIT = NAMES.map((name) => name === 'procexit');
const SETS_USER = NAMES.map((name) => /^set(?:re|res)?uid$/.test(name));

/** Collects from captures, one after the other. */
export class Collector {
  readonly incidents = new Map<string, IncidentLog>();
  readonly containers = new Map<string, ContainerLog>();
  readonly links = new LinkLog();
  readonly records: ProcessRecord[] = [];
  /** Records that were not made for want of room. */
  processesLeftOut = 0;
  readonly calls = new Map<string, Set<string>>();
  readonly #interest: Interest;
  #capture = '';
  #subjects: CaptureSubjects = { roots: new Map(), ancestors: new Map(), alerts: new Map() };
  #processes = new ProcessLog('', { roots: new Map(), ancestors: new Map(), follows: () => false });
  #calls = new Set<string>();
  #counted = new Set<ProcessRecord>();

  constructor(interest: Interest) {
    this.#interest = interest;
    for (const id of interest.incidents.keys()) {
      this.incidents.set(id, new IncidentLog());
    }
  }

  start(capture: string, subjects: CaptureSubjects): void {
    this.#capture = capture;
    this.#subjects = subjects;
    this.#processes = new ProcessLog(capture, {
      ...subjects,
      follows: (id, event) => this.#follows(id, event),
    });
    this.#calls = new Set();
    this.calls.set(capture, this.#calls);
    this.links.start();
  }

  end(): void {
    this.records.push(...this.#processes.records);
    this.processesLeftOut += this.#processes.leftOut;
  }

  onEvent(event: ScapEvent): void {
    const { code } = event;
    const call = callOf(event);
    if (call !== undefined) this.#calls.add(call);
    const record = this.#processes.of(event);
    if (record === undefined) return;
    const before = record.side;
    const label = this.#labelFor(record, code);
    if (IS_EXEC[code] && event.i64(0) >= 0) this.#processes.started(record, event);
    const log = record.containerId === '' ? undefined : this.#containerLog(record.containerId, event);
    if (log !== undefined) this.#count(log, record, before, event, call);
    const findings = this.#subjects.alerts.get(event.num);
    if (findings !== undefined) for (const id of findings) record.findings.add(id);
    if (IS_EXIT[code]) this.#exit(record, event);
    if (record.side !== 'runtime') this.#tell(record, before, label, event);
  }

  /** Who is said to have done it: a program is started by the one that runs before it, in this process or its parent. */
  #labelFor(record: ProcessRecord, code: number): string {
    if (IS_EXEC[code] !== true) return record.name;
    if (record.side === 'runtime') return 'the container runtime';
    return record.execs > 0 || record.parent === undefined ? record.name : record.parent.name;
  }

  #follows(id: string, event: ScapEvent): boolean {
    if (this.#interest.containers.has(id)) return true;
    const image = imageOf(event);
    return image !== '' && this.#interest.images.has(image);
  }

  #containerLog(id: string, event: ScapEvent): ContainerLog | undefined {
    let log = this.containers.get(id);
    if (log === undefined) {
      if (this.containers.size >= MAX_CONTAINERS && !this.#interest.containers.has(id)) return undefined;
      log = new ContainerLog(id);
      this.containers.set(id, log);
    }
    log.captures.add(this.#capture);
    if (log.image === undefined) {
      log.image = imageOf(event) || undefined;
      log.name = nameOf(event) || undefined;
      const privileged = privilegedOf(event);
      if (typeof privileged === 'boolean') log.privileged = privileged;
    }
    return log;
  }

  #count(
    log: ContainerLog,
    record: ProcessRecord,
    before: ProcessRecord['side'],
    event: ScapEvent,
    call: string | undefined,
  ): void {
    const side = log.side(record);
    const isExec = IS_EXEC[event.code] as boolean;
    // The runtime's own calls, its last execve among them, are made before or without the profile.
    if (before === 'runtime' || side === undefined) {
      log.runtimeEvents++;
      if (isExec && vpid(event) === '1') log.startSeen = true;
      if (side === undefined) return;
      if (record.side === 'workload') side.addDemands(event, record);
    } else if (call !== undefined) {
      side.add(event, call);
      side.addDemands(event, record);
    }
    if (!this.#counted.has(record)) {
      this.#counted.add(record);
      side.addProcess(record);
    } else if (isExec) side.addProgram(record.exepath);
    if (record.side === 'workload' && (isExec || log.capabilities.size === 0))
      for (const name of effective(event).split(/\s+/))
        if (name !== '') log.capabilities.add(name.toLowerCase().replace(/^cap_/, ''));
  }

  #exit(record: ProcessRecord, event: ScapEvent): void {
    if (event.tid !== record.pid) return;
    const signalNumber = event.u8(2);
    const full = event.paramCount > 2;
    record.exit = {
      code: full && signalNumber === 0 ? event.i64(1) : undefined,
      signal: full && signalNumber !== 0 ? exitSignal(event) : undefined,
      timeNs: event.tsNs,
      event: event.num,
    };
    this.#processes.forget(record.pid);
  }

  /** The event's part in the incidents that its process, or its container, belongs to. */
  #tell(record: ProcessRecord, before: ProcessRecord['side'], label: string, event: ScapEvent): void {
    const act = this.#changesUser(record, event) ?? this.#named(readAct(event));
    const isNetwork = event.fd !== undefined && /^ipv[46]/.test(fdType(event));
    const moves = isNetwork && ((READS[event.code] as boolean) || (WRITES[event.code] as boolean));
    if (record.user === '') this.#readUser(record, event);
    for (const id of record.attackOf) {
      const log = this.incidents.get(id) as IncidentLog;
      if (moves) {
        const bytes = event.i64(0);
        if (bytes > 0) log.addBytes(fdName(event), READS[event.code] ? 'bytesIn' : 'bytesOut', bytes);
      }
      if (act === undefined) continue;
      log.addEntry(act, record, label, event);
      log.addFiles(act, record, event);
      if (act.connection !== undefined)
        log.addConnection(act, record, event, protocol(event), resultText(event));
    }
    if (act === undefined) return;
    this.#touch(record, act);
    this.links.add(record, act, IS_EXEC[event.code] === true && before === record.side, event);
    if (record.attackOf.size === 0) this.#aside(record, act, event);
  }

  #changesUser(record: ProcessRecord, event: ScapEvent): Act | undefined {
    if (!SETS_USER[event.code] || event.i64(0) < 0) return undefined;
    const uid = event.thread?.main?.uid ?? record.uid;
    const from = record.uid;
    if (uid === from) return undefined;
    record.uid = uid;
    record.user = '';
    return {
      kind: 'process',
      rank: uid === 0 ? 3 : 2,
      text: 'changed its user from {1} to {2}',
      values: [String(from), String(uid)],
      ...(uid === 0 ? { word: 'become-root' } : {}),
    };
  }

  #readUser(record: ProcessRecord, event: ScapEvent): void {
    record.user = userName(event) || String(record.uid);
    const login = loginUid(event);
    record.login =
      login === '' || login === '-1' || login === '4294967295' ? undefined : loginName(event) || login;
    for (const id of record.attackOf)
      this.incidents.get(id)?.addUser(record.uid, userName(event), record.login, record, event);
  }

  /** The process that something was done to, by its name too where the story knows it. */
  #named(act: Act | undefined): Act | undefined {
    if (act?.target === undefined) return act;
    const victim = this.#processes.alive(act.target);
    if (victim === undefined) return act;
    const pid = String(act.target);
    return { ...act, values: act.values.map((value) => (value === pid ? `${pid} (${victim.name})` : value)) };
  }

  /** A process that the attack writes into is not the workload any more. */
  #touch(record: ProcessRecord, act: Act): void {
    if (act.target === undefined || record.attackOf.size === 0) return;
    const victim = this.#processes.alive(act.target);
    if (victim !== undefined && victim.side === 'workload') victim.side = 'attack';
  }

  /** What ancestors and the rest of the container did around the alerts. */
  #aside(record: ProcessRecord, act: Act, event: ScapEvent): void {
    const inContainer =
      record.containerId === '' ? undefined : this.#interest.containers.get(record.containerId);
    if (record.ancestorOf.size === 0 && inContainer === undefined) return;
    for (const id of new Set([...record.ancestorOf, ...(inContainer ?? [])])) {
      const interest = this.#interest.incidents.get(id);
      if (interest === undefined || !interest.captures.has(this.#capture)) continue;
      const timeNs = event.tsNs;
      const arrival =
        act.connection?.role === 'accepted' &&
        timeNs <= interest.firstNs &&
        timeNs >= interest.firstNs - ARRIVAL_NS;
      const near = timeNs >= interest.firstNs - AROUND_NS && timeNs <= interest.lastNs + AROUND_NS;
      if (!arrival && (act.rank < 3 || !near)) continue;
      this.incidents.get(id)?.addEntry(act, record, record.name, event);
    }
  }
}
