// What triage makes of alerts: findings, incidents, facts, behaviours, evidence and a verdict. Plain data, JSON-safe
// but for bigint times and Maps; the report model turns them into documented JSON.

import type { Alert, AlertRef, FieldValue, Priority } from '../alerts/index.ts';
import type { CaptureStory } from './capture/types.ts';

/** The workload an alert speaks of. `undefined`: not printed. `null`: Falco had no value. */
export interface Workload {
  /** `host` when the alert says so, `container` when it names one, `unknown` otherwise. */
  readonly kind: 'host' | 'container' | 'kubernetes-audit' | 'cloud' | 'unknown';
  readonly containerId?: string;
  readonly containerName?: string;
  /** Image without tag or digest: `docker.io/falcosecurity/falco-driver-loader`. */
  readonly imageRepository?: string;
  readonly imageTag?: string;
  readonly imageDigest?: string;
  readonly namespace?: string;
  readonly pod?: string;
  /** The pod's owner as far as its name shows it, without the hashes that a ReplicaSet or DaemonSet adds. */
  readonly owner?: {
    readonly name: string;
    readonly kind: 'Deployment' | 'DaemonSet' | 'StatefulSet' | 'Job' | 'Pod' | 'unknown';
  };
  readonly node?: string;
}

/** A bounded set of names: `values` holds the first ones, `total` counts all, exact unless `atLeast`. */
export interface Spread {
  readonly values: readonly string[];
  readonly total: number;
  readonly atLeast: boolean;
}

/** All alerts with one fingerprint. */
export interface Finding {
  /** 16 hex digits of the fingerprint's SHA-256. */
  readonly id: string;
  /** What stays the same when the same thing happens again, as readable parts in order. */
  readonly fingerprint: readonly { readonly name: string; readonly value: string }[];
  readonly rule: string | undefined;
  readonly source: string;
  /** The most severe priority among its alerts. */
  readonly priority: Priority;
  readonly tags: readonly string[];
  readonly workload: Workload;
  readonly count: number;
  readonly firstSeenNs: bigint | undefined;
  readonly lastSeenNs: bigint | undefined;
  readonly spread: {
    readonly nodes: Spread;
    readonly pods: Spread;
    readonly images: Spread;
    readonly users: Spread;
  };
  /** References to every raw alert, in order of reading. */
  readonly refs: readonly AlertRef[];
  /** Whole alerts: the first, the last and the fullest ones; bounded. Never empty. */
  readonly samples: readonly Alert[];
}

export interface Incident {
  /** Stable over runs on the same input: from its findings' ids and joining entities. */
  readonly id: string;
  readonly findings: readonly Finding[];
  /** Why these findings belong together, e.g. `{kind: 'container', value: 'f8dc2f5f2c38'}`. */
  readonly joinedBy: readonly {
    readonly kind: 'container' | 'pod' | 'process' | 'host' | 'identity';
    readonly value: string;
  }[];
  readonly firstSeenNs: bigint | undefined;
  readonly lastSeenNs: bigint | undefined;
}

/** One statement about an alert, tied to where it comes from. */
export interface Fact {
  readonly id: string;
  /** One plain sentence without a final stop; attacker text in it stands inside `value`, not here, or quoted as `{value}`. */
  readonly text: string;
  /** Values named in `text` as `{0}`, `{1}`, …: attacker-controlled, escaped by the renderer. */
  readonly values: readonly string[];
  /** Falco field or envelope key: `proc.cmdline`, `container.image.repository`, `rule`, `time`. */
  readonly field: string;
  /** `text`: read from an output line; `derived`: follows from the field by parsing (shell, path, base64). */
  readonly from: 'field' | 'text' | 'derived' | 'capture';
  readonly ref: AlertRef;
}

/** An ATT&CK technique in the version that knowledge names. */
export interface Technique {
  readonly id: string;
  readonly name: string;
  readonly tactics: readonly string[];
}

/** A behaviour that the facts add up to. */
export interface BehaviourMatch {
  readonly id: string;
  readonly title: string;
  readonly severity: 'info' | 'low' | 'medium' | 'high' | 'critical';
  readonly techniques: readonly Technique[];
  /** `unknown`: a missing field decides; those fields are in `missing`. Only `true` ones count in a verdict. */
  readonly truth: 'true' | 'unknown';
  readonly fields: readonly string[];
  readonly missing: readonly string[];
  readonly findingIds: readonly string[];
  readonly questions: readonly Question[];
}

/** A question that would decide, with the command that answers it. */
export interface Question {
  readonly text: string;
  /** Quoted for a POSIX shell; runs as it stands, or names in angle brackets what only the reader knows. */
  readonly command?: string;
  /** What each answer would mean. */
  readonly ifSo?: string;
  readonly ifNot?: string;
}

export const VERDICTS = ['benign', 'likely-benign', 'undetermined', 'likely-malicious', 'malicious'] as const;
export type VerdictWord = (typeof VERDICTS)[number];

/** One named reason. `weight` > 0 speaks for malicious, < 0 for benign; the verdict is their sum and rules, not a mystery. */
export interface Evidence {
  readonly id: string;
  readonly text: string;
  readonly values: readonly string[];
  readonly weight: number;
  readonly fields: readonly string[];
  /** Rests only on fields that an attacker sets at will (proc.name, proc.cmdline, container name): never enough alone. */
  readonly spoofable: boolean;
  readonly findingIds: readonly string[];
}

/** Something the alerts do not show, and how to get it now and next time. */
export interface Missing {
  readonly field: string;
  readonly why: string;
  readonly command?: string;
  /** `append_output` would print it next time. */
  readonly askFor: boolean;
}

export interface Verdict {
  readonly word: VerdictWord;
  /** For `undetermined`: which way the evidence leans. */
  readonly leaning: 'benign' | 'malicious' | 'none';
  readonly evidence: readonly Evidence[];
  readonly missing: readonly Missing[];
  /** One sentence: why this word and not its neighbour. */
  readonly because: string;
  /** The one question that would settle it. */
  readonly decides?: Question;
}

export interface BenignCauseMatch {
  readonly id: string;
  readonly title: string;
  /** `confirmed`: rests on facts an attacker does not control; `claimed`: only looks like it. */
  readonly strength: 'confirmed' | 'claimed';
  readonly held: readonly string[];
  readonly notShown: readonly string[];
  readonly findingIds: readonly string[];
}

/** A process as far as alerts (or a capture) show it. Unknown pids get ids of their own. */
export interface ProcessNode {
  readonly id: string;
  readonly name: string;
  readonly pid?: number;
  readonly exepath?: string;
  readonly cmdline?: string;
  readonly user?: string;
  readonly children: readonly ProcessNode[];
  /** Findings whose alert this process raised. */
  readonly findingIds: readonly string[];
  /** Set when only an ancestor's name is known, from `proc.aname[n]` or `proc.pname`. */
  readonly seenOnlyAsAncestor: boolean;
  /** From a capture: when it was cloned (absent: before the capture), when and how it ended. */
  readonly startNs?: bigint;
  readonly endNs?: bigint;
  readonly exitCode?: number;
  /** The signal that ended it. */
  readonly signal?: string;
  /** First event of the capture that shows it. */
  readonly event?: number;
}

export interface TimelineEntry {
  readonly timeNs: bigint | undefined;
  readonly endNs?: bigint;
  readonly kind: 'alert' | 'process' | 'file' | 'network' | 'audit' | 'health';
  readonly text: string;
  readonly values: readonly string[];
  readonly count: number;
  readonly findingId?: string;
  /** From a capture: which one, the number of the (first) event, and whether attacks are made of such events. */
  readonly capture?: { readonly file: string; readonly event: number; readonly notable: boolean };
}

/** A playbook for a rule or behaviour: what it means, what usually causes it, what to ask, in our own words. */
export interface Playbook {
  readonly rule: string;
  readonly meaning: string;
  readonly benignCauses: readonly string[];
  readonly questions: readonly Question[];
  readonly limits: readonly string[];
}

/** Everything triage says about one incident: the input of mitigation planning and of the report. */
export interface Triage {
  readonly incident: Incident;
  /** Short and in plain words, e.g. `bash labelled a kernel module in falco/falco-driver-loader`. Values as `{0}`. */
  readonly title: { readonly text: string; readonly values: readonly string[] };
  readonly facts: readonly Fact[];
  readonly behaviours: readonly BehaviourMatch[];
  readonly benign: readonly BenignCauseMatch[];
  readonly verdict: Verdict;
  readonly processes: readonly ProcessNode[];
  readonly timeline: readonly TimelineEntry[];
  readonly playbooks: readonly Playbook[];
  /** What captures hold of it; absent when none was read. */
  readonly capture?: CaptureStory;
}

/** Field values by name over an incident's samples, for planners: first non-null wins, with where it was read. */
export interface FieldLookup {
  get(field: string): FieldValue | undefined;
}
