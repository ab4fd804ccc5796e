// The commands of the service: serve, config, token, deliver, backup, restore, export. Their files are imported only
// when they run.

import type { Command } from 'commander';

/** Collects an option that may be given several times. */
function several(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** The options that every command of the service takes. */
function configured(command: Command): Command {
  return command
    .option('-c, --config <file>', 'the configuration file (docs/service.md)')
    .option('--data <dir>', 'the folder of the embedded database')
    .option('--database <url>', 'postgres://… instead of the embedded database');
}

export function registerService(program: Command): void {
  configured(program.command('serve'))
    .summary('the service: ingest, store, API, delivery')
    .description(
      'Takes what Falco posts, keeps it, triages it, and tells others. Runs until SIGTERM; SIGHUP reads the configuration again.',
    )
    .option('--listen <host:port>', 'default 127.0.0.1:8765')
    .option('-r, --rules <file>', 'Falco rule files; may be repeated', several)
    .action(async (options) => {
      const { runServe } = await import('./serve.ts');
      await runServe(options);
    });

  const config = program.command('config').summary('check the configuration of the service');
  configured(config.command('check'))
    .description('Says whether the configuration can be used, with file, line and column where not.')
    .option('--listen <host:port>', 'default 127.0.0.1:8765')
    .option('-r, --rules <file>', 'Falco rule files; may be repeated', several)
    .action(async (options) => {
      const { runConfigCheck } = await import('./serve.ts');
      runConfigCheck(options);
    });
  config
    .command('schema')
    .description('Prints the JSON Schema of the configuration file.')
    .action(async () => {
      const { runConfigSchema } = await import('./serve.ts');
      runConfigSchema();
    });

  const token = program.command('token').summary('API tokens of the service');
  configured(token.command('create'))
    .description('Makes a token and prints it, this once.')
    .argument('<name>', 'what uses it: falco, grafana, a person')
    .option('--role <role>', 'ingest, read, respond or admin', 'ingest')
    .option('--expires <duration>', 'such as 90d; never, if not given')
    .action(async (name: string, options) => {
      const { runTokenCreate } = await import('./token.ts');
      process.exitCode = await runTokenCreate(name, options);
    });
  configured(token.command('list'))
    .description('Lists all tokens, without their secrets.')
    .action(async (options) => {
      const { runTokenList } = await import('./token.ts');
      process.exitCode = await runTokenList(options);
    });
  configured(token.command('revoke'))
    .description('Revokes a token; a running service refuses it within five seconds.')
    .argument('<id>', 'as `yarak token list` prints it')
    .action(async (id: string, options) => {
      const { runTokenRevoke } = await import('./token.ts');
      process.exitCode = await runTokenRevoke(id, options);
    });

  configured(program.command('deliver').summary('try a route of the service').command('test'))
    .description('Sends a test message to every target of a route, and says which took it.')
    .argument('<route>', "a route's name in the configuration")
    .action(async (route: string, options) => {
      const { runDeliverTest } = await import('./deliver.ts');
      process.exitCode = await runDeliverTest(route, options);
    });

  configured(program.command('backup'))
    .summary('everything that the service keeps, as one file')
    .description('Writes one moment of the store to a file of JSON lines, gzip. The service may be running.')
    .argument('<file>', 'such as yarak-backup.ndjson.gz')
    .option('--force', 'replace a file that is there')
    .action(async (file: string, options) => {
      const { runBackup } = await import('./backup.ts');
      process.exitCode = await runBackup(file, options);
    });
  configured(program.command('restore'))
    .summary('a backup into an empty store')
    .description('Fills an empty store from a backup, on either database. Stop the service first.')
    .argument('<file>', 'what `yarak backup` wrote')
    .action(async (file: string, options) => {
      const { runRestore } = await import('./backup.ts');
      process.exitCode = await runRestore(file, options);
    });
  configured(program.command('export'))
    .summary('stored alerts, as Falco sent them')
    .description('Prints stored alerts oldest first, one a line: input for `yarak report -`.')
    .option('--since <time>', 'from this time, such as 2026-11-24T03:00:00Z')
    .option('--until <time>', 'before this time')
    .option('--finding <id>', 'of one finding')
    .option('--incident <id>', 'of one incident')
    .action(async (options) => {
      const { runExport } = await import('./backup.ts');
      process.exitCode = await runExport(options);
    });
}
