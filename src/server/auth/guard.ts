// Who is asking, and may they: one middleware before every route. A route's role is declared in its OpenAPI entry
// (`x-yarak-role`), so that the document, the guard and the role-matrix test read the same thing.

import type { TLSSocket } from 'node:tls';
import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import type { Role } from '../../store/index.ts';
import { HttpProblem } from '../problem.ts';
import { type Session, type Sessions, sameSecret } from './sessions.ts';
import type { TokenCheck } from './tokens.ts';

export interface Caller {
  readonly actor: string;
  readonly role: Role;
  readonly session?: Session;
  /** Known by the certificate of its connection alone. */
  readonly certificate?: boolean;
}

export type GuardedEnv = { Variables: { caller: Caller } };

/** What each role may do beside its own: admin ⊃ respond ⊃ read; ingest only ingests. */
const INCLUDES: Readonly<Record<Role, readonly Role[]>> = {
  ingest: ['ingest'],
  read: ['read'],
  respond: ['respond', 'read'],
  admin: ['admin', 'respond', 'read', 'ingest'],
};

export const allows = (has: Role, needs: Role): boolean => INCLUDES[has].includes(needs);

export const SESSION_COOKIE = 'yarak_session';
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

export interface GuardOptions {
  readonly tokens: TokenCheck;
  readonly sessions: Sessions;
  /** Listening on loopback only, and configured to let Falco post without a token. */
  readonly openIngest: boolean;
  /** Whoever shows a certificate of the configured authority may ingest. */
  readonly clientCertificates: boolean;
  readonly nowMs: () => number;
}

/**
 * The token of a request. Falco's `http_output` can send no header of its own, only a user and a password in its URL:
 * for ingest, the password may be the token.
 */
function tokenOf(header: string, role: Role): string | undefined {
  const bearer = /^Bearer ([A-Za-z0-9_-]{10,200})$/.exec(header)?.[1];
  if (bearer !== undefined || role !== 'ingest') return bearer;
  const basic = /^Basic ([A-Za-z0-9+/=]{1,600})$/.exec(header)?.[1];
  const decoded = basic === undefined ? '' : Buffer.from(basic, 'base64').toString('latin1');
  return /^[^:]{0,200}:([A-Za-z0-9_-]{10,200})$/.exec(decoded)?.[1];
}

/** The name in the certificate that the peer showed, if an authority that we trust signed it. */
function certificateName(c: Context): string | undefined {
  const socket = (c.env as Partial<HttpBindings> | undefined)?.incoming?.socket as TLSSocket | undefined;
  if (socket?.authorized !== true) return undefined;
  const name = socket.getPeerCertificate().subject?.CN;
  return `certificate ${Array.isArray(name) ? name[0] : (name ?? 'without a name')}`;
}

async function identify(c: Context, role: Role, options: GuardOptions): Promise<Caller | undefined> {
  const { tokens, sessions, nowMs } = options;
  const header = c.req.header('authorization');
  if (header !== undefined) {
    const token = tokenOf(header, role);
    const row = token === undefined ? undefined : await tokens.find(token, nowMs());
    if (row === undefined)
      throw new HttpProblem({
        status: 401,
        title: 'Unknown token',
        detail: 'The token is unknown, expired or revoked.',
      });
    return { actor: row.name, role: row.role };
  }
  const name = options.clientCertificates && role === 'ingest' ? certificateName(c) : undefined;
  if (name !== undefined) return { actor: name, role: 'ingest', certificate: true };
  const cookie = getCookie(c, SESSION_COOKIE);
  const session = cookie === undefined ? undefined : sessions.find(cookie, nowMs());
  return session && { actor: session.actor, role: session.role, session };
}

/** What only a browser sends: a page's origin, or where the request comes from. */
function fromAnotherSite(c: Context): boolean {
  const site = c.req.header('sec-fetch-site');
  return (
    c.req.header('origin') !== undefined || (site !== undefined && site !== 'none' && site !== 'same-origin')
  );
}

/** Lets a request through when its caller has `role`; sets `caller`. */
export function guard(role: Role, options: GuardOptions): MiddlewareHandler<GuardedEnv> {
  return async (c, next) => {
    let caller = await identify(c, role, options);
    // Falco is no browser. A page of another site can make one post here, with the certificate that the browser shows by
    // itself, and must not file alerts.
    const byItself = caller === undefined || caller.certificate === true;
    if (byItself && role === 'ingest' && fromAnotherSite(c)) {
      throw new HttpProblem({
        status: 403,
        title: 'Not from a web page',
        detail: 'Requests that a browser makes for another site are refused.',
      });
    }
    if (caller === undefined && role === 'ingest' && options.openIngest)
      caller = { actor: 'loopback', role: 'ingest' };
    if (caller === undefined) {
      throw new HttpProblem({
        status: 401,
        title: 'Who are you?',
        detail: 'Send an API token (Authorization: Bearer …) or log in.',
      });
    }
    if (!allows(caller.role, role)) {
      throw new HttpProblem({
        status: 403,
        title: 'Not allowed',
        detail: `This needs the role "${role}"; you have "${caller.role}".`,
      });
    }
    // A browser sends the cookie along with a request that another site made; it cannot send this header.
    if (caller.session !== undefined && !SAFE_METHODS.has(c.req.method)) {
      const csrf = c.req.header('x-yarak-csrf') ?? '';
      if (!sameSecret(csrf, caller.session.csrf)) {
        throw new HttpProblem({
          status: 403,
          title: 'Not from this page',
          detail: 'The X-Yarak-CSRF header is missing or wrong.',
        });
      }
    }
    c.set('caller', caller);
    await next();
  };
}
