// Logging in to the web UI: by the one-time link that the terminal prints, or with an API token.

import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { type GuardedEnv, SESSION_COOKIE } from '../auth/guard.ts';
import type { ServerContext } from '../context.ts';
import { HttpProblem } from '../problem.ts';
import * as S from '../schemas.ts';
import { endpoint, rawEndpoint } from './endpoint.ts';

const me = z.object({ actor: z.string(), role: S.role, csrf: z.string().optional() }).openapi('Me');

export function registerSession(app: OpenAPIHono<GuardedEnv>, context: ServerContext): void {
  const { sessions, tokens, nowMs } = context;
  const secure = context.config.tls !== undefined || context.config.publicUrl?.startsWith('https:') === true;
  const cookie = { httpOnly: true, sameSite: 'Strict', path: '/', secure } as const;

  const login = {
    method: 'get',
    path: '/login',
    summary: 'Opens a session by a one-time link',
    type: 'text/html',
  } as const;
  rawEndpoint(app, context, login, (c) => {
    const id = sessions.redeem(c.req.query('code') ?? '', nowMs());
    c.header('Cache-Control', 'no-store');
    c.header('Referrer-Policy', 'no-referrer');
    if (id === undefined) return c.redirect('/#/login?expired', 303);
    setCookie(c, SESSION_COOKIE, id, cookie);
    return c.redirect('/', 303);
  });
  const byToken = {
    method: 'post',
    path: '/api/v1/session',
    summary: 'Opens a session by an API token',
    body: ['application/json'],
    type: 'application/json',
    response: z.object({ actor: z.string(), role: S.role }),
  } as const;
  rawEndpoint(app, context, byToken, async (c) => {
    const wait = context.limit.take('login', nowMs());
    if (wait > 0) throw new HttpProblem({ status: 429, title: 'Too many attempts', retryAfter: wait });
    const body: unknown = await c.req.json().catch(() => undefined);
    const parsed = z.strictObject({ token: z.string().max(300) }).safeParse(body);
    const row = parsed.success ? await tokens.find(parsed.data.token, nowMs()) : undefined;
    if (row === undefined || row.role === 'ingest') {
      throw new HttpProblem({
        status: 401,
        title: 'Unknown token',
        detail: 'The token is unknown, expired, revoked, or for ingest only.',
      });
    }
    setCookie(c, SESSION_COOKIE, sessions.open(row.name, row.role, nowMs()), cookie);
    return c.json({ actor: row.name, role: row.role });
  });
  endpoint(
    app,
    context,
    { method: 'get', role: 'read', path: '/api/v1/session', summary: 'Who you are', response: me },
    async ({ caller, c }) => {
      c.header('Cache-Control', 'no-store');
      const { actor, role, session } = caller;
      return { actor, role, ...(session === undefined ? {} : { csrf: session.csrf }) };
    },
  );
  endpoint(
    app,
    context,
    {
      method: 'delete',
      role: 'read',
      path: '/api/v1/session',
      summary: 'Log out',
      response: z.object({ out: z.literal(true) }),
    },
    async ({ c }) => {
      sessions.close(getCookie(c, SESSION_COOKIE) ?? '');
      deleteCookie(c, SESSION_COOKIE, { path: '/' });
      return { out: true as const };
    },
  );
}
