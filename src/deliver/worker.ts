// Empties the outbox: takes what is due, groups it, sends it, tries again with growing pauses, and gives up visibly.

import type { Notice, Notices, Target } from './notice.ts';
import { DeliveryError } from './notice.ts';

/** What the worker needs of the store (store/types.ts has it whole). */
export interface Outbox {
  claimOutbox(atUs: number, leaseUs: number, limit: number): Promise<readonly OutboxEntry[]>;
  settleOutbox(
    id: string,
    outcome: { readonly status: 'pending' | 'sent' | 'dead'; readonly dueUs: number; readonly error: string },
  ): Promise<void>;
}
export interface OutboxEntry {
  readonly id: string;
  readonly route: string;
  readonly payload: string;
  readonly attempts: number;
}
/** An outbox payload. */
export interface Queued {
  readonly target: string;
  readonly group: string;
  readonly notice: Notice;
}

export interface WorkerOptions {
  readonly outbox: Outbox;
  readonly targets: ReadonlyMap<string, Target>;
  readonly nowUs: () => number;
  readonly onOutcome: (route: string, outcome: 'sent' | 'retry' | 'dead', error?: string) => void;
}

const LEASE_US = 120 * 1_000_000;
const BATCH = 200;
const MAX_ATTEMPTS = 12;
const FIRST_PAUSE_MS = 5000;
const MAX_PAUSE_MS = 30 * 60_000;

/** Pause before attempt `attempts + 1`: doubles from 5 s to half an hour, about 2.5 hours over twelve attempts. */
export const pauseMs = (attempts: number): number =>
  Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempts - 1));

const rank = (notice: Notice): number =>
  ['malicious', 'likely-malicious', 'undetermined', 'likely-benign', 'benign'].indexOf(notice.verdict);

/** One round over what is due; returns how many entries it took. */
export async function deliverDue(options: WorkerOptions): Promise<number> {
  const { outbox, nowUs } = options;
  const entries = await outbox.claimOutbox(nowUs(), LEASE_US, BATCH);
  const groups = Map.groupBy(
    entries.map((entry) => ({ entry, queued: JSON.parse(entry.payload) as Queued })),
    ({ queued }) => queued.group,
  );
  // Groups in parallel: one target that hangs does not hold up the others.
  await Promise.all([...groups.values()].map((group) => deliverGroup(options, group)));
  return entries.length;
}

async function deliverGroup(
  { outbox, targets, nowUs, onOutcome }: WorkerOptions,
  group: readonly { readonly entry: OutboxEntry; readonly queued: Queued }[],
): Promise<void> {
  const [head] = group as [(typeof group)[0], ...(typeof group)[0][]];
  const settle = async (status: 'pending' | 'sent' | 'dead', dueUs: number, error: string): Promise<void> => {
    for (const { entry } of group) await outbox.settleOutbox(entry.id, { status, dueUs, error });
  };
  const target = targets.get(head.queued.target);
  if (target === undefined) {
    const error = `The configuration has no target called ${head.queued.target} any more.`;
    await settle('dead', 0, error);
    return onOutcome(head.entry.route, 'dead', error);
  }
  const notices = group
    .map(({ queued }) => queued.notice)
    .sort((a, b) => rank(a) - rank(b)) as unknown as Notices;
  try {
    await target.send(notices);
  } catch (cause) {
    const error =
      cause instanceof DeliveryError
        ? cause
        : new DeliveryError((cause as Error).message, { retryable: true, cause });
    const attempts = Math.max(...group.map(({ entry }) => entry.attempts));
    if (!error.retryable || attempts >= MAX_ATTEMPTS) {
      await settle('dead', 0, error.message);
      return onOutcome(head.entry.route, 'dead', error.message);
    }
    const pause = Math.max(pauseMs(attempts), error.retryAfterMs ?? 0);
    await settle('pending', nowUs() + pause * 1000, error.message);
    return onOutcome(head.entry.route, 'retry', error.message);
  }
  await settle('sent', 0, '');
  onOutcome(head.entry.route, 'sent');
}
