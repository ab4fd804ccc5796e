// `yarak token`: API tokens from the command line, for what starts before anybody can log in.

import { terminalText } from '../../base/escape/terminal.ts';
import { createToken, parseDuration } from '../../server/index.ts';
import { ROLES, type Role } from '../../store/index.ts';
import { CliError, EXIT } from '../error.ts';
import { ACTOR, readServiceConfig, type ServiceFlags, withStore } from '../service-config.ts';

export interface TokenFlags extends ServiceFlags {
  readonly role?: string;
  readonly expires?: string;
}

/** Makes a token and prints it, alone, on standard output: the only time that it is shown. */
export async function runTokenCreate(name: string, flags: TokenFlags): Promise<number> {
  const role = flags.role ?? 'ingest';
  if (!(ROLES as readonly string[]).includes(role)) {
    throw new CliError(2, `unknown role ${JSON.stringify(role)}; there are ${ROLES.join(', ')}`);
  }
  const lifeMs = flags.expires === undefined ? undefined : parseDuration(flags.expires);
  if (flags.expires !== undefined && lifeMs === undefined) {
    throw new CliError(2, 'expected a number and a unit after --expires, such as 90d or 12h');
  }
  const { id, token } = await withStore(readServiceConfig(flags), (store) =>
    createToken(store, {
      name,
      role: role as Role,
      actor: ACTOR,
      ...(lifeMs === undefined ? {} : { expiresUs: (Date.now() + lifeMs) * 1000 }),
    }),
  );
  process.stderr.write(`token ${id}, role ${role}; it is shown this once:\n`);
  process.stdout.write(`${token}\n`);
  return EXIT.ok;
}

/** Lists all tokens, without their secrets: one a line, separated by tabs. */
export async function runTokenList(flags: ServiceFlags): Promise<number> {
  const tokens = await withStore(readServiceConfig(flags), (store) => store.listTokens());
  for (const { id, name, role, createdUs, expiresUs, revoked } of tokens) {
    const expired = expiresUs !== undefined && expiresUs <= Date.now() * 1000;
    const state = revoked ? 'revoked' : expired ? 'expired' : 'valid';
    const until = expiresUs === undefined ? 'never' : day(expiresUs);
    process.stdout.write(
      `${[id, role, state, `created ${day(createdUs)}`, `expires ${until}`, terminalText(name)].join('\t')}\n`,
    );
  }
  return EXIT.ok;
}

/** Revokes a token; a running service refuses it within five seconds. */
export async function runTokenRevoke(id: string, flags: ServiceFlags): Promise<number> {
  const known = await withStore(readServiceConfig(flags), (store) => store.revokeToken(id, ACTOR));
  if (!known) throw new CliError(2, `there is no valid token ${JSON.stringify(id)}; see yarak token list`);
  process.stderr.write('revoked\n');
  return EXIT.ok;
}

const day = (us: number): string => new Date(us / 1000).toISOString().slice(0, 10);
