// The model against the loader, and every question at every place of texts that are cut, changed and half typed.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadRules } from '../../detect/rules/index.ts';
import {
  codeActions,
  complete,
  type DocumentText,
  definitions,
  difference,
  documentSymbols,
  FileReader,
  fixAll,
  format,
  hoverAt,
  loadFindings,
  references,
  rename,
  semanticTokens,
  Workspace,
  workspaceSymbols,
} from './index.ts';

function workspaceOf(...files: DocumentText[]): Workspace {
  return new Workspace(new FileReader().read(files));
}

const DOCUMENT = `- required_engine_version: 0.31.0
- list: shells
  items: [sh, "bash", 'zsh']
- list: more
  items:
    - shells
    - fish
- macro: spawned
  condition: >
    evt.type in (execve, execveat)
    and proc.aname[2] exists
- rule: &name "A: \\"quoted\\" rule"
  desc: 🦅 falcon
  condition: 'spawned and tolower(proc.name) in (more) and not fd.name startswith "/a''b"'
  output: "x %proc.name %20evt.arg.flags %tolower(user.name)"
  priority: NOTICE
  tags: [T1059, a]
  exceptions:
    - name: e
      fields: [proc.name, fd.sip]
      comps: [in, =]
      values:
        - [(shells), 1.2.3.4]
        - [[a, shells, b c], 1.2.3.4]
- rule: *name
  condition: and spawned
  override: {condition: append}
`;

/** Asks everything at a place; what comes back lies inside the text. */
function askAll(workspace: Workspace, name: string, offset: number): void {
  const { content } = workspace.file(name)!;
  const inside = ({ from, to }: { from: number; to: number }) =>
    expect(0 <= from && from <= to && to <= content.length, `${from}..${to} of ${content.length}`).toBe(true);
  const found = complete(workspace, name, offset);
  if (found !== undefined) {
    inside(found.span);
    expect(found.span.from <= offset && offset <= found.span.to).toBe(true);
    expect(content.slice(found.span.from, found.span.to)).not.toMatch(/\n/);
  }
  const hover = hoverAt(workspace, name, offset);
  if (hover !== undefined) inside(hover.span);
  for (const place of definitions(workspace, name, offset)) inside(place);
  for (const place of references(workspace, name, offset, true)) inside(place);
  for (const edit of rename(workspace, name, offset, 'renamed').edits ?? []) inside(edit);
}

function askFile(workspace: Workspace, name: string): void {
  const file = workspace.file(name)!;
  for (const { span, nameSpan } of documentSymbols(workspace, file)) {
    expect(span.from).toBeLessThanOrEqual(nameSpan.from);
    expect(nameSpan.to).toBeLessThanOrEqual(span.to);
    expect(span.to).toBeLessThanOrEqual(file.content.length);
  }
  let last = 0;
  for (const { from, to } of semanticTokens(workspace, file)) {
    expect(from).toBeGreaterThanOrEqual(last);
    last = to;
  }
  workspaceSymbols(workspace, 'a');
  const { diagnostics } = loadFindings([file]);
  codeActions(file, diagnostics, { from: 0, to: file.content.length });
  fixAll(file, diagnostics);
}

describe('the model', () => {
  it('names what stands there, through quotes, folding and aliases', () => {
    const workspace = workspaceOf({ name: 'a', content: DOCUMENT });
    const uses = (kind: 'list' | 'macro', name: string) =>
      workspace
        .occurrences(kind, name)
        .map(({ from, to, role }) => `${role} ${DOCUMENT.slice(from, to)}@${from}`);
    const all = (text: string) =>
      [...DOCUMENT.matchAll(new RegExp(`\\b${text}\\b`, 'g'))].map(({ index }) => index);
    expect(uses('list', 'shells')).toEqual(
      all('shells').map((at, i) => `${i === 0 ? 'defines' : 'uses'} shells@${at}`),
    );
    expect(uses('macro', 'spawned')).toEqual(
      all('spawned').map((at, i) => `${i === 0 ? 'defines' : 'uses'} spawned@${at}`),
    );
    expect(workspace.parts('rule', 'A: "quoted" rule').map(({ role }) => role)).toEqual([
      'defines',
      'appends',
    ]);
  });

  it('reads only what changed', () => {
    const reader = new FileReader();
    const [before] = reader.read([
      { name: 'a', content: DOCUMENT.replace(/\*name/, 'B').replace('&name ', '') },
    ]);
    const changed = before!.content.replace('falcon', 'hawk');
    const [after] = reader.read([{ name: 'a', content: changed }], [before!]);
    const same = before!.chunks.map(({ items }, i) => items === after!.chunks[i]?.items);
    expect(same.filter((one) => !one)).toHaveLength(1);
    expect(after!.chunks.map(({ text }) => text).join('')).toBe(changed);
  });

  it('refuses names that are written in another way', () => {
    const content = DOCUMENT;
    const workspace = workspaceOf({ name: 'a', content });
    expect(rename(workspace, 'a', content.indexOf('quoted'), 'B').problem).toBe(
      `'A: "quoted" rule' is written in another way in a; change that place first`,
    );
  });

  const stock = process.env['YARAK_FALCO_RULES'];
  it.skipIf(stock === undefined)(
    "agrees with the loader on what the stock rules' macros and lists are used by",
    () => {
      const files = ['falco_rules', 'falco-incubating_rules', 'falco-sandbox_rules'].map((name) => ({
        name,
        content: readFileSync(join(stock!, `${name}.yaml`), 'utf8'),
      }));
      const workspace = workspaceOf(...files);
      const set = loadRules(files);
      for (const kind of ['macro', 'list'] as const) {
        const items = kind === 'macro' ? set.macros : set.lists;
        expect(items.length).toBeGreaterThan(40);
        const unused = items.filter(({ used }) => !used).map(({ name }) => name);
        const names = [...workspace.names(kind)].map(({ name }) => name);
        expect(new Set(names)).toEqual(new Set(items.map(({ name }) => name)));
        const unnamed = names.filter((name) =>
          workspace.occurrences(kind, name).every(({ role }) => role !== 'uses'),
        );
        expect(new Set(unnamed)).toEqual(new Set(unused));
      }
      // Renaming a macro and a list everywhere changes nothing for the loader but the name.
      for (const [text, to] of [
        ['spawned_process', 'started_process'],
        ['shell_binaries', 'posix_shells'],
      ] as const) {
        const at = files[0]!.content.indexOf(`: ${text}\n`) + 2;
        const { edits = [] } = rename(workspace, 'falco_rules', at, to);
        expect(edits.length).toBeGreaterThan(5);
        const renamed = files.map((file) => ({
          ...file,
          content: apply(
            file.content,
            edits.filter((one) => one.file.name === file.name),
          ),
        }));
        expect(loadRules(renamed).rules.map(({ compiled }) => compiled)).toEqual(
          set.rules.map(({ compiled }) => compiled),
        );
      }
    },
  );
});

function apply(text: string, edits: readonly { from: number; to: number; text: string }[]): string {
  return [...edits]
    .sort((a, b) => b.from - a.from)
    .reduce((all, edit) => all.slice(0, edit.from) + edit.text + all.slice(edit.to), text);
}

describe('any text', () => {
  it('answers at every place of a document, and of all that is typed of it', () => {
    for (let end = 0; end <= DOCUMENT.length; end += 3) {
      const workspace = workspaceOf({ name: 'a', content: DOCUMENT.slice(0, end) });
      askAll(workspace, 'a', end);
      if (end % 60 === 0) askFile(workspace, 'a');
    }
    const workspace = workspaceOf({ name: 'a', content: DOCUMENT });
    for (let at = 0; at <= DOCUMENT.length; at += 2) askAll(workspace, 'a', at);
    askFile(workspace, 'a');
  });

  it('answers in documents with pieces cut out, doubled and strewn in', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '"',
        "'",
        '[',
        ']',
        '{',
        '}',
        '\n',
        '\r\n',
        '- ',
        ': ',
        '>',
        '|',
        '#',
        '&a ',
        '*a',
        '*name',
        '---\n',
        '\t',
        '%',
        '\u{1f985}',
        '\ud800',
        '\0',
        '\ue000',
      ),
      fc.string({ maxLength: 6, unit: 'grapheme' }),
    );
    const change = fc.tuple(fc.nat(DOCUMENT.length), fc.nat(30), piece);
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 6 }),
        fc.nat(DOCUMENT.length),
        (changes, cursor) => {
          let content = DOCUMENT;
          for (const [at, length, text] of changes)
            content = content.slice(0, at) + text + content.slice(at + length);
          const workspace = workspaceOf({ name: 'a', content });
          askAll(workspace, 'a', Math.min(cursor, content.length));
          for (const [at] of changes) askAll(workspace, 'a', Math.min(at, content.length));
          askFile(workspace, 'a');
        },
      ),
      { numRuns: 80 },
    );
  });

  it('stays small for aliases that multiply', () => {
    let content = '- list: a\n  items:\n    - &a0 [x, x]\n';
    for (let i = 1; i < 40; i++) content += `    - &a${i} [*a${i - 1}, *a${i - 1}]\n`;
    askFile(workspaceOf({ name: 'a', content }), 'a');
  });
});

describe('the room', () => {
  it('runs where there is no Node and no protocol', () => {
    const files = globSync('*.ts', { cwd: import.meta.dirname }).filter((name) => !name.endsWith('.test.ts'));
    expect(files.length).toBeGreaterThan(10);
    for (const name of files) {
      const text = readFileSync(join(import.meta.dirname, name), 'utf8');
      const imports = [...text.matchAll(/\bfrom\s*'([^']+)'/g)].map(([, from = '']) => from);
      for (const from of imports) expect(from, name).toMatch(/^(?:\.\/|\.\.\/\.\.\/(?:base|detect)\/)/);
    }
  });
});

describe('difference', () => {
  it.each([
    ['a\nb\nc\n', 'a\nB\nc\n', 'B\n'],
    ['a\nb\nc\n', 'a\nb\nb2\nc\n', undefined],
    ['a\nb', 'a\nb\n', undefined],
    ['', 'a\n', 'a\n'],
    ['a\n', '', ''],
    ['a\na\na\n', 'a\na\n', undefined],
  ])('%j to %j', (before, after, text) => {
    const edit = difference(before, after)!;
    expect(before.slice(0, edit.from) + edit.text + before.slice(edit.to)).toBe(after);
    if (text !== undefined) expect(edit.text).toBe(text);
  });

  it('makes one text of any other', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', '\n', 'ab\n'), { maxLength: 12 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const edit = difference(before, after);
        const result =
          edit === undefined ? before : before.slice(0, edit.from) + edit.text + before.slice(edit.to);
        expect(result).toBe(after);
      }),
    );
  });
});

describe('format', () => {
  it('tells where a file does not parse', () => {
    expect(format({ name: 'a', content: '- rule: [x\n' }, []).problem).toMatch(/^line 2, column 1: /);
  });
});
