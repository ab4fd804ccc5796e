#!/usr/bin/env node
// Starts the CLI: from dist/ in the published package, straight from the TypeScript source in a checkout. It uses
// nothing that an old Node lacks before the check, so that an old Node gets a sentence and not a stack trace.

const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    `yarak needs Node.js 24 or newer; this is ${process.version} (${process.execPath}).\n` +
      'In a checkout, "npm run yarak -- ARGS" uses the pinned version.\n',
  );
  process.exit(3);
}

const { existsSync } = await import('node:fs');
const { enableCompileCache } = await import('node:module');
enableCompileCache();
const source = new URL('../src/cli/main.ts', import.meta.url);
const entry = existsSync(source) ? source : new URL('../dist/cli/main.js', import.meta.url);
const { main } = await import(entry.href);
await main(process.argv);
