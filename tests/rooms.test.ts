// The rooms of the source tree and the one-way arrows between them (docs/architecture.md). A room is used through
// its `index.ts`; inside a room imports are free.

import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const src = join(root, 'src');

/** Room → the rooms it may import. Sub-rooms of `detect` and `sources` are rooms of their own. */
const DETECT = ['detect/lang', 'detect/fields', 'detect/rules', 'detect/engine'];
const SOURCES = ['sources/scap', 'sources/audit'];
const UP_TO_TRIAGE = ['base', 'alerts', ...DETECT, ...SOURCES];
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  alerts: ['base'],
  'detect/fields': ['base', 'alerts'],
  'detect/lang': ['base', 'alerts', 'detect/fields'],
  'detect/rules': ['base', 'alerts', 'detect/lang', 'detect/fields'],
  'detect/engine': ['base', 'alerts', 'detect/lang', 'detect/fields', 'detect/rules'],
  'sources/scap': ['base', 'alerts', ...DETECT],
  'sources/audit': ['base', 'alerts', ...DETECT],
  'rule-tests': UP_TO_TRIAGE,
  'lsp/language': ['base', 'alerts', ...DETECT],
  lsp: ['base', 'alerts', ...DETECT, 'lsp/language'],
  triage: UP_TO_TRIAGE,
  mitigate: [...UP_TO_TRIAGE, 'triage'],
  report: [...UP_TO_TRIAGE, 'triage', 'mitigate'],
  store: ['base', 'alerts', ...DETECT, 'triage'],
  deliver: [...UP_TO_TRIAGE, 'triage', 'mitigate', 'report'],
  server: [...UP_TO_TRIAGE, 'triage', 'mitigate', 'report', 'store', 'deliver'],
  cli: [...UP_TO_TRIAGE, 'rule-tests', 'lsp', 'triage', 'mitigate', 'report', 'store', 'deliver', 'server'],
};

/** What the browser gets: these rooms must not need Node. */
const BROWSER_ROOMS = ['base', 'alerts', 'detect/lang', 'detect/fields', 'detect/rules', 'lsp/language'];
const WEB_MAY_IMPORT = BROWSER_ROOMS;

function roomOf(file: string): string {
  const parts = relative(src, file).split('/');
  if (parts[0] === 'lsp' && parts[1] === 'language') return 'lsp/language';
  return parts[0] === 'detect' || parts[0] === 'sources' ? `${parts[0]}/${parts[1]}` : (parts[0] as string);
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [
    ...text.matchAll(
      /(?:^|\n)\s*(?:import|export)[^'"`;]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g,
    ),
  ].map((match) => (match[1] ?? match[2]) as string);
}

const files = globSync('**/*.ts', { cwd: src }).map((file) => join(src, file));
const sources = files.filter((file) => !file.endsWith('.test.ts'));

describe('rooms', () => {
  it('has files to look at', () => {
    expect(sources.length).toBeGreaterThan(5);
  });

  it('arrows go one way, through index.ts', () => {
    const broken: string[] = [];
    for (const file of files) {
      const room = roomOf(file);
      const allowed = MAY_IMPORT[room];
      if (allowed === undefined) {
        broken.push(`${relative(root, file)}: no such room "${room}"`);
        continue;
      }
      for (const specifier of importsOf(file)) {
        if (!specifier.startsWith('.')) continue;
        const target = resolve(dirname(file), specifier);
        if (!target.startsWith(src)) {
          if (!file.endsWith('.test.ts')) broken.push(`${relative(root, file)} leaves src: ${specifier}`);
          continue;
        }
        const targetRoom = roomOf(target);
        if (targetRoom === room) continue;
        if (!allowed.includes(targetRoom))
          broken.push(`${relative(root, file)} (${room}) may not import ${targetRoom}`);
        else if (targetRoom !== 'base' && !target.endsWith('/index.ts')) {
          broken.push(`${relative(root, file)} goes past ${targetRoom}/index.ts: ${specifier}`);
        }
      }
    }
    expect(broken).toEqual([]);
  });

  it('rooms that the browser loads are free of Node', () => {
    const broken = sources
      .filter((file) => BROWSER_ROOMS.includes(roomOf(file)) && !file.includes('/node/'))
      .flatMap((file) =>
        importsOf(file)
          .filter((s) => s.startsWith('node:'))
          .map((s) => `${relative(root, file)}: ${s}`),
      );
    expect(broken).toEqual([]);
  });

  it('the web UI imports only what runs in a browser', () => {
    const web = join(root, 'web');
    const broken: string[] = [];
    for (const file of globSync('src/**/*.{ts,tsx}', { cwd: web }).map((f) => join(web, f))) {
      for (const specifier of importsOf(file)) {
        if (!specifier.startsWith('.')) continue;
        const target = resolve(dirname(file), specifier);
        if (target.startsWith(src) && !WEB_MAY_IMPORT.includes(roomOf(target)))
          broken.push(`${relative(root, file)}: ${specifier}`);
      }
    }
    expect(broken).toEqual([]);
  });
});
