// From an alert to what the store keeps: identity, finding, entities, and the texts that lists and searches need.

import { createHash } from 'node:crypto';
import { type Alert, fieldText, fingerprintId, fingerprintParts, PRIORITIES } from '../alerts/index.ts';
import type { NewAlert } from '../store/index.ts';
import { entitiesOf, stableWorkload, workloadOf } from '../triage/index.ts';

const MAX_TITLE = 200;
const MAX_ENTITY = 300;

/**
 * The same for the same alert, however often and by whichever way it comes: Falco's own post and falcosidekick's differ
 * in bytes but not in host, time, rule and output.
 */
function identity(alert: Alert): string {
  const parts =
    alert.timeNs === undefined
      ? [alert.raw]
      : [alert.hostname ?? '', String(alert.timeNs), alert.source, alert.rule ?? '', alert.output];
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 32);
}

function plainTitle(alert: Alert, where: string): string {
  const what = fieldText(alert, 'proc.cmdline') ?? fieldText(alert, 'ka.verb') ?? alert.rule ?? 'an alert';
  const text = `${alert.rule ?? 'Rule unknown'}: ${what}${where === '' ? '' : ` in ${where}`}`;
  return text.length <= MAX_TITLE ? text : `${text.slice(0, MAX_TITLE - 1)}…`;
}

/** PostgreSQL's text cannot hold NUL; nothing else is changed. */
const storable = (text: string): string => text.replaceAll('\0', '\ufffd');

export function prepareAlert(alert: Alert, receivedUs: number): NewAlert {
  const workload = workloadOf(alert);
  const parts = fingerprintParts(alert, stableWorkload(workload));
  const owner =
    workload.owner?.name ?? workload.imageRepository ?? workload.containerName ?? workload.node ?? '';
  const where = workload.namespace === undefined ? owner : `${workload.namespace}/${owner}`;
  const rank = alert.priority === 'unknown' ? PRIORITIES.length : PRIORITIES.indexOf(alert.priority);
  return {
    id: identity(alert),
    raw: storable(alert.raw),
    // A clock that is wrong by decades must not push an alert out of every list's sight: it is kept as it is.
    timeUs: alert.timeNs === undefined ? receivedUs : Number(alert.timeNs / 1000n),
    receivedUs,
    rule: storable(alert.rule ?? ''),
    source: storable(alert.source),
    priority: rank,
    hostname: storable(alert.hostname ?? ''),
    namespace: storable(workload.namespace ?? ''),
    pod: storable(workload.pod ?? ''),
    image: storable(workload.imageRepository ?? ''),
    user: storable(fieldText(alert, 'user.name') ?? fieldText(alert, 'ka.user.name') ?? ''),
    text: storable(`${alert.rule ?? ''} ${alert.output} ${alert.hostname ?? ''}`),
    finding: {
      id: fingerprintId(parts),
      fingerprint: parts.map(({ name, value }) => ({ name, value: storable(value) })),
      tags: alert.tags.map(storable),
      workload: JSON.parse(storable(JSON.stringify(workload))) as typeof workload,
      title: storable(plainTitle(alert, where)),
    },
    entities: entitiesOf(alert).map(({ kind, value }) => storable(`${kind}:${value}`).slice(0, MAX_ENTITY)),
  };
}
