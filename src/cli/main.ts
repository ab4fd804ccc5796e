// The command line's front door. Each command is one file in commands/, loaded only when it is asked for, so that
// start-up pays for nothing else.

import { Command } from 'commander';
import { VERSION } from '../base/node/version.ts';
import { registerCommands } from './commands.ts';

/** Runs the CLI on `argv` (as process.argv). Sets `process.exitCode`: 0 ok, 1 failed check, 2 usage, 3 environment. */
export async function main(argv: readonly string[]): Promise<void> {
  // A reader that has seen enough (`| head`) closes the pipe; that is no error.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit();
    });
  }
  const program = new Command('yarak')
    .description('From a Falco alert to a checked fix.')
    .option('-V, --version', 'print the version')
    .showHelpAfterError()
    .exitOverride((error) => {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      throw error;
    });
  program.on('option:version', () => {
    process.stdout.write(`${VERSION}\n`);
    process.exit(0);
  });
  registerCommands(program);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof Error && error.name === 'CommanderError') return;
    if (error instanceof Error && 'exitCode' in error && typeof error.exitCode === 'number') {
      process.stderr.write(`yarak: ${error.message}\n`);
      process.exitCode = error.exitCode;
      return;
    }
    throw error;
  }
}
