// Documents and folders for tests of the language server.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { LspClient } from './lsp-client.ts';

let number = 0;

/** A name that no document has had. */
export function fresh(): string {
  return `file:///nowhere/document-${number++}_rules.yaml`;
}

/** A rule whose condition, and what may follow it, is given; with a macro and a list to name. */
export function rule(condition: string, more = ''): string {
  return `- list: shells
  items: [sh, bash]
- macro: spawned
  condition: evt.type = execve
- rule: A
  desc: d
  condition: ${condition}
  output: x
  priority: NOTICE
${more}`;
}

const folders: string[] = [];

/** A folder of these files; `removeFolders` takes it away. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'yarak-lsp-')));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** The diagnostics of a document of its own. */
export async function diagnosed(client: LspClient, text: string) {
  const uri = fresh();
  await client.write(uri, text);
  const found = await client.diagnostics(uri);
  return { uri, found };
}
