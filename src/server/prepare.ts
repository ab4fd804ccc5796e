// From an alert to what the store keeps: identity, finding, entities, and the texts that lists and searches need.

import { hash } from 'node:crypto';
import { type Alert, fieldText, fingerprintKey, fingerprintParts, PRIORITIES } from '../alerts/index.ts';
import type { NewAlert } from '../store/index.ts';
import { entitiesOf, stableWorkload, workloadOf } from '../triage/index.ts';

const MAX_TITLE = 200;
const MAX_ENTITY = 300;

/**
 * The same for the same alert, however often and by whichever way it comes: Falco's own post and falcosidekick's differ
 * in bytes but not in host, time, rule and output. The time stands in front, so that ids of alerts that come together
 * lie together in the database's index.
 */
function identity(alert: Alert): string {
  const { timeNs } = alert;
  if (timeNs === undefined) return hash('sha256', alert.raw, 'hex').slice(0, 32);
  const parts = [alert.hostname ?? '', String(timeNs), alert.source, alert.rule ?? '', alert.output];
  const time = BigInt.asUintN(64, timeNs).toString(16).padStart(16, '0');
  return time + hash('sha256', parts.join('\0'), 'hex').slice(0, 16);
}

function plainTitle(alert: Alert, where: string): string {
  const what = fieldText(alert, 'proc.cmdline') ?? fieldText(alert, 'ka.verb') ?? alert.rule ?? 'an alert';
  const text = `${alert.rule ?? 'Rule unknown'}: ${what}${where === '' ? '' : ` in ${where}`}`;
  return text.length <= MAX_TITLE ? text : `${text.slice(0, MAX_TITLE - 1).toWellFormed()}…`;
}

/** PostgreSQL can hold neither NUL nor half a character, and would refuse the whole commit; nothing else is changed. */
const replaced = (text: string): string => text.replaceAll('\0', '\ufffd').toWellFormed();
const asItIs = (text: string): string => text;
/** A value can hold either only where the record does, as itself or as an escape. */
const SUSPECT = /\0|\\u(?:0000|[dD][89a-fA-F])/;

export function prepareAlert(alert: Alert, receivedUs: number): NewAlert {
  const storable = SUSPECT.test(alert.raw) ? replaced : asItIs;
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
    finding: {
      // `fingerprintId` as Node computes it, in a tenth of the time.
      id: hash('sha256', fingerprintKey(parts), 'hex').slice(0, 16),
      fingerprint:
        storable === asItIs ? parts : parts.map(({ name, value }) => ({ name, value: storable(value) })),
      tags: alert.tags.map(storable),
      workload:
        storable === asItIs
          ? workload
          : (JSON.parse(JSON.stringify(workload), (_, value: unknown) =>
              typeof value === 'string' ? storable(value) : value,
            ) as typeof workload),
      title: storable(plainTitle(alert, where)),
    },
    entities: entitiesOf(alert).map(({ kind, value }) =>
      storable(`${kind}:${value}`).slice(0, MAX_ENTITY).toWellFormed(),
    ),
  };
}
