// The source okta as Falco's okta plugin reads it: one entry of the System Log. Texts that are not there are empty.
// [Q] marks the plugin's quirks.

import { PLUGIN_VERSIONS } from '../../../detect/fields/index.ts';
import { builtInFields, defineJsonSource } from '../define.ts';
import { type JsonEvent, type JsonRecord, own } from '../event.ts';
import { type Extraction, indexOf } from '../extract.ts';
import { follow } from '../pointer.ts';
import type { JsonField } from '../source.ts';

const text = (path: string): Extraction => ({ path, otherwise: '' });
const principal = (key: string): Extraction => text(`/debugContext/debugData/originalPrincipal/${key}`);
/** Of several targets of a kind, the last. */
const target = (type: string, key: string): Extraction => ({
  path: `/target/[type=${type}]/${key}`,
  take: 'last',
});

const textAt = (record: JsonRecord, ...steps: string[]): string => {
  const value = follow(record, steps);
  return typeof value === 'string' ? value : '';
};

/** The application in a request URI `/app/NAME/…`. */
const app: JsonField = (record) => {
  const uri = textAt(record, 'debugContext', 'debugData', 'requestUri');
  return uri.startsWith('/app/') ? uri.split('/')[2] : undefined;
};

const targetNames: JsonField = (record, arg) => {
  const targets = own(record, 'target');
  if (!Array.isArray(targets) || targets.length === 0) return undefined;
  const names = targets.map((one) => {
    const name = own(one, 'displayName');
    return typeof name === 'string' ? name : '';
  });
  return arg === undefined ? `(${names.join(',')})` : names[indexOf(arg) ?? names.length];
};

const MAX_ACTORS = 10_000;
const MAX_TIMES = 200;
const EXPIRES_NS = 84_600_000_000_000n;

/** Kind of second-factor event and actor; `undefined` for other events. */
function factorKey(record: JsonRecord): string | undefined {
  const type = textAt(record, 'eventType');
  const counted =
    type === 'user.mfa.okta_verify.deny_push' ||
    (type === 'user.authentication.auth_via_mfa' && textAt(record, 'outcome', 'result') === 'FAILURE');
  return counted ? `${type}:${textAt(record, 'actor', 'id')}` : undefined;
}

function observe({ record, timeNs, memory }: JsonEvent): void {
  const key = factorKey(record);
  if (key === undefined) return;
  const before = (memory.get(key) as readonly bigint[] | undefined) ?? [];
  const last = before[before.length - 1];
  const times =
    last !== undefined && timeNs - last > EXPIRES_NS ? [] : before.filter((time) => time !== timeNs);
  memory.delete(key);
  memory.set(key, [...times, timeNs].slice(-MAX_TIMES));
  if (memory.size > MAX_ACTORS) memory.delete(memory.keys().next().value as string);
}

/** [Q] Both count the events of the present one's own kind, whichever of the two is asked. */
const countLast: JsonField = (record, arg, { timeNs, memory }) => {
  const key = factorKey(record);
  const seconds = indexOf(arg);
  if (key === undefined || seconds === undefined) return undefined;
  const times = (memory.get(key) as readonly bigint[] | undefined) ?? [];
  const oldest = timeNs - BigInt(seconds) * 1_000_000_000n;
  return times.filter((time) => time > oldest).length;
};

export const OKTA = defineJsonSource({
  name: 'okta',
  plugin: 'okta',
  version: PLUGIN_VERSIONS['okta'] as string,
  description: 'Okta System Log: what the endpoint /api/v1/logs gives, one entry a line or as an array',
  accept: [
    ['/eventType', '/actor', '/published'],
    ['/eventType', '/actor', '/uuid'],
  ],
  time: ['/published'],
  observe,
  fields: builtInFields('okta', {
    'okta.app': app,
    'okta.behaviors': text('/debugContext/debugData/behaviors'),
    // A setting of the plugin; nothing in the entry says it.
    'okta.org': { value: '' },
    'okta.evt.type': text('/eventType'),
    'okta.evt.legacytype': text('/legacyEventType'),
    'okta.severity': text('/severity'),
    'okta.message': text('/displayMessage'),
    'okta.published': text('/published'),
    'okta.logonlysecuritydata': text('/debugContext/debugData/logOnlySecurityData'),
    'okta.actor.id': text('/actor/id'),
    'okta.actor.Type': text('/actor/type'),
    'okta.actor.alternateid': text('/actor/alternateId'),
    'okta.actor.name': text('/actor/displayName'),
    'okta.client.zone': text('/client/zone'),
    'okta.client.ip': text('/client/ipAddress'),
    'okta.client.device': text('/client/device'),
    'okta.client.id': text('/client/id'),
    'okta.client.geo.city': text('/client/geographicalContext/city'),
    'okta.client.geo.state': text('/client/geographicalContext/state'),
    'okta.client.geo.country': text('/client/geographicalContext/country'),
    'okta.client.geo.postalcode': text('/client/geographicalContext/postalCode'),
    'okta.client.geo.lat': { path: '/client/geographicalContext/geolocation/lat', otherwise: '0' },
    // [Q] Under a key that Okta does not write.
    'okta.client.geo.lon': { path: '/client/geographicalContext/geolocation/lonDe', otherwise: '0' },
    'okta.useragent.os': text('/client/userAgent/os'),
    'okta.useragent.browser': text('/client/userAgent/browser'),
    'okta.useragent.raw': text('/client/userAgent/rawUserAgent'),
    'okta.result': text('/outcome/result'),
    'okta.reason': text('/outcome/reason'),
    'okta.transaction.id': text('/transaction/id'),
    'okta.transaction.type': text('/transaction/type'),
    'okta.requesturi': text('/debugContext/debugData/requestUri'),
    'okta.principal.id': principal('id'),
    'okta.principal.alternateid': principal('alternateId'),
    'okta.principal.type': principal('type'),
    'okta.principal.name': principal('displayName'),
    'okta.authentication.step': { path: '/authenticationContext/authenticationStep', otherwise: '0' },
    'okta.authentication.sessionid': text('/authenticationContext/externalSessionId'),
    'okta.authentication.provider': text('/authenticationContext/authenticationProvider'),
    'okta.authentication.credentialprovider': text('/authenticationContext/credentialProvider'),
    'okta.security.asnumber': { path: '/securityContext/asNumber', otherwise: '0' },
    'okta.security.asorg': text('/securityContext/asOrg'),
    'okta.security.isp': text('/securityContext/isp'),
    'okta.security.domain': text('/securityContext/domain'),
    'okta.security.isproxy': text('/securityContext/isProxy'),
    'okta.target.user.id': target('User', 'id'),
    'okta.target.user.alternateid': target('User', 'alternateId'),
    'okta.target.user.name': target('User', 'displayName'),
    'okta.target.group.id': target('UserGroup', 'id'),
    'okta.target.group.alternateid': target('UserGroup', 'alternateId'),
    'okta.target.group.name': target('UserGroup', 'displayName'),
    'okta.target.app.alternateid': target('AppInstance', 'alternateId'),
    'okta.targets.displayName': targetNames,
    'okta.mfa.failure.countlast': countLast,
    'okta.mfa.deny.countlast': countLast,
  }),
});
