// What was seen, as STIX cyber-observable objects. Only values that are what they claim to be: an address that does
// not parse, or a URL that is none, stays out.

import { isIP } from 'node:net';
import type { Alert } from '../../alerts/index.ts';
import type { IncidentReport } from '../model.ts';
import { objectId, observableId } from './ids.ts';

/** A STIX object: JSON with the common properties. */
export interface StixObject {
  readonly type: string;
  readonly id: string;
  readonly spec_version: '2.1';
  readonly [property: string]: unknown;
}

type Indicator = IncidentReport['indicators'][number];

const DOMAIN = /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}$/i;

/** RFC 3986 with an authority and none of the characters that it wants percent-encoded. */
const URI = /^[a-z][a-z0-9+.-]*:\/\/(?:[\w.~:/?#@!$&'()*+,;=-]|%[0-9a-f]{2})+$/i;

function sco(
  type: string,
  contributing: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
): StixObject {
  return { type, spec_version: '2.1', id: observableId(type, contributing), ...contributing, ...more };
}

/** A string literal of a STIX pattern. */
function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** The observable of an indicator and the pattern that finds it again; `undefined` where STIX has none. */
export function indicatorObservable(
  item: Indicator,
): { readonly observable: StixObject; readonly pattern: string } | undefined {
  const value = item.value.toWellFormed();
  if (item.kind === 'ip') {
    const version = isIP(value);
    if (version === 0) return undefined;
    const type = version === 4 ? 'ipv4-addr' : 'ipv6-addr';
    return { observable: sco(type, { value }), pattern: `[${type}:value = ${literal(value)}]` };
  }
  if (item.kind === 'domain') {
    if (!DOMAIN.test(value)) return undefined;
    return { observable: sco('domain-name', { value }), pattern: `[domain-name:value = ${literal(value)}]` };
  }
  if (item.kind === 'url') {
    if (!URI.test(value) || !URL.canParse(value)) return undefined;
    return { observable: sco('url', { value }), pattern: `[url:value = ${literal(value)}]` };
  }
  if (item.kind === 'file') {
    const name = value.slice(value.lastIndexOf('/') + 1);
    if (name === '') return undefined;
    return { observable: sco('file', { name }), pattern: `[file:name = ${literal(name)}]` };
  }
  if (item.kind === 'hash') {
    const hex = /^(?:sha256:)?([0-9a-f]{64})$/.exec(value)?.[1];
    if (hex === undefined || item.field.startsWith('container.')) return undefined;
    return {
      observable: sco('file', { hashes: { 'SHA-256': hex } }),
      pattern: `[file:hashes.'SHA-256' = '${hex}']`,
    };
  }
  if (item.kind === 'user') {
    return {
      observable: sco('user-account', { account_login: value }),
      pattern: `[user-account:account_login = ${literal(value)}]`,
    };
  }
  return {
    observable: sco('software', { name: value }),
    pattern: `[software:name = ${literal(value)}]`,
  };
}

function text(alert: Alert, field: string): string | undefined {
  const value = alert.fields.get(field);
  return typeof value === 'string' && value !== '' ? value.toWellFormed() : undefined;
}

/**
 * The process of an alert, with its executable and its user. A process has no id-contributing properties in STIX;
 * its id comes from the incident and the place of the record.
 */
export function processObservables(alert: Alert, incidentId: string): StixObject[] {
  const out: StixObject[] = [];
  const commandLine = text(alert, 'proc.cmdline') ?? text(alert, 'proc.name');
  if (commandLine === undefined) return out;
  const exepath = text(alert, 'proc.exepath') ?? text(alert, 'proc.name');
  const name = exepath?.slice(exepath.lastIndexOf('/') + 1);
  const binary = name === undefined || name === '' ? undefined : sco('file', { name });
  const login = text(alert, 'user.name');
  const user = login === undefined ? undefined : sco('user-account', { account_login: login });
  const pid = alert.fields.get('proc.pid');
  const cwd = text(alert, 'proc.cwd');
  if (binary !== undefined) out.push(binary);
  if (user !== undefined) out.push(user);
  out.push({
    type: 'process',
    spec_version: '2.1',
    id: objectId('process', incidentId, alert.ref.file, String(alert.ref.line)),
    command_line: commandLine,
    ...(typeof pid === 'number' && Number.isSafeInteger(pid) ? { pid } : {}),
    ...(cwd === undefined ? {} : { cwd }),
    ...(binary === undefined ? {} : { image_ref: binary.id }),
    ...(user === undefined ? {} : { creator_user_ref: user.id }),
  });
  return out;
}
