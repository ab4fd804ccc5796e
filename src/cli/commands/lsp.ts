// `yarak lsp`: the language server, on standard input and output.

import { VERSION } from '../../base/node/version.ts';
import { startServer } from '../../lsp/index.ts';

/** Serves until the editor ends it. */
export function run(): void {
  startServer({ version: VERSION, input: process.stdin, output: process.stdout });
}
