// A generic webhook: JSON, signed after the Standard Webhooks scheme (HMAC-SHA256 over id, time and body), so that the
// receiver can tell it from a forgery and a replay.

import { createHmac, randomUUID } from 'node:crypto';
import { post } from '../http.ts';
import type { Notices, Target } from '../notice.ts';

export interface WebhookOptions {
  readonly url: string;
  /** At least 16 bytes; shared with the receiver. */
  readonly secret: string;
  readonly ca?: string;
}

/** The three signature headers for `body`; `seconds` is the sending time. */
export function signatureHeaders(
  secret: string,
  id: string,
  seconds: number,
  body: string,
): Record<string, string> {
  const signature = createHmac('sha256', secret).update(`${id}.${seconds}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': `v1,${signature}` };
}

export function webhookTarget(name: string, { url, secret, ca }: WebhookOptions): Target {
  return {
    name,
    send: (notices: Notices) => {
      const body = JSON.stringify({ type: 'yarak.findings', findings: notices });
      const headers = {
        'content-type': 'application/json',
        ...signatureHeaders(secret, randomUUID(), Math.floor(Date.now() / 1000), body),
      };
      return post({ url, headers, body, ...(ca === undefined ? {} : { ca }) });
    },
    close: async () => {},
  };
}
