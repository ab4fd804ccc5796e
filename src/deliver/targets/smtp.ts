// E-mail over SMTP, plain text and HTML side by side.

import { createTransport } from 'nodemailer';
import { htmlText } from '../../base/escape/html.ts';
import { visible } from '../../base/escape/visible.ts';
import { DeliveryError, headline, type Notice, type Notices, type Target } from '../notice.ts';

export interface SmtpOptions {
  /** `smtp://user:password@host:587` or `smtps://host:465`. */
  readonly url: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly ca?: string;
  /** `false` allows plain text to a server without STARTTLS; for a relay on this machine only. */
  readonly requireTls?: boolean;
}

const TIMEOUT_MS = 10_000;
const MAX_SUBJECT = 200;

function rows(notice: Notice): [string, string][] {
  return [
    ['Verdict', notice.verdict],
    ['Rule', notice.rule],
    ['Priority', notice.priority],
    ['Where', `${notice.namespace === '' ? '' : `${notice.namespace}/`}${notice.workload} on ${notice.node}`],
    ['Count', `${notice.count}, ${notice.firstSeen} to ${notice.lastSeen}`],
    ['Do now', notice.doNow],
    ...(notice.url === undefined ? [] : [['Incident', notice.url] as [string, string]]),
  ];
}

/** The message's parts; every value escaped for the part it stands in. */
export function mailParts(notices: Notices): { subject: string; text: string; html: string } {
  const [first] = notices;
  const more = notices.length > 1 ? ` and ${notices.length - 1} more` : '';
  const subject = visible(`[Yarak] ${headline(first)}${more}`).slice(0, MAX_SUBJECT);
  const text = notices
    .map((n) =>
      [visible(headline(n)), ...rows(n).map(([k, v]) => `  ${k.padEnd(9)} ${visible(v)}`)].join('\n'),
    )
    .join('\n\n');
  const html = notices
    .map((n) => {
      const cells = rows(n).map(
        ([k, v]) => `<tr><th align="left">${htmlText(k)}</th><td><code>${htmlText(v)}</code></td></tr>`,
      );
      return `<h2>${htmlText(headline(n))}</h2><table>${cells.join('')}</table>`;
    })
    .join('');
  return { subject, text: `${text}\n`, html: `<!doctype html><meta charset="utf-8">${html}` };
}

export function smtpTarget(name: string, options: SmtpOptions): Target {
  const transport = createTransport({
    url: options.url,
    pool: true,
    maxConnections: 1,
    requireTLS: options.requireTls !== false && options.url.startsWith('smtp:'),
    ignoreTLS: options.requireTls === false,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    ...(options.ca === undefined ? {} : { tls: { ca: options.ca } }),
    // The message is ours alone: nothing in it may make the mailer open a file or a URL.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    name,
    async send(notices) {
      try {
        await transport.sendMail({
          from: options.from,
          to: [...options.to],
          ...mailParts(notices),
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
      } catch (cause) {
        const code = (cause as { responseCode?: number }).responseCode;
        // RFC 5321: 5yz is final, 4yz and no answer at all are not.
        throw new DeliveryError((cause as Error).message, {
          retryable: code === undefined || code < 500,
          cause,
        });
      }
    },
    close: async () => transport.close(),
  };
}
