// Sessions of the web UI: a cookie that scripts cannot read, and one-time login codes that a terminal prints.

import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Role } from '../../store/index.ts';
import { hashToken } from './tokens.ts';

export interface Session {
  readonly actor: string;
  readonly role: Role;
  /** Must come back in the `X-Yarak-CSRF` header with every unsafe request. */
  readonly csrf: string;
  readonly untilMs: number;
}

const SESSION_MS = 12 * 3_600_000;
const CODE_MS = 10 * 60_000;
const MAX_SESSIONS = 10_000;

export class Sessions {
  readonly #sessions = new Map<string, Session>();
  readonly #codes = new Map<
    string,
    { readonly actor: string; readonly role: Role; readonly untilMs: number }
  >();

  /** A code that opens one session within ten minutes. */
  loginCode(actor: string, role: Role, nowMs: number): string {
    const code = randomBytes(24).toString('base64url');
    this.#codes.set(hashToken(code), { actor, role, untilMs: nowMs + CODE_MS });
    return code;
  }

  /** Uses up a login code; returns the cookie's value. */
  redeem(code: string, nowMs: number): string | undefined {
    const key = hashToken(code);
    const found = this.#codes.get(key);
    this.#codes.delete(key);
    return found === undefined || found.untilMs <= nowMs
      ? undefined
      : this.open(found.actor, found.role, nowMs);
  }

  open(actor: string, role: Role, nowMs: number): string {
    for (const [key, session] of this.#sessions) if (session.untilMs <= nowMs) this.#sessions.delete(key);
    if (this.#sessions.size >= MAX_SESSIONS)
      this.#sessions.delete(this.#sessions.keys().next().value as string);
    const id = randomBytes(32).toString('base64url');
    this.#sessions.set(hashToken(id), {
      actor,
      role,
      csrf: randomBytes(24).toString('base64url'),
      untilMs: nowMs + SESSION_MS,
    });
    return id;
  }

  find(id: string, nowMs: number): Session | undefined {
    const session = this.#sessions.get(hashToken(id));
    return session !== undefined && session.untilMs > nowMs ? session : undefined;
  }

  close(id: string): void {
    this.#sessions.delete(hashToken(id));
  }
}

export function sameSecret(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
