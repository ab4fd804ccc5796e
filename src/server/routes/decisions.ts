// Silences, the audit trail, tokens, deliveries and volume: what people and operators manage.

import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { GuardedEnv } from '../auth/guard.ts';
import { createToken } from '../auth/tokens.ts';
import type { ServerContext } from '../context.ts';
import { compileFilter } from '../filter.ts';
import { badRequest, notFound } from '../problem.ts';
import * as S from '../schemas.ts';
import { fromIso, viewDelivery, viewSilence, viewToken, viewTrail, viewVolume } from '../views.ts';
import { endpoint } from './endpoint.ts';

const HOUR_US = 3600 * 1_000_000;
const MAX_SILENCED = 5000;

async function matchingFindings({ store }: ServerContext, condition: string): Promise<string[]> {
  const filter = compileFilter(condition);
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.listFindings({ limit: 500, ...(cursor === undefined ? {} : { cursor }) });
    for (const row of page.items) if (await filter.matchesFinding(store, row.id)) found.push(row.id);
    cursor = page.next;
  } while (cursor !== undefined && found.length < MAX_SILENCED);
  return found;
}

export function registerDecisions(app: OpenAPIHono<GuardedEnv>, context: ServerContext): void {
  const { store, nowMs } = context;
  const read = { method: 'get', role: 'read' } as const;

  endpoint(
    app,
    context,
    { ...read, path: '/api/v1/silences', summary: 'Active silences', response: S.silence.array() },
    async () => (await store.listSilences(nowMs() * 1000)).map(viewSilence),
  );
  endpoint(
    app,
    context,
    {
      method: 'post',
      role: 'respond',
      path: '/api/v1/silences',
      summary: 'Silence the findings whose alerts satisfy a condition, until it expires',
      body: S.silenceBody,
      response: S.silence,
    },
    async ({ body: { condition, reason, expires }, caller }) => {
      const expiresUs = fromIso(expires);
      if (expiresUs <= nowMs() * 1000) throw badRequest('A silence must expire in the future.');
      const row = await store.addSilence(
        { condition, reason, author: caller.actor, expiresUs },
        await matchingFindings(context, condition),
      );
      context.events.publish({ kind: 'decided', subject: { kind: 'silence', id: row.id } });
      return viewSilence(row);
    },
  );
  endpoint(
    app,
    context,
    {
      method: 'delete',
      role: 'respond',
      path: '/api/v1/silences/{id}',
      summary: 'End a silence',
      params: S.idParam,
      query: z.object({ reason: z.string().max(2000).default('') }),
      response: z.object({ ended: z.literal(true) }),
    },
    async ({ params: { id }, query, caller }) => {
      if (!(await store.endSilence(id, caller.actor, query.reason))) throw notFound('such active silence');
      context.events.publish({ kind: 'decided', subject: { kind: 'silence', id } });
      return { ended: true as const };
    },
  );

  endpoint(
    app,
    context,
    {
      ...read,
      path: '/api/v1/trail',
      summary: 'Who decided what, and why: append-only',
      query: S.pagedQuery.extend({ subject: z.string().max(64).optional() }),
      response: S.pageOf(S.trailEntry),
    },
    async ({ query: { subject, limit, cursor } }) => {
      const page = await store.trail({
        limit,
        ...(cursor === undefined ? {} : { cursor }),
        ...(subject === undefined ? {} : { subjectId: subject }),
      });
      return { ...page, items: page.items.map(viewTrail) };
    },
  );

  endpoint(
    app,
    context,
    {
      method: 'get',
      role: 'admin',
      path: '/api/v1/tokens',
      summary: 'API tokens',
      response: S.tokenInfo.array(),
    },
    async () => (await store.listTokens()).map(viewToken),
  );
  endpoint(
    app,
    context,
    {
      method: 'post',
      role: 'admin',
      path: '/api/v1/tokens',
      summary: 'Make a token; its text is shown this once',
      body: z.strictObject({ name: z.string().min(1).max(200), role: S.role, expires: S.time.optional() }),
      response: z.object({ id: z.string(), token: z.string() }),
    },
    ({ body: { name, role, expires }, caller }) =>
      createToken(store, {
        name,
        role,
        actor: caller.actor,
        ...(expires === undefined ? {} : { expiresUs: fromIso(expires) }),
      }),
  );
  endpoint(
    app,
    context,
    {
      method: 'delete',
      role: 'admin',
      path: '/api/v1/tokens/{id}',
      summary: 'Revoke a token',
      params: S.idParam,
      response: z.object({ revoked: z.literal(true) }),
    },
    async ({ params, caller }) => {
      if (!(await store.revokeToken(params.id, caller.actor))) throw notFound('such token');
      context.tokens.forget();
      return { revoked: true as const };
    },
  );

  endpoint(
    app,
    context,
    {
      ...read,
      path: '/api/v1/deliveries',
      summary: 'The outbox: pending, sent and dead deliveries',
      query: S.pagedQuery.extend({ status: z.enum(['pending', 'sent', 'dead']).optional() }),
      response: S.pageOf(S.delivery),
    },
    async ({ query: { status, limit, cursor } }) => {
      const page = await store.listOutbox({
        limit,
        ...(cursor === undefined ? {} : { cursor }),
        ...(status === undefined ? {} : { status }),
      });
      return { ...page, items: page.items.map(viewDelivery) };
    },
  );
  endpoint(
    app,
    context,
    {
      ...read,
      path: '/api/v1/volume',
      summary: 'Alerts per rule and hour, busiest rules first',
      query: S.volumeQuery,
      response: S.volumeRow.array(),
    },
    async ({ query: { since, until, limit } }) => {
      const untilUs = until === undefined ? nowMs() * 1000 + HOUR_US : fromIso(until);
      const sinceUs = since === undefined ? untilUs - 7 * 24 * HOUR_US : fromIso(since);
      return (await store.volume(sinceUs, untilUs, limit)).map(viewVolume);
    },
  );
}
