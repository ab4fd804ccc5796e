// The service's configuration for every command that works with it: file, environment, flags.

import { readFileSync } from 'node:fs';
import { visible } from '../base/escape/visible.ts';
import { deliverSchema } from '../deliver/index.ts';
import { type Config, readConfig } from '../server/index.ts';
import { openStore, type Store, type StoreOptions } from '../store/index.ts';
import { CliError, systemError } from './error.ts';

export interface ServiceFlags {
  readonly config?: string;
  readonly listen?: string;
  readonly data?: string;
  readonly database?: string;
  readonly rules?: readonly string[];
}

/** Reads the configuration; what is wrong goes to standard error. Throws `CliError`: 2 when it cannot be used. */
export function readServiceConfig(flags: ServiceFlags): Config {
  const { config: name, rules, listen, data, database } = flags;
  let file: { name: string; text: string } | undefined;
  if (name !== undefined) {
    try {
      file = { name, text: readFileSync(name, 'utf8') };
    } catch (error) {
      throw systemError(`cannot read ${visible(name)}`, error);
    }
  }
  const { config, diagnostics } = readConfig({
    environment: process.env,
    flags: {
      listen,
      data,
      database,
      ...(rules === undefined || rules.length === 0 ? {} : { rules: [...rules] }),
    },
    ...(file === undefined ? {} : { file }),
  });
  for (const { code, message, at, help } of diagnostics) {
    const place = at === undefined ? '' : `${visible(at.file)}:${at.line}:${at.column}: `;
    process.stderr.write(
      `${place}${code} ${visible(message)}${help === undefined ? '' : ` ${visible(help)}`}\n`,
    );
  }
  if (config === undefined) throw new CliError(2, 'the configuration is not valid');
  const deliver = deliverSchema.safeParse(config.deliver ?? {});
  if (!deliver.success) {
    for (const issue of deliver.error.issues)
      process.stderr.write(`deliver.${issue.path.join('.')}: ${visible(issue.message)}\n`);
    throw new CliError(2, 'the configuration is not valid');
  }
  return config;
}

/** Where the configuration keeps its data. */
export function storeOptions(config: Config): StoreOptions {
  return config.database === undefined ? { folder: config.data } : { url: config.database };
}

/** Does `work` on the configured store and closes it. Throws `CliError` 3 when it cannot be opened. */
export async function withStore<T>(config: Config, work: (store: Store) => Promise<T>): Promise<T> {
  let store: Store;
  try {
    store = await openStore(storeOptions(config));
  } catch (error) {
    throw systemError('cannot open the store', error);
  }
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Who a command's entries in the trail are by. */
export const ACTOR = 'command line';
