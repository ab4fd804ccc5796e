// Prometheus Alertmanager, API v2. Labels identify the finding (so that Alertmanager groups and inhibits by them), and
// hold nothing that changes from alert to alert; what a person reads is in the annotations.

import { visible } from '../../base/escape/visible.ts';
import { post } from '../http.ts';
import type { Notice, Notices, Target } from '../notice.ts';

const SEVERITY: Readonly<Record<string, string>> = {
  malicious: 'critical',
  'likely-malicious': 'critical',
  undetermined: 'warning',
  'likely-benign': 'info',
  benign: 'info',
};
/** Alertmanager resolves what is not sent again; a finding stays up for this long after it was last seen. */
const HOLD_MS = 15 * 60_000;

/** The alerts as Alertmanager takes them. */
export function alertmanagerAlerts(notices: Notices): object[] {
  return notices.map((notice: Notice) => ({
    labels: {
      alertname: visible(notice.rule) || 'Falco',
      severity: SEVERITY[notice.verdict] ?? 'warning',
      verdict: notice.verdict,
      finding: notice.findingId,
      priority: notice.priority,
      ...(notice.namespace === '' ? {} : { namespace: visible(notice.namespace) }),
      ...(notice.workload === '' ? {} : { workload: visible(notice.workload) }),
    },
    annotations: {
      summary: visible(notice.title),
      description: visible(
        `${notice.count} alerts, ${notice.firstSeen} to ${notice.lastSeen}. ${notice.doNow}`,
      ),
      node: visible(notice.node),
    },
    startsAt: notice.firstSeen,
    endsAt: new Date(Date.parse(notice.lastSeen) + HOLD_MS).toISOString(),
    ...(notice.url === undefined ? {} : { generatorURL: notice.url }),
  }));
}

/** `url` is Alertmanager's base, such as `http://alertmanager:9093`. */
export function alertmanagerTarget(
  name: string,
  options: { readonly url: string; readonly token?: string; readonly ca?: string },
): Target {
  const url = `${options.url.replace(/\/+$/, '')}/api/v2/alerts`;
  return {
    name,
    send: (notices) =>
      post({
        url,
        headers: {
          'content-type': 'application/json',
          ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
        },
        body: JSON.stringify(alertmanagerAlerts(notices)),
        ...(options.ca === undefined ? {} : { ca: options.ca }),
      }),
    close: async () => {},
  };
}
