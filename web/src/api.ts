// The API as the pages use it: typed from the service's own OpenAPI document (api.generated.ts), errors as problems.

import type { Operations } from './api.generated.ts';

/** What the service says about a place in what was sent. */
export interface ProblemDiagnostic {
  readonly severity?: string;
  readonly code?: string;
  readonly message: string;
  readonly help?: string;
  readonly at?: { readonly file: string; readonly line: number; readonly column: number };
}

/** RFC 9457. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail?: string;
  readonly diagnostics?: readonly ProblemDiagnostic[];
}

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.problem = problem;
  }
}

const loggedOut = new Set<() => void>();

/** Calls `listener` when the service no longer knows who is asking. */
export function onLoggedOut(listener: () => void): () => void {
  loggedOut.add(listener);
  return () => loggedOut.delete(listener);
}

let csrf = '';
export const setCsrf = (token: string): void => {
  csrf = token;
};

const SESSION = '/api/v1/session';

type Key = keyof Operations;
type Input<K extends Key> = Operations[K]['input'];
type Output<K extends Key> = Operations[K]['output'];

/** Calls `METHOD /path/{id}`; rejects with `ApiError`, whose status is 0 when the service cannot be reached. */
export async function call<K extends Key>(key: K, input: Input<K>, signal?: AbortSignal): Promise<Output<K>> {
  const [method, template] = (key as string).split(' ') as [string, string];
  const {
    params = {},
    query = {},
    body,
  } = input as { params?: Record<string, string>; query?: Record<string, unknown>; body?: unknown };
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '') search.set(name, String(value));
  const text = search.toString();
  return (await send(
    method,
    text === '' ? path : `${path}?${text}`,
    body === undefined ? undefined : JSON.stringify(body),
    signal,
  )) as Output<K>;
}

/** Sends a file's bytes; the answer is JSON. */
export async function upload(path: string, file: Blob, signal?: AbortSignal): Promise<unknown> {
  return send('POST', path, file, signal);
}

async function send(
  method: string,
  path: string,
  body: string | Blob | undefined,
  signal?: AbortSignal,
): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        ...(typeof body === 'string' ? { 'content-type': 'application/json' } : {}),
        ...(method === 'GET' ? {} : { 'x-yarak-csrf': csrf }),
      },
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError({
      status: 0,
      title: 'The service cannot be reached',
      detail: 'The service cannot be reached. Is it running?',
    });
  }
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  const answer: unknown = isJson ? await response.json() : await response.text();
  if (response.ok) return answer;
  if (response.status === 401 && path !== SESSION) for (const listener of loggedOut) listener();
  throw new ApiError(isJson ? (answer as Problem) : { status: response.status, title: response.statusText });
}

/** What went wrong, in words for the page. */
export const messageOf = (error: unknown): string =>
  error instanceof ApiError ? error.message : error instanceof Error ? error.message : String(error);
