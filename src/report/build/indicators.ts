// What is worth searching for elsewhere: addresses, domains, URLs, files, images, users. Bounded, linear scans.

import { isIP } from 'node:net';
import { type Alert, fieldText } from '../../alerts/index.ts';
import type { Triage } from '../../triage/index.ts';
import type { IncidentReport } from '../model.ts';

type Indicator = IncidentReport['indicators'][number];

const MAX_INDICATORS = 24;
const MAX_SCAN = 8192;
const URLS = /\b(?:https?|ftp|wss?):\/\/[^\s"'`<>|;&(){}\\]{1,1024}/gi;
const DEV_TCP = /\/dev\/(?:tcp|udp)\/([^\s/"'`;|&<>]{1,253})\/(\d{1,5})/g;
const IPV4 = /(?<![\w.-])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])/g;
const DOMAIN = /^(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z]{2,63}$/i;
/** Places where an attacker can write and run, and where files of a package do not live. */
const DROP_PLACES = ['/tmp/', '/var/tmp/', '/dev/shm/', '/run/user/', 'memfd:'];

/** Fields with a command line. */
const COMMANDS = [
  'proc.cmdline',
  'proc.pcmdline',
  'proc.acmdline[2]',
  'proc.acmdline[3]',
  'ka.uri.param[command]',
];
/** Fields with a remote address, without a port. */
const ADDRESSES = ['fd.rip', 'fd.sip', 'fd.cip', 'ka.sourceips', 'ct.srcip'];

function isRemote(address: string): boolean {
  const loopback =
    address.startsWith('127.') || address === '::1' || address === '0.0.0.0' || address === '::';
  return isIP(address) !== 0 && !loopback;
}

function host(name: string, field: string): Indicator | undefined {
  const bare = name.replace(/^\[|\]$/g, '');
  if (isIP(bare) !== 0) return isRemote(bare) ? { kind: 'ip', value: bare, field } : undefined;
  return DOMAIN.test(bare) ? { kind: 'domain', value: bare.toLowerCase(), field } : undefined;
}

function fromCommand(text: string, field: string): Indicator[] {
  const out: (Indicator | undefined)[] = [];
  const scanned = text.slice(0, MAX_SCAN);
  for (const match of scanned.matchAll(URLS)) {
    if (!URL.canParse(match[0])) continue;
    const url = new URL(match[0]);
    out.push({ kind: 'url', value: match[0], field }, host(url.hostname, field));
  }
  for (const match of scanned.matchAll(DEV_TCP)) out.push(host(match[1] as string, field));
  for (const match of scanned.matchAll(IPV4)) out.push(host(match[0], field));
  return out.filter((item) => item !== undefined);
}

function fromAlert(alert: Alert): Indicator[] {
  const out: Indicator[] = [];
  for (const field of COMMANDS) {
    const text = fieldText(alert, field);
    if (text !== undefined) out.push(...fromCommand(text, field));
  }
  for (const field of ADDRESSES) {
    const address = fieldText(alert, field);
    if (address !== undefined && isRemote(address)) out.push({ kind: 'ip', value: address, field });
  }
  const connection = fieldText(alert, 'fd.name');
  if (connection !== undefined) {
    const server = /->(.+):(\d{1,5})$/.exec(connection.slice(0, 200))?.[1];
    const remote = server === undefined ? undefined : host(server, 'fd.name');
    if (remote !== undefined) out.push(remote);
    if (DROP_PLACES.some((place) => connection.startsWith(place)))
      out.push({ kind: 'file', value: connection, field: 'fd.name' });
  }
  const exe = fieldText(alert, 'proc.exepath');
  const dropped = alert.fields.get('proc.is_exe_upper_layer') === true;
  if (exe !== undefined && (dropped || DROP_PLACES.some((place) => exe.startsWith(place))))
    out.push({ kind: 'file', value: exe, field: 'proc.exepath' });
  const repository = fieldText(alert, 'container.image.repository');
  if (repository !== undefined) {
    const tag = fieldText(alert, 'container.image.tag');
    const image = tag === undefined ? repository : `${repository}:${tag}`;
    out.push({ kind: 'image', value: image, field: 'container.image.repository' });
  }
  const digest = fieldText(alert, 'container.image.digest');
  if (digest !== undefined) out.push({ kind: 'hash', value: digest, field: 'container.image.digest' });
  for (const field of ['ka.user.name', 'ct.user', 'user.loginname', 'user.name']) {
    const user = fieldText(alert, field);
    if (user !== undefined && user !== 'root' && !/^\d+$/.test(user))
      out.push({ kind: 'user', value: user, field });
  }
  return out;
}

/** Indicators of an incident, each once, network and files first. */
export function indicators(triage: Triage): Indicator[] {
  const order = ['url', 'ip', 'domain', 'file', 'hash', 'image', 'user'];
  const seen = new Map<string, Indicator>();
  for (const finding of triage.incident.findings) {
    for (const alert of finding.samples) {
      for (const item of fromAlert(alert)) {
        const key = `${item.kind} ${item.value}`;
        if (!seen.has(key)) seen.set(key, item);
      }
    }
  }
  return [...seen.values()]
    .sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
    .slice(0, MAX_INDICATORS);
}
