// The VS Code extension as it is installed: built, packed, unpacked in an empty folder, its server run by plain Node.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MODIFIERS, OPERATORS, TRANSFORMERS } from '../../src/detect/lang/index.ts';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { LspClient, shown } from '../support/lsp-client.ts';

const root = resolve(import.meta.dirname, '../..');
let folder: string;
let names: string[];
let vsix: string;

const build = (target: string) =>
  execFileSync(process.execPath, [join(root, 'scripts/build-vscode.ts'), target], {
    encoding: 'utf8',
  }).trim();
const packed = (name: string) => readFileSync(join(folder, name), 'utf8');

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'yarak-vscode-'));
  vsix = build(folder);
  const files = unzipSync(readFileSync(vsix));
  names = Object.keys(files).sort();
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What a browser's XML parser finds in a text. */
interface Xml {
  readonly errors: number;
  readonly identity: readonly Readonly<Record<string, string>>[];
  readonly assets: readonly string[];
  readonly defaults: readonly string[];
  readonly overrides: readonly string[];
}

const READ_XML = `(text) => {
  const xml = new DOMParser().parseFromString(text, 'text/xml');
  const attributes = (tag) => [...xml.getElementsByTagName(tag)].map((node) =>
    Object.fromEntries([...node.attributes].map(({ name, value }) => [name, value])));
  return {
    errors: xml.getElementsByTagName('parsererror').length,
    identity: attributes('Identity'),
    assets: attributes('Asset').map(({ Path }) => Path),
    defaults: attributes('Default').map(({ Extension }) => Extension),
    overrides: attributes('Override').map(({ PartName }) => PartName),
  };
}`;

describe('the package', () => {
  it('has what VS Code needs and nothing else', () => {
    expect(names).toEqual([
      '[Content_Types].xml',
      'extension.vsixmanifest',
      'extension/LICENSE',
      'extension/README.md',
      'extension/dist/diagnostics.md',
      'extension/dist/extension.cjs',
      'extension/dist/server.mjs',
      'extension/language-configuration.json',
      'extension/package.json',
      'extension/syntaxes/falco-injection.tmLanguage.json',
      'extension/syntaxes/falco-rules.tmLanguage.json',
    ]);
  });

  it.skipIf(chromiumPath === undefined)('has manifests that are XML and name what is there', async () => {
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      const read = (text: string) => page.evaluate<Xml>(`(${READ_XML})(${JSON.stringify(text)})`);
      const manifest = await read(packed('extension.vsixmanifest'));
      const { name, version, publisher } = JSON.parse(packed('extension/package.json')) as Record<
        string,
        string
      >;
      expect(manifest.errors).toBe(0);
      expect(manifest.identity).toEqual([
        { Language: 'en-US', Id: name, Version: version, Publisher: publisher },
      ]);
      for (const asset of manifest.assets) expect(names).toContain(asset);
      const types = await read(packed('[Content_Types].xml'));
      expect(types.errors).toBe(0);
      for (const part of names.filter((one) => one !== '[Content_Types].xml')) {
        const known =
          types.overrides.includes(`/${part}`) || types.defaults.some((end) => part.endsWith(end));
        expect(known, part).toBe(true);
      }
    } finally {
      await browser.close();
    }
  });

  it('names files that are there', () => {
    const { main, contributes } = JSON.parse(packed('extension/package.json')) as {
      main: string;
      contributes: { languages: { configuration: string }[]; grammars: { path: string }[] };
    };
    const paths = [
      main,
      ...contributes.languages.map(({ configuration }) => configuration),
      ...contributes.grammars.map(({ path }) => path),
    ];
    for (const path of paths) expect(names).toContain(join('extension', path));
  });

  it('needs nothing but Node and VS Code', () => {
    const builtin = (name: string) => name.startsWith('node:') || builtinModules.includes(name);
    const client = [
      ...packed('extension/dist/extension.cjs').matchAll(/\brequire\(\s*["'`]([^"'`]+)["'`]\s*\)/g),
    ].map(([, name = '']) => name);
    expect(client).toContain('vscode');
    expect(client.filter((name) => name !== 'vscode' && !builtin(name))).toEqual([]);
    const server = [
      ...packed('extension/dist/server.mjs').matchAll(/(?:^|[;}\s])(?:import|from)\s*["'`]([^"'`]+)["'`]/g),
    ].map(([, name = '']) => name);
    expect(server.length).toBeGreaterThan(2);
    expect(server.filter((name) => !builtin(name))).toEqual([]);
  });

  it('is the same file each time', () => {
    const again = mkdtempSync(join(tmpdir(), 'yarak-vscode-'));
    try {
      expect(readFileSync(build(again)).equals(readFileSync(vsix))).toBe(true);
    } finally {
      rmSync(again, { recursive: true, force: true });
    }
  });
});

describe('the packed server', () => {
  it('answers, with pages for its codes beside it', async () => {
    const server = await LspClient.start({ server: [join(folder, 'extension/dist/server.mjs'), '--stdio'] });
    const { version } = JSON.parse(packed('extension/package.json')) as { version: string };
    expect(server.initialized.serverInfo).toEqual({ name: 'yarak', version });
    const uri = 'file:///nowhere/a_rules.yaml';
    await server.write(
      uri,
      '- rule: A\n  desc: d\n  condition: evt.type = execve and proc.nam = sh\n  output: x %proc.cmdline\n  priority: NOTICE\n',
    );
    const [first] = await server.diagnostics(uri);
    expect([first?.code, shown(first!.range)]).toEqual(['FIELD_UNKNOWN', '2:35-2:43']);
    const page = new URL(first?.codeDescription?.href ?? '');
    expect(readFileSync(new URL(page.pathname, page), 'utf8')).toContain(
      `### ${page.hash.slice(1).toUpperCase()}`,
    );
    expect(await server.stop()).toBe(0);
  });
});

describe('the grammars', () => {
  const rules = () => JSON.parse(packed('extension/syntaxes/falco-injection.tmLanguage.json')) as object;
  const strings = (node: unknown, key: string): string[] =>
    node === null || typeof node !== 'object'
      ? []
      : Object.entries(node).flatMap(([name, value]) => [
          ...(name === key && typeof value === 'string' ? [value] : []),
          ...strings(value, key),
        ]);

  it('have patterns that compile, and includes that are there', () => {
    const grammar = rules() as { repository: Record<string, unknown> };
    const patterns = ['match', 'begin', 'end', 'while'].flatMap((key) => strings(grammar, key));
    expect(patterns.length).toBeGreaterThan(20);
    // Groups of `begin` that `end` and `while` name are put in place before they compile.
    for (const pattern of patterns) expect(() => new RegExp(pattern.replace(/\\[1-9]/g, 'x'))).not.toThrow();
    for (const name of strings(grammar, 'include')) expect(grammar.repository).toHaveProperty(name.slice(1));
  });

  it('know every word of the condition language', () => {
    const words = new Set(strings(rules(), 'match').flatMap((pattern) => pattern.match(/[a-z0-9]+/g) ?? []));
    const needed = [...OPERATORS, ...MODIFIERS, ...TRANSFORMERS, 'exists', 'val', 'and', 'or', 'not'];
    expect(needed.filter((word) => /^\w/.test(word) && !words.has(word))).toEqual([]);
  });
});
