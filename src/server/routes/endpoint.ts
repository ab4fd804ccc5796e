// One way to declare an API endpoint: method, path, role, what goes in, what comes out. Validation, the guard, the rate
// limit, the errors and the OpenAPI entry all follow from the declaration; the handler sees typed values only.

import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Role } from '../../store/index.ts';
import { type Caller, type GuardedEnv, guard } from '../auth/guard.ts';
import type { ServerContext } from '../context.ts';
import { HttpProblem } from '../problem.ts';
import { problem } from '../schemas.ts';

const nothing = z.object({});
type Nothing = typeof nothing;

export interface Declaration<
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  O extends z.ZodType,
> {
  readonly method: 'get' | 'post' | 'delete';
  /** With parameters in braces: `/api/v1/findings/{id}`. */
  readonly path: string;
  readonly role: Role;
  readonly summary: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly response: O;
}

export interface Input<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly caller: Caller;
  readonly c: Context<GuardedEnv>;
}

const errors = { content: { 'application/problem+json': { schema: problem } } };

/** Registers an endpoint that only callers with its role reach, at most as often as the rate limit lets them. */
export function endpoint<
  O extends z.ZodType,
  P extends z.ZodType = Nothing,
  Q extends z.ZodType = Nothing,
  B extends z.ZodType = Nothing,
>(
  app: OpenAPIHono<GuardedEnv>,
  context: ServerContext,
  declared: Declaration<P, Q, B, O>,
  handle: (input: Input<z.output<P>, z.output<Q>, z.output<B>>) => Promise<z.input<O>>,
): void {
  const { method, path, role, summary, params, query, body, response } = declared;
  const route = createRoute({
    method,
    path,
    summary,
    request: {
      params: (params ?? nothing) as z.ZodObject,
      query: (query ?? nothing) as z.ZodObject,
      ...(body === undefined
        ? {}
        : { body: { content: { 'application/json': { schema: body } }, required: true } }),
    },
    'x-yarak-role': role,
    security: [{ token: [] }, { session: [] }],
    middleware: [guard(role, context.guard), rateLimit(context)] as const,
    responses: {
      200: { description: 'OK', content: { 'application/json': { schema: response } } },
      400: { description: 'The request is malformed', ...errors },
      401: { description: 'Not identified', ...errors },
      403: { description: 'Not allowed', ...errors },
      404: { description: 'Not found', ...errors },
      429: { description: 'Too many requests', ...errors },
      503: { description: 'The store cannot take the work now', ...errors },
    },
  });
  app.openapi(route, async (c) => {
    const valid = c.req.valid as (target: 'param' | 'query' | 'json') => never;
    const value = await handle({
      params: valid.call(c.req, 'param'),
      query: valid.call(c.req, 'query'),
      body: (body === undefined ? {} : valid.call(c.req, 'json')) as z.output<B>,
      caller: c.get('caller'),
      c: c as unknown as Context<GuardedEnv>,
    });
    return c.json(value as never, 200) as never;
  });
}

export interface RawDeclaration {
  readonly method: 'get' | 'post';
  /** With parameters in braces: `/api/v1/incidents/{id}/report.html`. */
  readonly path: string;
  /** Absent: anybody may ask. */
  readonly role?: Role;
  readonly summary: string;
  /** What the path's parameters may be, for the document: the handler checks them. Default: any text. */
  readonly params?: z.ZodObject;
  /** Media types of the body that it reads by itself, as a stream. */
  readonly body?: readonly string[];
  /** The media type of its answer, or those it may have; and the answer's schema where that is JSON. */
  readonly type: string | readonly string[];
  readonly response?: z.ZodType;
  /** False: no rate limit, since its callers are machines that must not lose anything. Default true. */
  readonly limited?: boolean;
}

/** Registers an endpoint whose body or answer is a stream or a page: the same guard, limit and OpenAPI entry. */
export function rawEndpoint(
  app: OpenAPIHono<GuardedEnv>,
  context: ServerContext,
  declared: RawDeclaration,
  handle: (c: Context<GuardedEnv>) => Response | Promise<Response>,
): void {
  const { method, path, role, summary, params, body, type, response, limited = true } = declared;
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
  app.openAPIRegistry.registerPath({
    method,
    path,
    summary,
    request: {
      ...(names.length > 0 && {
        params: params ?? z.object(Object.fromEntries(names.map((name) => [name, z.string()]))),
      }),
      ...(body !== undefined && {
        body: {
          required: true,
          content: Object.fromEntries(
            body.map((media) => [media, { schema: z.string().openapi({ format: 'binary' }) }]),
          ),
        },
      }),
    },
    ...(role === undefined
      ? { security: [] }
      : { 'x-yarak-role': role, security: [{ token: [] }, { session: [] }] }),
    responses: {
      200: {
        description: 'OK',
        content: Object.fromEntries(
          [type].flat().map((media) => [media, { schema: response ?? z.string() }]),
        ),
      },
      ...(params !== undefined && { 400: { description: 'The request is malformed', ...errors } }),
      ...(names.length > 0 && { 404: { description: 'Not found', ...errors } }),
      ...(role !== undefined && {
        401: { description: 'Not identified', ...errors },
        403: { description: 'Not allowed', ...errors },
      }),
      ...(body !== undefined && {
        400: { description: 'The body holds nothing that could be read', ...errors },
        413: { description: 'The body is too large', ...errors },
        429: { description: 'Too much at once', ...errors },
      }),
      503: { description: 'Not now', ...errors },
    },
  });
  const before =
    role === undefined ? [] : [guard(role, context.guard), ...(limited ? [rateLimit(context)] : [])];
  app.on(method.toUpperCase(), [path.replace(/\{(\w+)\}/g, ':$1')], ...before, (c) => handle(c));
}

function rateLimit(context: ServerContext) {
  return async (c: Context<GuardedEnv>, next: () => Promise<void>): Promise<void> => {
    const wait = context.limit.take(c.get('caller').actor, context.nowMs());
    if (wait > 0) {
      throw new HttpProblem({
        status: 429,
        title: 'Too many requests',
        detail: `Try again in ${wait} s.`,
        retryAfter: wait,
      });
    }
    await next();
  };
}
