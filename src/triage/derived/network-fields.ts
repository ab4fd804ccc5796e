// The far end of an alert's connection and how far away it is.

import type { AlertView } from './view.ts';

export type Reach = 'loopback' | 'metadata' | 'link-local' | 'private' | 'public';

/** The peer as `{address, port}`: from `fd.rip`/`fd.sip`, else from `fd.name` (`a:p->b:p`). */
export function peer(view: AlertView): { address: string; port: string } | undefined {
  const name = view.text('fd.name') || view.text('evt.arg.tuple');
  const arrow = name.indexOf('->');
  const pair = arrow >= 0 ? endpoint(name.slice(arrow + 2)) : undefined;
  const address = view.text('fd.rip') || pair?.address || view.text('fd.sip');
  if (address === '' || address.startsWith('/')) return undefined;
  return { address, port: view.text('fd.rport') || pair?.port || view.text('fd.sport') };
}

function endpoint(text: string): { address: string; port: string } | undefined {
  const at = text.lastIndexOf(':');
  if (at <= 0) return undefined;
  const address = text
    .slice(0, at)
    .replace(/^::ffff:/, '')
    .replace(/^\[|\]$/g, '');
  return /^[0-9a-fA-F.:]+$/.test(address)
    ? { address, port: text.slice(at + 1).replace(/\D.*$/s, '') }
    : undefined;
}

/** How far an address is; names that are no addresses have no reach. */
export function reachOf(address: string): Reach | undefined {
  if (
    address === '169.254.169.254' ||
    address === 'fd00:ec2::254' ||
    address === '169.254.170.2' ||
    address === '100.100.100.200'
  )
    return 'metadata';
  if (/^127\.|^::1$|^localhost$|^0\.0\.0\.0$/.test(address)) return 'loopback';
  if (/^169\.254\.|^fe80:/i.test(address)) return 'link-local';
  if (
    /^10\.|^192\.168\.|^172\.(?:1[6-9]|2\d|3[01])\.|^100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|^f[cd][0-9a-f]{2}:/i.test(
      address,
    )
  )
    return 'private';
  return /^(?:\d{1,3}\.){3}\d{1,3}$|^[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}$/i.test(address)
    ? 'public'
    : undefined;
}
