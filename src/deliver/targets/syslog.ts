// Syslog after RFC 5424, over TLS (RFC 5425), TCP (RFC 6587, octet counting) or UDP (RFC 5426).

import { createSocket } from 'node:dgram';
import { createConnection, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { visible } from '../../base/escape/visible.ts';
import { refusedAddress } from '../http.ts';
import { DeliveryError, headline, type Notice, type Target } from '../notice.ts';

export interface SyslogOptions {
  /** `tls://host:6514`, `tcp://host:601` or `udp://host:514`. */
  readonly url: string;
  readonly ca?: string;
  /** RFC 5424 table 1; 4 is security/authorization. */
  readonly facility?: number;
  readonly hostname?: string;
}

const TIMEOUT_MS = 10_000;
const MAX_MESSAGE = 8192;
/** RFC 5424 table 2. */
const SEVERITY: Readonly<Record<string, number>> = {
  malicious: 2,
  'likely-malicious': 3,
  undetermined: 4,
  'likely-benign': 5,
  benign: 6,
};
/** The example number of RFC 5612, for documentation and use without a registered enterprise. */
const SD_ID = 'yarak@32473';

/** PARAM-VALUE: `"`, `\` and `]` escaped, control characters made visible (RFC 5424, 6.3.3). */
function param(name: string, value: string): string {
  return `${name}="${visible(value).replace(/["\\\]]/g, (c) => `\\${c}`)}"`;
}

/** HOSTNAME: printable ASCII without blanks, at most 255 characters, `-` when empty. */
const hostName = (text: string): string => text.replace(/[^\x21-\x7e]/g, '_').slice(0, 255) || '-';

/** One message, without framing. UTF-8 text after a byte order mark, as the RFC wants it. */
export function syslogMessage(notice: Notice, facility: number, hostname: string): string {
  const priority = facility * 8 + (SEVERITY[notice.verdict] ?? 4);
  const data = [
    param('finding', notice.findingId),
    param('incident', notice.incidentId),
    param('verdict', notice.verdict),
    param('rule', notice.rule),
    param('priority', notice.priority),
    param('namespace', notice.namespace),
    param('workload', notice.workload),
    param('node', notice.node),
    param('count', String(notice.count)),
  ].join(' ');
  const head = `<${priority}>1 ${notice.lastSeen} ${hostName(hostname)} yarak - finding [${SD_ID} ${data}] \ufeff`;
  const text = Buffer.from(head + visible(headline(notice)));
  if (text.length <= MAX_MESSAGE) return text.toString();
  // Cut between characters, never inside one.
  return text
    .subarray(0, MAX_MESSAGE)
    .toString()
    .replace(/\ufffd+$/, '');
}

const failed = (cause: Error): DeliveryError => new DeliveryError(cause.message, { retryable: true, cause });

function connect(url: URL, ca: string | undefined): Promise<Socket> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port);
  return new Promise((resolve, reject) => {
    const secure = url.protocol === 'tls:';
    const socket = secure
      ? connectTls({
          host,
          port,
          timeout: TIMEOUT_MS,
          ...(isIP(host) ? {} : { servername: host }),
          ...(ca === undefined ? {} : { ca }),
        })
      : createConnection({ host, port, timeout: TIMEOUT_MS });
    socket.once(secure ? 'secureConnect' : 'connect', () => resolve(socket));
    socket.once('timeout', () => socket.destroy(new Error('timed out')));
    socket.once('error', (error) => reject(failed(error)));
  });
}

async function sendStream(url: URL, ca: string | undefined, messages: readonly string[]): Promise<void> {
  const socket = await connect(url, ca);
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (error) => reject(failed(error)));
    // A receiver that is gone resets; waiting for its close tells that everything reached it.
    socket.once('close', (hadError) =>
      hadError ? reject(failed(new Error('connection closed'))) : resolve(),
    );
    for (const message of messages) {
      const bytes = Buffer.from(message);
      socket.write(`${bytes.length} `);
      socket.write(bytes);
    }
    socket.end();
    socket.resume();
  });
}

async function sendDatagrams(url: URL, messages: readonly string[]): Promise<void> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  try {
    for (const message of messages) {
      await new Promise<void>((resolve, reject) =>
        socket.send(message, Number(url.port), host, (error) => (error ? reject(failed(error)) : resolve())),
      );
    }
  } finally {
    socket.close();
  }
}

export function syslogTarget(name: string, options: SyslogOptions): Target {
  const url = new URL(options.url);
  const { facility = 4, hostname = '-' } = options;
  return {
    name,
    async send(notices) {
      const host = url.hostname.replace(/^\[|\]$/g, '');
      const refused = isIP(host) ? refusedAddress(host) : undefined;
      if (refused !== undefined)
        throw new DeliveryError(`${options.url} is a refused address: ${refused}`, { retryable: false });
      const messages = notices.map((notice) => syslogMessage(notice, facility, hostname));
      if (url.protocol === 'udp:') await sendDatagrams(url, messages);
      else await sendStream(url, options.ca, messages);
    },
    close: async () => {},
  };
}
