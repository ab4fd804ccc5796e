// What happened when: an entry per finding, and for findings that went on for a while their end.

import type { TimelineEntry } from './types.ts';
import type { FindingViews } from './views.ts';

const MAX_ENTRIES = 200;

export function timelineOf(
  findings: readonly FindingViews[],
  extra: readonly TimelineEntry[] = [],
): TimelineEntry[] {
  const entries = findings.flatMap(({ finding, views }): TimelineEntry[] => {
    const view = views[0];
    const what = view?.text('proc.cmdline') || view?.text('ka.verb') || view?.text('fd.name') || '';
    const repeated =
      finding.count > 1 && finding.firstSeenNs !== finding.lastSeenNs && finding.lastSeenNs !== undefined;
    return [
      {
        timeNs: finding.firstSeenNs,
        ...(repeated ? { endNs: finding.lastSeenNs as bigint } : {}),
        kind: finding.source === 'k8s_audit' ? 'audit' : 'alert',
        text: what === '' ? '{0}' : '{0}: {1}',
        values:
          what === ''
            ? [finding.rule ?? 'an alert whose rule is unknown']
            : [finding.rule ?? 'an alert whose rule is unknown', what],
        count: finding.count,
        findingId: finding.id,
      },
    ];
  });
  // At one moment the event comes before the alert about it.
  return [...extra, ...entries]
    .sort((a, b) =>
      a.timeNs === undefined || b.timeNs === undefined
        ? 0
        : a.timeNs < b.timeNs
          ? -1
          : a.timeNs > b.timeNs
            ? 1
            : 0,
    )
    .slice(0, MAX_ENTRIES);
}
