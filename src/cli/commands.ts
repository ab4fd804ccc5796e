// Every command, by name. `load` imports its file only when the command runs; the file's `run` gets what Commander parsed.

import type { Command } from 'commander';

/** Registers all commands on `program`. */
export function registerCommands(_program: Command): void {}
