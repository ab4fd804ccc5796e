// Fields of a socket's two ends. The client end is `sip`/`sport` of the descriptor, the server end `dip`/`dport`; a
// listening socket has one end, kept in `sip`/`sport`. Which end is local is told by the machine's interfaces, or by
// the container's address.

import type { ScapEvent } from '../event.ts';
import type { FdInfo } from '../state/fd-info.ts';
import { formatIpv4, formatIpv6 } from '../state/sockets.ts';
import type { Thread } from '../state/thread.ts';
import { FdKind } from '../state/types.ts';
import { type Family, type FieldSource, NEVER } from './define.ts';
import { ofFd } from './fd-access.ts';

const isConnectedPair = (fd: FdInfo): boolean => fd.kind === FdKind.ipv4 || fd.kind === FdKind.ipv6;
const isListening = (fd: FdInfo): boolean => fd.kind === FdKind.ipv4Server || fd.kind === FdKind.ipv6Server;
const isIpv4 = (fd: FdInfo): boolean => fd.kind === FdKind.ipv4 || fd.kind === FdKind.ipv4Server;

function sourceIp(fd: FdInfo): string {
  return isIpv4(fd) ? formatIpv4(fd.sip) : formatIpv6(fd.sip6 ?? UNSPECIFIED);
}

function peerIp(fd: FdInfo): string {
  return isIpv4(fd) ? formatIpv4(fd.dip) : formatIpv6(fd.dip6 ?? UNSPECIFIED);
}

const UNSPECIFIED = new Uint8Array(16);

function clientIp(fd: FdInfo): string | undefined {
  return isConnectedPair(fd) && !fd.hasNoRole ? sourceIp(fd) : undefined;
}

function serverIp(fd: FdInfo): string | undefined {
  if (fd.hasNoRole) return undefined;
  if (isConnectedPair(fd)) return peerIp(fd);
  return isListening(fd) ? sourceIp(fd) : undefined;
}

function clientPort(fd: FdInfo): number | undefined {
  return isConnectedPair(fd) && !fd.hasNoRole ? fd.sport : undefined;
}

function serverPort(fd: FdInfo): number | undefined {
  if (isListening(fd)) return fd.sport;
  return isConnectedPair(fd) && !fd.hasNoRole ? fd.dport : undefined;
}

/** Whether an end has an address of this machine, or of the thread's container. */
function isLocal(event: ScapEvent, thread: Thread, fd: FdInfo, isSource: boolean): boolean {
  if (!isIpv4(fd)) {
    const address = (isSource ? fd.sip6 : fd.dip6) ?? UNSPECIFIED;
    // Falco takes an end that is not known yet for one of the machine's.
    if (address.every((byte) => byte === 0)) return true;
    return event.state.interfaces.v6.some((each) => each.address.every((byte, at) => byte === address[at]));
  }
  const address = isSource ? fd.sip : fd.dip;
  const { containers } = event.state;
  const container = containers.get(event.state.containerId(thread));
  if (container !== undefined) {
    const text = formatIpv4(address);
    if (container.ip !== '' && container.ip !== '0.0.0.0') return container.ip === text;
    for (const each of containers.values()) if (each.ip === text) return true;
  }
  return event.state.isLocal4(address);
}

/** Connected sockets with a role only: is the client end (`sip`) the local one? */
function ofEnds(
  readSource: (fd: FdInfo) => string | number,
  readPeer: (fd: FdInfo) => string | number,
  wantsLocal: boolean,
): FieldSource {
  return ofFd((fd, event, thread) => {
    if (!isConnectedPair(fd) || fd.hasNoRole) return undefined;
    return isLocal(event, thread, fd, true) === wantsLocal ? readSource(fd) : readPeer(fd);
  });
}

const sourcePort = (fd: FdInfo): number => fd.sport;
const peerPort = (fd: FdInfo): number => fd.dport;

const localIp = ofEnds(sourceIp, peerIp, true);
const remoteIp = ofEnds(sourceIp, peerIp, false);

/** Every end, for checks that look at both. `[]`: a descriptor, but no IP socket. */
function ofEitherEnd<T extends string | number>(
  source: (fd: FdInfo) => T,
  peer: (fd: FdInfo) => T,
): FieldSource {
  return ofFd((fd) => {
    if (isConnectedPair(fd)) return [source(fd), peer(fd)];
    return isListening(fd) ? [source(fd)] : [];
  });
}

const eitherIp = ofEitherEnd(sourceIp, peerIp);
const eitherPort = ofEitherEnd(sourcePort, peerPort);

/** Ports as text: Falco turns them into service names where it may look them up, which we do not. */
const clientProto = ofFd((fd) => {
  if (fd.hasNoRole) return undefined;
  return isConnectedPair(fd) ? String(fd.sport) : '';
});
const serverProto = ofFd((fd) => {
  if (isListening(fd)) return '';
  return isConnectedPair(fd) && !fd.hasNoRole ? String(fd.dport) : undefined;
});

/** `poll` and `ppoll`: one item for each descriptor waited for, joined by commas. */
function ofList(read: (fd: FdInfo | undefined, number: number) => string): FieldSource {
  const at = (name: string): 0 | 1 | undefined => (/^p?poll$/.test(name) ? 1 : undefined);
  return {
    reader(_ref, info) {
      if (info !== undefined && at(info.name) === undefined) return undefined;
      return (event) => {
        const { thread } = event;
        if (thread === undefined || !POLL_EXITS.has(event.code)) return undefined;
        const size = event.size(1);
        if (size < 2) return undefined;
        const from = event.from(1);
        const count = event.view.getUint16(from, true);
        const items: string[] = [];
        for (let index = 0; index < count && 2 + (index + 1) * 10 <= size; index++) {
          const entry = from + 2 + index * 10;
          const number =
            event.view.getInt32(entry + 4, true) * 0x1_0000_0000 + event.view.getUint32(entry, true);
          const text = read(thread.fdTable?.get(number), number);
          if (text !== '') items.push(text);
        }
        return items.length === 0 ? undefined : items.join(',');
      };
    },
  };
}

/** Exits of poll and ppoll. */
const POLL_EXITS: ReadonlySet<number> = new Set([81, 255]);

export const FD_NET_FIELDS: Family = {
  'fd.ip': eitherIp,
  'fd.net': eitherIp,
  'fd.port': eitherPort,
  'fd.proto': eitherPort,
  'fd.cip': ofFd(clientIp),
  'fd.sip': ofFd(serverIp),
  'fd.lip': localIp,
  'fd.rip': remoteIp,
  'fd.cnet': ofFd(clientIp),
  'fd.snet': ofFd(serverIp),
  'fd.lnet': localIp,
  'fd.rnet': remoteIp,
  'fd.cport': ofFd(clientPort),
  'fd.sport': ofFd(serverPort),
  'fd.lport': ofEnds(sourcePort, peerPort, true),
  'fd.rport': ofEnds(sourcePort, peerPort, false),
  'fd.cproto': clientProto,
  'fd.sproto': serverProto,
  'fd.lproto': ofEnds(
    (fd) => String(fd.sport),
    (fd) => String(fd.dport),
    true,
  ),
  'fd.rproto': ofEnds(
    (fd) => String(fd.sport),
    (fd) => String(fd.dport),
    false,
  ),
  // Names need DNS, which a replay must not ask.
  'fd.cip.name': NEVER,
  'fd.sip.name': NEVER,
  'fd.lip.name': NEVER,
  'fd.rip.name': NEVER,
  // A server when it listens, or when the server end has an address of this machine: not what the role says.
  'fd.is_server': ofFd((fd, event, thread) =>
    isListening(fd) ? true : isConnectedPair(fd) && isLocal(event, thread, fd, false),
  ),
  'fdlist.nums': ofList((_fd, number) => String(number)),
  'fdlist.names': ofList((fd) => (fd === undefined || fd.name === '' ? '<NA>' : fd.name)),
  'fdlist.cips': ofList((fd) => (fd !== undefined && isConnectedPair(fd) ? sourceIp(fd) : '')),
  'fdlist.sips': ofList((fd) => {
    if (fd === undefined || !fd.isInet) return '';
    return isConnectedPair(fd) ? peerIp(fd) : sourceIp(fd);
  }),
  'fdlist.cports': ofList((fd) => (fd !== undefined && isConnectedPair(fd) ? String(fd.sport) : '')),
  'fdlist.sports': ofList((fd) => (fd !== undefined && isConnectedPair(fd) ? String(fd.dport) : '')),
};
