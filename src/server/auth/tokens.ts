// API tokens: 256 random bits behind a prefix that secret scanners can look for. The store keeps only a hash.

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Role, Store, TokenRow } from '../../store/index.ts';

const PREFIX = 'yarak_';

export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');

/** Makes and stores a token; its text is shown once and kept nowhere. */
export async function createToken(
  store: Store,
  options: {
    readonly name: string;
    readonly role: Role;
    readonly expiresUs?: number;
    readonly actor: string;
  },
): Promise<{ readonly id: string; readonly token: string }> {
  const token = PREFIX + randomBytes(32).toString('base64url');
  const id = randomUUID();
  await store.addToken(
    { id, name: options.name, role: options.role, expiresUs: options.expiresUs, hash: hashToken(token) },
    options.actor,
  );
  return { id, token };
}

const CACHE_MS = 5000;
const CACHE_SIZE = 1000;

/** Looks tokens up, remembering answers for five seconds: a revoked token works at most that much longer. */
export class TokenCheck {
  readonly #store: Store;
  readonly #cache = new Map<string, { readonly row: TokenRow | undefined; readonly untilMs: number }>();

  constructor(store: Store) {
    this.#store = store;
  }

  async find(token: string, nowMs: number): Promise<TokenRow | undefined> {
    const hash = hashToken(token);
    const cached = this.#cache.get(hash);
    const row =
      cached !== undefined && cached.untilMs > nowMs ? cached.row : await this.#store.tokenByHash(hash);
    if (cached?.row !== row || cached === undefined) {
      if (this.#cache.size >= CACHE_SIZE) this.#cache.clear();
      this.#cache.set(hash, { row, untilMs: nowMs + CACHE_MS });
    }
    if (row === undefined || row.revoked || (row.expiresUs !== undefined && row.expiresUs <= nowMs * 1000))
      return undefined;
    return row;
  }

  forget(): void {
    this.#cache.clear();
  }
}
