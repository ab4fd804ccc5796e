// POST to a target. Targets are named by the operator, yet a URL may point where it should not: link-local addresses
// (cloud metadata) are refused after name resolution, and redirects are not followed.

import { type LookupAddress, lookup as lookupCallback } from 'node:dns';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { DeliveryError } from './notice.ts';

const TIMEOUT_MS = 10_000;
const MAX_ANSWER = 2000;
/** Amazon's metadata service over IPv6; the IPv4 ones are link-local. */
const METADATA_V6 = 'fd00:ec2::254';

/** Why a target address is never used, or `undefined`. */
export function refusedAddress(address: string): string | undefined {
  const parsed = ipaddr.process(address.replace(/^\[|\]$/g, ''));
  const range = parsed.range();
  if (range === 'linkLocal') return 'link-local (cloud metadata lives there)';
  if (range === 'unspecified' || range === 'multicast' || range === 'broadcast') return range;
  return parsed.kind() === 'ipv6' && parsed.toString() === ipaddr.parse(METADATA_V6).toString()
    ? 'cloud metadata'
    : undefined;
}

/** Name resolution that fails for refused addresses: the address checked is the address connected to. */
const guardedLookup: LookupFunction = (hostname, options, callback) => {
  lookupCallback(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '', 0);
    const refused = addresses.map((a) => refusedAddress(a.address)).find((reason) => reason !== undefined);
    if (refused !== undefined)
      return callback(new Error(`${hostname} resolves to a refused address: ${refused}`), '', 0);
    if (options.all) return callback(null, addresses as LookupAddress[]);
    const [first] = addresses as [LookupAddress];
    return callback(null, first.address, first.family);
  });
};

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** PEM of an authority to trust beside the system's. */
  readonly ca?: string;
}

/** Sends and expects a 2xx. 408, 425, 429 and 5xx are worth another try; other answers are not. */
export function post({ url, headers, body, ca }: Post): Promise<void> {
  const target = new URL(url);
  const literal = target.hostname.replace(/^\[|\]$/g, '');
  if (isIP(literal)) {
    const refused = refusedAddress(literal);
    if (refused !== undefined)
      return Promise.reject(
        new DeliveryError(`${url} is a refused address: ${refused}`, { retryable: false }),
      );
  }
  const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send(
      target,
      {
        method: 'POST',
        headers: { ...headers, 'content-length': Buffer.byteLength(body), 'user-agent': 'yarak' },
        lookup: guardedLookup,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(ca === undefined ? {} : { ca }),
      },
      (response) => {
        let answer = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          if (answer.length < MAX_ANSWER) answer += chunk.slice(0, MAX_ANSWER - answer.length);
        });
        response.on('error', (cause) =>
          reject(new DeliveryError(`The answer broke off: ${cause.message}`, { retryable: true, cause })),
        );
        response.on('end', () => {
          const status = response.statusCode ?? 0;
          if (status >= 200 && status < 300) return resolve();
          const retryable = status >= 500 || status === 408 || status === 425 || status === 429;
          const after = Number(response.headers['retry-after']);
          const detail = answer.trim().slice(0, 300);
          return reject(
            new DeliveryError(`HTTP ${status}${detail === '' ? '' : `: ${detail}`}`, {
              retryable,
              ...(after > 0 ? { retryAfterMs: after * 1000 } : {}),
            }),
          );
        });
      },
    );
    request.on('error', (cause) =>
      reject(
        new DeliveryError(cause.message, { retryable: !cause.message.includes('refused address'), cause }),
      ),
    );
    request.end(body);
  });
}
