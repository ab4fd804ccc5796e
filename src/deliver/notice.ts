// What is told: one finding, in plain data. Every value in it may have been written by an attacker; each target escapes
// for its own medium.

import type { VerdictWord } from '../triage/index.ts';

export interface Notice {
  readonly findingId: string;
  readonly incidentId: string;
  readonly title: string;
  readonly verdict: VerdictWord;
  /** Falco's name for it: `Warning`. */
  readonly priority: string;
  readonly rule: string;
  readonly tags: readonly string[];
  readonly namespace: string;
  readonly workload: string;
  readonly node: string;
  readonly count: number;
  /** ISO 8601, UTC. */
  readonly firstSeen: string;
  readonly lastSeen: string;
  /** The one thing to do now. */
  readonly doNow: string;
  /** The incident's page, when the service knows its own address. */
  readonly url: string | undefined;
  /** One alert as Falco sent it, secrets redacted: what falcosidekick and webhooks pass on. */
  readonly sample: string;
}

/** Several findings of one group, told in one message. Never empty; the worst verdict first. */
export type Notices = readonly [Notice, ...Notice[]];

/** A send that failed. `retryable: false` goes to the dead letters at once. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  readonly retryable: boolean;
  /** What the other side asked for (`Retry-After`), in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    options: ErrorOptions & { readonly retryable: boolean; readonly retryAfterMs?: number },
  ) {
    super(message, options);
    this.retryable = options.retryable;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** A place that notices go to. */
export interface Target {
  readonly name: string;
  /** Resolves once the other side took the message; rejects with `DeliveryError`. */
  send(notices: Notices): Promise<void>;
  close(): Promise<void>;
}

export const VERDICT_MARK: Readonly<Record<VerdictWord, string>> = {
  malicious: '▲',
  'likely-malicious': '▲',
  undetermined: '◆',
  'likely-benign': '○',
  benign: '○',
};

/** One line for subjects and lists; still unescaped. */
export function headline(notice: Notice): string {
  const where = notice.namespace === '' ? notice.workload : `${notice.namespace}/${notice.workload}`;
  return `${VERDICT_MARK[notice.verdict]} ${notice.verdict}: ${notice.title}${where === '' || where === '/' ? '' : ` (${where})`}`;
}
