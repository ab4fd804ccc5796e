// What a capture adds to an incident: where its alerts stand in the recording, and what the recording shows around
// them. Every statement names its event by number (`evt.num` of the capture).

import type { AlertRef } from '../../alerts/index.ts';
import type { Fact, Incident, ProcessNode, TimelineEntry } from '../types.ts';

/** A recording that can be read from its start any number of times. */
export interface CaptureSource {
  /** As reports name it. */
  readonly name: string;
  /** Its bytes, raw or gzip. */
  open(): AsyncIterable<Uint8Array>;
}

/** One capture as it was read. */
export interface CaptureSummary {
  readonly name: string;
  readonly hostname: string | undefined;
  readonly events: number;
  readonly firstNs: bigint | undefined;
  readonly lastNs: bigint | undefined;
  /** Damage that ended the reading early, in the reader's words. */
  readonly damage: string | undefined;
}

export type FileAct = 'read' | 'written' | 'deleted' | 'renamed' | 'mode' | 'owner' | 'linked' | 'run';

/** A file that the incident's processes wrote, deleted or read though it is sensitive. */
export interface CaptureFile {
  readonly path: string;
  /** What was first done to it, by whom, at which event; in order. */
  readonly acts: readonly { readonly act: FileAct; readonly process: string; readonly event: number }[];
  /** What kind of file it is, where it is one that matters: `password-hashes`, `cron`, … */
  readonly sensitive: string | undefined;
  readonly capture: string;
  readonly event: number;
  readonly timeNs: bigint;
  readonly count: number;
}

export interface CaptureConnection {
  readonly role: 'connected' | 'accepted' | 'listened' | 'sent';
  /** `10.0.0.2:5000->203.0.113.7:443`, or the address that was listened on. */
  readonly name: string;
  readonly protocol: string;
  readonly result: string;
  /** Bytes that recorded reads and writes moved; `undefined` where the capture holds none of them. */
  readonly bytesOut: number | undefined;
  readonly bytesIn: number | undefined;
  readonly process: string;
  readonly capture: string;
  readonly event: number;
  readonly timeNs: bigint;
  /** Connections of the same program to the same far end, of which this is the first. */
  readonly count: number;
}

/** A user in whose name the incident's processes ran. */
export interface CaptureUser {
  readonly uid: number;
  readonly name: string | undefined;
  /** Name or number of the login session's user; `undefined`: no login session. */
  readonly login: string | undefined;
  readonly processes: number;
  readonly capture: string;
  readonly event: number;
  readonly timeNs: bigint;
}

/** One kind of call of one side of a container. */
export interface CallCount {
  readonly count: number;
  readonly firstEvent: number;
}

/** Something that a mandatory access control is asked for. */
export type Demand =
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly mode: 'r' | 'w' | 'x' | 'l';
      readonly folder: boolean;
    }
  | { readonly kind: 'network'; readonly family: string; readonly type: string }
  | { readonly kind: 'ptrace' }
  | { readonly kind: 'mount' }
  | { readonly kind: 'capability'; readonly name: string };

export interface SeenDemand {
  readonly demand: Demand;
  readonly count: number;
  readonly capture: string;
  readonly firstEvent: number;
  /** The program that asked first. */
  readonly program: string;
}

/** One side of a container: what its processes did. */
export interface ContainerSide {
  readonly processes: number;
  readonly events: number;
  readonly firstNs: bigint | undefined;
  readonly lastNs: bigint | undefined;
  readonly calls: ReadonlyMap<string, CallCount>;
  readonly demands: readonly SeenDemand[];
  /** Distinct demands that were not kept; above 0 a list of them is not complete. */
  readonly demandsLeftOut: number;
  readonly programs: readonly string[];
}

/** What a container was seen to do, the workload and the attack apart. */
export interface ContainerBehaviour {
  readonly id: string;
  readonly name: string | undefined;
  readonly image: string | undefined;
  readonly privileged: boolean | undefined;
  readonly workload: ContainerSide;
  readonly attack: ContainerSide;
  /** Calls that the runtime made to start processes in it; they are on neither side. */
  readonly runtimeEvents: number;
  /** The container's first process was seen to start. */
  readonly startSeen: boolean;
  /** Effective capabilities of the workload's processes, without `cap_`. */
  readonly capabilities: readonly string[];
  /** Other containers of the same image whose behaviour counts as the workload's too. */
  readonly peers: readonly string[];
  /** Calls that the captures hold of anybody: only of these does it mean something that the workload made none. */
  readonly recordedCalls: readonly string[];
  readonly captures: readonly string[];
}

/** An alert's place in a capture. */
export interface LocatedAlert {
  readonly findingId: string;
  readonly ref: AlertRef;
  readonly capture: string;
  readonly event: number;
}

/** An alert that is in no capture, and why. */
export interface MissingAlert {
  readonly findingId: string;
  readonly ref: AlertRef;
  /** A sentence without its full stop; `{0}`, … stand for `values`. */
  readonly why: string;
  readonly values: readonly string[];
}

/** What the captures hold of one incident. */
export interface CaptureStory {
  readonly captures: readonly CaptureSummary[];
  readonly located: readonly LocatedAlert[];
  readonly missing: readonly MissingAlert[];
  readonly processes: readonly ProcessNode[];
  readonly processesLeftOut: number;
  readonly timeline: readonly TimelineEntry[];
  readonly timelineLeftOut: number;
  readonly files: readonly CaptureFile[];
  readonly filesLeftOut: number;
  readonly connections: readonly CaptureConnection[];
  readonly connectionsLeftOut: number;
  readonly users: readonly CaptureUser[];
  readonly facts: readonly Fact[];
  readonly containers: readonly ContainerBehaviour[];
}

/** An incident with what the captures add to its alerts' fields. */
export interface CaptureReading {
  readonly incident: Incident;
  readonly story: CaptureStory;
}
