// API tokens: 256 random bits behind a prefix that secret scanners can look for. The store keeps only a hash.

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Role, Store, TokenRow } from '../../store/index.ts';
import type { Config } from '../config.ts';

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

/** Shorter secrets could be guessed. */
const MIN_SECRET = 20;

/**
 * The tokens that the configuration names, by hash. Throws when a variable is not set, too short or not of the
 * characters that a bearer token may have: found at start.
 */
export function configuredTokens(
  tokens: Config['tokens'],
  environment: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<string, TokenRow> {
  return new Map(
    tokens.map(({ name, role, secret }) => {
      const value = environment[secret.env] ?? '';
      if (!/^[A-Za-z0-9_-]{10,200}$/.test(value) || value.length < MIN_SECRET) {
        throw new Error(
          `Token ${name}: the environment variable ${secret.env} must hold ${MIN_SECRET} to 200 letters, digits, - or _.`,
        );
      }
      return [
        hashToken(value),
        { id: `configured:${name}`, name, role, createdUs: 0, expiresUs: undefined, revoked: false },
      ];
    }),
  );
}

/** Looks tokens up, remembering answers for five seconds: a revoked token works at most that much longer. */
export class TokenCheck {
  readonly #store: Store;
  readonly #cache = new Map<string, { readonly row: TokenRow | undefined; readonly untilMs: number }>();

  #configured: ReadonlyMap<string, TokenRow>;

  constructor(store: Store, configured: ReadonlyMap<string, TokenRow> = new Map()) {
    this.#store = store;
    this.#configured = configured;
  }

  /** Takes over the tokens of a new configuration. */
  configure(configured: ReadonlyMap<string, TokenRow>): void {
    this.#configured = configured;
    this.forget();
  }

  async find(token: string, nowMs: number): Promise<TokenRow | undefined> {
    const hash = hashToken(token);
    const configured = this.#configured.get(hash);
    if (configured !== undefined) return configured;
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
