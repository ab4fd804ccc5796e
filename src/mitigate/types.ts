// One change that would prevent, contain or sharpen: with the artefact, what it costs, how to undo it, and what a
// tool said of it. The level that an artefact reached decides whether it is shown as a fix or as an unchecked proposal.

export const FAMILIES = ['container', 'privileges', 'falco', 'monitoring'] as const;
export type Family = (typeof FAMILIES)[number];

/** The order in which a responder acts. */
export const PHASES = ['preserve', 'contain', 'eradicate', 'recover', 'harden', 'tune', 'watch'] as const;
export type Phase = (typeof PHASES)[number];

/** The check ladder, lowest first. */
export const LEVELS = ['none', 'parsed', 'valid', 'simulated', 'proved'] as const;
export type Level = (typeof LEVELS)[number];

export interface Check {
  /** The tool and its version as it names itself: `apparmor_parser 3.0.8`, `yarak rules loader (Falco engine 0.63.0)`. */
  readonly tool: string;
  readonly version: string;
  /** The level that passing this check proves. */
  readonly level: Exclude<Level, 'none'>;
  readonly result: 'passed' | 'failed' | 'skipped';
  /** The tool's own words, bounded; for `skipped`, why and what to install. */
  readonly output: string;
  /** One sentence: what was asked of the tool. */
  readonly asked: string;
}

export interface Artefact {
  readonly kind:
    | 'kubernetes-manifest'
    | 'kubernetes-patch'
    | 'manifest-diff'
    | 'dockerfile'
    | 'seccomp-profile'
    | 'apparmor-profile'
    | 'selinux-module'
    | 'falco-rules'
    | 'falco-config'
    | 'audit-policy'
    | 'auditd-rules'
    | 'prometheus-rules'
    | 'systemd-unit'
    | 'sysctl'
    | 'sudoers'
    | 'network-policy'
    | 'query'
    | 'command';
  /** A file name to save it under; never a path from the input. */
  readonly filename: string;
  /** `yaml`, `json`, `sh`, `diff`, `dockerfile`, … for highlighting and copying. */
  readonly language: string;
  readonly content: string;
}

export interface Reference {
  /** `CIS Kubernetes 5.2.2`, `NIST SP 800-190 4.4.3`, `ATT&CK M1048`, `D3FEND D3-SCF`, `Pod Security Standards (baseline)`. */
  readonly id: string;
  readonly url?: string;
}

export interface Mitigation {
  readonly id: string;
  readonly family: Family;
  readonly phase: Phase;
  readonly title: string;
  /** The fact that this answers: a sentence, and the facts' ids. */
  readonly why: string;
  /** Attacker-controlled values named in `title`, `why`, `effect`, … as `{0}`, `{1}`, …; renderers escape them. */
  readonly values: readonly string[];
  readonly factIds: readonly string[];
  readonly artefacts: readonly Artefact[];
  /** Where it goes and how it is rolled out. */
  readonly rollout: string;
  /** What it does to this finding: blocked, still detected, no longer alerted, … as checked. */
  readonly effect: string;
  readonly breaks: string;
  readonly rollback: string;
  readonly references: readonly Reference[];
  readonly effort: 'minutes' | 'hours' | 'days';
  readonly checks: readonly Check[];
  /** The highest level that a passed check reached, capped by failures (a failed check means `none`). */
  readonly level: Level;
  /** `offered`: at least `valid`. `proposal`: below `valid`, shown as unchecked. `refused`: no safe one exists; `reason` says why. */
  readonly status: 'offered' | 'proposal' | 'refused';
  readonly reason?: string;
  /** Silencing an alert is a person's decision; so is anything that stops a workload. */
  readonly needsDecision: boolean;
  readonly destructive: boolean;
  /** What only the reader knows, named in the artefact in angle brackets. */
  readonly unknowns: readonly string[];
}
