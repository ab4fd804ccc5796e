// `yarak serve` and `yarak config …`: the service from the command line.

import { pino } from 'pino';
import { visible } from '../../base/escape/visible.ts';
import { boundHeap, configJsonSchema, type Running, serve } from '../../server/index.ts';
import { CliError } from '../error.ts';
import { readServiceConfig, type ServiceFlags } from '../service-config.ts';

/** Exit 0 when the configuration can be used, 2 when not. */
export function runConfigCheck(flags: ServiceFlags): void {
  const config = readServiceConfig(flags);
  process.stdout.write(
    `The configuration is valid: listens on ${config.listen}, keeps its data in ${config.database === undefined ? visible(config.data) : 'PostgreSQL'}.\n`,
  );
}

/** Prints the JSON Schema of the configuration file, for editors. */
export function runConfigSchema(): void {
  process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
}

/** Runs until SIGTERM or SIGINT; SIGHUP reads the configuration again. */
export async function runServe(flags: ServiceFlags): Promise<void> {
  const config = readServiceConfig(flags);
  // To standard error: standard output is for what a person asked for.
  const log = pino(
    { level: config.log.level, redact: ['req.headers.authorization', 'req.headers.cookie'] },
    pino.destination(2),
  );
  let running: Running;
  try {
    running = await serve({ config, environment: process.env, log });
    boundHeap();
  } catch (error) {
    throw new CliError(3, error instanceof Error ? error.message : String(error), { cause: error });
  }
  process.stdout.write(
    `Yarak listens. Log in within ten minutes with this link, once:\n\n  ${running.loginLink()}\n\n`,
  );
  process.on('SIGHUP', () => {
    const reload = async (): Promise<void> => running.reload(readServiceConfig(flags));
    reload().catch((error: unknown) => log.error({ err: error }, 'the configuration was not taken over'));
  });
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  await running.stop();
}
