// What `yarak lsp` changes: fixes and formatting. And that it lasts: a large file, an editor that goes away, the stock
// rules.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CodeAction, CompletionList, Location, TextEdit } from 'vscode-languageserver/node';
import { edited, LspClient, positionIn, replaced } from '../../support/lsp-client.ts';
import { diagnosed, fresh, rule } from '../../support/lsp-documents.ts';

let client: LspClient;

beforeAll(async () => {
  client = await LspClient.start();
});

afterAll(async () => {
  expect(await client.stop()).toBe(0);
});

describe('fixes', () => {
  const actionsFor = async (text: string, code: string, more: object = {}) => {
    const { uri, found } = await diagnosed(client, text);
    const diagnostic = found.find((one) => one.code === code);
    if (diagnostic === undefined) throw new Error(`no ${code} in ${JSON.stringify(found)}`);
    const actions = await client.request<CodeAction[]>('textDocument/codeAction', uri, undefined, {
      range: diagnostic.range,
      context: { diagnostics: [diagnostic], ...more },
    });
    return actions.map(({ title, kind, edit, isPreferred }) => ({
      title,
      kind,
      isPreferred,
      text: edited(text, edit?.changes?.[uri] ?? []),
    }));
  };
  const output = 'output: "%proc.cmdline %proc.exepath %proc.pname %user.name"';
  const base = rule('evt.type = execve').replace('output: x', output);

  it.each([
    [
      'FIELD_UNKNOWN',
      base.replace('= execve\n  output', '= execve and proc.anam[2] = x\n  output'),
      'proc.anam[',
      'proc.aname[',
    ],
    [
      'FIELD_UNKNOWN',
      base.replace('= execve\n  output', '= execve and tolower(proc.nme) = x\n  output'),
      'proc.nme',
      'proc.name',
    ],
    [
      'LOAD_ERR_VALIDATE',
      base.replace('= execve\n  output', '= execve and spawnd\n  output'),
      'spawnd',
      'spawned',
    ],
    ['LOAD_ERR_COMPILE_OUTPUT', base.replace('%user.name', '%user.nme'), 'user.nme', 'user.name'],
    ['LOAD_UNKNOWN_KEY', `${base}  prioritty: x\n`, 'prioritty', 'priority'],
    ['LOAD_UNKNOWN_ITEM', `${base}- ruel: x\n`, 'ruel', 'rule'],
  ])('%s: the nearest right name', async (code, text, wrong, right) => {
    expect(text).toContain(wrong);
    const [action] = await actionsFor(text, code);
    expect(action).toMatchObject({ kind: 'quickfix', isPreferred: true, text: text.replace(wrong, right) });
    expect(action?.title).toMatch(/^Write /);
  });

  it("makes the linter's fixes", async () => {
    const text = base.replace('= execve\n  output', '= execve and proc.name in ("shells")\n  output');
    expect(await actionsFor(text, 'LINT_LIST_NAME_QUOTED')).toEqual([
      {
        title: 'Write shells without quotes',
        kind: 'quickfix',
        isPreferred: true,
        text: text.replace('"shells"', 'shells'),
      },
    ]);
  });

  it('makes all safe fixes at once', async () => {
    const text = base.replace('[sh, bash]', '[sh, bash, sh, bash] # shells');
    const actions = await actionsFor(text, 'LINT_DUPLICATE_ITEM', { only: ['source.fixAll'] });
    expect(actions).toEqual([
      {
        title: 'Make all safe fixes',
        kind: 'source.fixAll.yarak',
        isPreferred: undefined,
        text: base.replace('[sh, bash]', '[sh, bash] # shells'),
      },
    ]);
  });
});

describe('formatting', () => {
  const format = (uri: string) =>
    client.request<TextEdit[]>('textDocument/formatting', uri, undefined, {
      options: { tabSize: 2, insertSpaces: true },
    });

  it('is what yarak fmt writes, and touches only the lines that change', async () => {
    const text = rule('evt.type=execve   and proc.name = bash');
    const uri = fresh();
    await client.write(uri, text);
    const edits = await format(uri);
    expect(edited(text, edits)).toContain('\n  condition: evt.type = execve and proc.name = bash\n');
    expect(edits).toHaveLength(1);
    await client.write(uri, edited(text, edits));
    expect(await format(uri)).toEqual([]);
  });

  it('refuses a file that does not parse', async () => {
    const uri = fresh();
    await client.write(uri, '- rule: A\n  desc: [x\n');
    await expect(format(uri)).rejects.toThrow(/^line \d+, column \d+: .*Flow sequence/);
  });
});

describe('a file of a megabyte', () => {
  const count = 2000;
  const text = `- list: shells\n  items: [sh, bash]\n${Array.from({ length: count }, (_, i) =>
    rule(
      `>\n    evt.type in (execve, execveat) and proc.name in (shells)\n    and not proc.pname in (systemd, cron${i}) and fd.name startswith /var/lib/${i}\n    and (user.uid = ${i} or proc.cmdline contains "curl ${i} of a somewhat longer command line, to be of size")`,
      '  tags: [T1059, container, some_team]\n',
    )
      .replace(/^(?:- (?:list|macro).*\n.*\n)*/, '')
      .replace('rule: A', `rule: Rule number ${i}, which has a name of common length`)
      .replace('desc: d', 'desc: What it is about is told here in a sentence that is as long as they are.'),
  ).join('')}`;

  it('is completed and checked as it is typed', async () => {
    expect(text.length).toBeGreaterThan(900_000);
    const editor = await LspClient.start();
    const uri = fresh();
    await editor.write(uri, text);
    expect((await editor.diagnostics(uri)).filter(({ severity }) => severity === 1)).toEqual([]);
    const end = positionIn(text, text.indexOf(`startswith /var/lib/${count / 2}`));
    const used = editor.cpuMs();
    await editor.change(uri, { start: end, end }, 'x.name = a and proc.ex ');
    const at = { line: end.line, character: end.character + 'x.name = a and proc.ex'.length };
    const found = await editor.request<CompletionList>('textDocument/completion', uri, at);
    // Ten times what it takes here (docs/editors.md); reading the whole file again would take more.
    if (used !== undefined) expect(editor.cpuMs()! - used).toBeLessThan(250);
    const item = found.items.find(({ label }) => label === 'proc.exepath');
    expect(replaced(item!)).toBe(`${end.line}:${at.character - 7}-${end.line}:${at.character}`);
    const errors = (await editor.diagnostics(uri)).filter(({ severity }) => severity === 1);
    expect(errors.map(({ code, range }) => `${code} ${range.start.line}`)).toEqual([
      `CONDITION_SYNTAX ${end.line}`,
    ]);
    expect(await editor.stop()).toBe(0);
  });
});

describe('a server', () => {
  it('ends with its editor', async () => {
    const editor = await LspClient.start();
    const exited = new Promise((tell) => editor.process.once('exit', tell));
    editor.process.stdin?.end();
    expect(await exited).toBe(1);
  });

  const stock = process.env['YARAK_FALCO_RULES'] ?? '';
  it.skipIf(stock === '')('knows the stock rules', async () => {
    const editor = await LspClient.start({ folder: stock });
    const uri = pathToFileURL(join(stock, 'falco_rules.yaml')).href;
    const text = readFileSync(join(stock, 'falco_rules.yaml'), 'utf8');
    const found = await editor.diagnostics(uri);
    expect(found.filter(({ severity }) => severity === 1)).toEqual([]);
    const places = await editor.request<Location[]>(
      'textDocument/references',
      uri,
      positionIn(text, text.indexOf('- macro: spawned_process') + 12),
      { context: { includeDeclaration: true } },
    );
    expect(places.length).toBeGreaterThan(20);
    for (const { uri: file, range } of places) {
      const lines = readFileSync(new URL(file), 'utf8').split('\n');
      expect(lines[range.start.line]?.slice(range.start.character, range.end.character)).toBe(
        'spawned_process',
      );
    }
    expect(await editor.stop()).toBe(0);
  });
});
