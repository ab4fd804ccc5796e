// RFC 9457 errors: what went wrong, in words that help, and never a stack trace.

import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

export interface Problem {
  readonly status: ContentfulStatusCode;
  readonly title: string;
  readonly detail?: string;
  /** Seconds after which the same request may be tried again. */
  readonly retryAfter?: number;
  /** What is wrong with the request's text, in Yarak's own diagnostics. */
  readonly diagnostics?: readonly unknown[];
}

/** Thrown by handlers, turned into a response in one place (app.ts). */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.problem = problem;
  }
}

export function respond(c: Context, { retryAfter, ...problem }: Problem): Response {
  if (retryAfter !== undefined) c.header('Retry-After', String(retryAfter));
  return c.body(JSON.stringify({ type: 'about:blank', ...problem }), problem.status, {
    'content-type': 'application/problem+json',
  });
}

export const notFound = (what: string): HttpProblem =>
  new HttpProblem({ status: 404, title: 'Not found', detail: `There is no ${what}.` });
export const badRequest = (detail: string, diagnostics?: readonly unknown[]): HttpProblem =>
  new HttpProblem({
    status: 400,
    title: 'Bad request',
    detail,
    ...(diagnostics === undefined ? {} : { diagnostics }),
  });
