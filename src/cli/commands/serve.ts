// `yarak serve` and `yarak config check`: the service from the command line.

import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { visible } from '../../base/escape/visible.ts';
import { deliverSchema } from '../../deliver/index.ts';
import { type Config, type Running, readConfig, serve } from '../../server/index.ts';
import { CliError, systemError } from '../error.ts';

export interface ServeFlags {
  readonly config?: string;
  readonly listen?: string;
  readonly data?: string;
  readonly database?: string;
  readonly rules?: readonly string[];
}

function read(flags: ServeFlags): Config {
  const { config: name, rules, ...rest } = flags;
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
    flags: { ...rest, ...(rules === undefined || rules.length === 0 ? {} : { rules: [...rules] }) },
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

/** Exit 0 when the configuration can be used, 2 when not. */
export function runConfigCheck(flags: ServeFlags): void {
  const config = read(flags);
  process.stdout.write(
    `The configuration is valid: listens on ${config.listen}, keeps its data in ${config.database === undefined ? visible(config.data) : 'PostgreSQL'}.\n`,
  );
}

/** Runs until SIGTERM or SIGINT; SIGHUP reads the configuration again. */
export async function runServe(flags: ServeFlags): Promise<void> {
  const config = read(flags);
  // To standard error: standard output is for what a person asked for.
  const log = pino(
    { level: config.log.level, redact: ['req.headers.authorization', 'req.headers.cookie'] },
    pino.destination(2),
  );
  let running: Running;
  try {
    running = await serve({ config, environment: process.env, log });
  } catch (error) {
    throw new CliError(3, error instanceof Error ? error.message : String(error), { cause: error });
  }
  process.stdout.write(
    `Yarak listens. Log in within ten minutes with this link, once:\n\n  ${running.loginLink()}\n\n`,
  );
  process.on('SIGHUP', () => {
    const reload = async (): Promise<void> => running.reload(read(flags));
    reload().catch((error: unknown) => log.error({ err: error }, 'the configuration was not taken over'));
  });
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  await running.stop();
}
