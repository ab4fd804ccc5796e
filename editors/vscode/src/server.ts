// The language server as the extension packs it: one file, for the Node that VS Code brings.

import { startServer } from '../../../src/lsp/index.ts';
import manifest from '../package.json' with { type: 'json' };

startServer({ version: manifest.version, input: process.stdin, output: process.stdout });
