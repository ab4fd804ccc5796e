// What `yarak lsp` finds in files, and in which files and which order it looks.

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DocumentSymbol, SymbolInformation } from 'vscode-languageserver/node';
import { LspClient, positionIn, shown } from '../../support/lsp-client.ts';
import { diagnosed, folderWith, fresh, removeFolders } from '../../support/lsp-documents.ts';

let client: LspClient;

beforeAll(async () => {
  client = await LspClient.start();
});

afterAll(async () => {
  expect(await client.stop()).toBe(0);
});

afterAll(removeFolders);

describe('diagnostics', () => {
  const clean = (condition: string) => `- rule: A
  desc: d
  condition: ${condition}
  output: "%proc.cmdline %proc.exepath %proc.pname %user.name"
  priority: NOTICE
  tags: [T1059]
`;

  it.each([
    [clean('evt.type = execve and proc.nam = bash'), ['1 FIELD_UNKNOWN 2:35-2:43']],
    [clean('>\n    evt.type = execve\n    and proc.nam = bash'), ['1 FIELD_UNKNOWN 4:8-4:16']],
    [clean('"evt.type = \\"execve\\" and proc.nam = bash"'), ['1 FIELD_UNKNOWN 2:40-2:48']],
    [clean('evt.type = execve and proc.name = "🦅" and nomacro'), ['1 LOAD_ERR_VALIDATE 2:56-2:63']],
    [clean('evt.type = execve and proc.nam = bash').replaceAll('\n', '\r\n'), ['1 FIELD_UNKNOWN 2:35-2:43']],
    [
      clean('>\n    evt.type = execve\n    and proc.nam = bash').replaceAll('\n', '\r\n'),
      ['1 FIELD_UNKNOWN 4:8-4:16'],
    ],
    [clean('evt.type = execve').replace('desc:', 'descr:'), ['1 LOAD_ERR_YAML_VALIDATE 0:8-0:9']],
    [clean('evt.type = execve').replace('[T1059]', '[t1059]'), ['2 LINT_TAG_MALFORMED 5:9-5:14']],
    [
      clean('evt.type = execve and proc.nam = bash').replace('%user.name', '%user.nme'),
      ['1 FIELD_UNKNOWN 2:35-2:43', '1 LOAD_ERR_COMPILE_OUTPUT 3:51-3:60'],
    ],
    ['- rule: [\n', ['1 LOAD_ERR_YAML_PARSE 1:0-1:0']],
    [clean('evt.type = execve'), []],
    ['', []],
  ])('%j', async (text, expected) => {
    const { found } = await diagnosed(client, text);
    expect(found.map(({ severity, code, range }) => `${severity} ${code} ${shown(range)}`)).toEqual(expected);
  });

  it('links codes to their pages, and what belongs to it to its place', async () => {
    const text = `- list: bad
  items: ["a b", c]
- rule: A
  desc: d
  condition: evt.type in (bad)
  output: "%proc.cmdline %proc.exepath %proc.pname %user.name"
  priority: NOTICE
  tags: [T1059]
`;
    const { uri, found } = await diagnosed(client, text);
    const [first] = found;
    expect(first?.code).toBe('EVENT_TYPE_UNKNOWN');
    expect(shown(first!.range)).toBe('4:26-4:29');
    expect(first?.codeDescription?.href).toMatch(/^file:.*\/docs\/diagnostics\.md#event_type_unknown$/);
    expect(
      first?.relatedInformation?.map(({ location, message }) => [
        location.uri,
        shown(location.range),
        message,
      ]),
    ).toEqual([[uri, '1:10-1:15', "'a b' of list bad is here"]]);
  });

  it('follows what is typed', async () => {
    const uri = fresh();
    await client.write(uri, clean('evt.type = execve and proc.nam = bash'));
    expect((await client.diagnostics(uri)).map(({ code }) => code)).toEqual(['FIELD_UNKNOWN']);
    const end = { line: 2, character: 43 };
    await client.change(uri, { start: end, end }, 'e');
    expect(await client.diagnostics(uri)).toEqual([]);
  });

  const RULES = (macro: string) =>
    `- rule: A\n  desc: d\n  condition: evt.type = execve and ${macro}\n  output: "%proc.cmdline %proc.exepath %proc.pname %user.name"\n  priority: NOTICE\n  tags: [T1059]\n`;
  const MACRO = '- macro: m\n  condition: proc.name = bash\n';

  it.each([
    ['the order of the names', { 'b_rules.yaml': RULES('m'), 'a_rules.yaml': MACRO }, undefined, []],
    [
      'the order of the names, the other way',
      { 'a_rules.yaml': RULES('m'), 'b_rules.yaml': MACRO },
      undefined,
      ['LOAD_ERR_VALIDATE'],
    ],
    [
      'the order of falco.yaml',
      {
        'a_rules.yaml': RULES('m'),
        'rules.d/m.yaml': MACRO,
        'falco.yaml': 'rules_files:\n  - /etc/falco/rules.d\n  - ./a_rules.yaml\n',
      },
      undefined,
      [],
    ],
    [
      'the order of the settings',
      { 'a_rules.yaml': RULES('m'), 'z.yaml': MACRO },
      { rulesFiles: ['z.yaml', 'a_rules.yaml'] },
      [],
    ],
  ])('loads files in %s', async (_, files, options, expected) => {
    const folder = folderWith(files as unknown as Record<string, string>);
    for (const way of ['initializationOptions', 'settings'] as const) {
      const editor = await LspClient.start({
        folder,
        ...(options !== undefined && { [way]: options }),
        capabilities: { workspace: { configuration: true } },
      });
      const name = Object.entries(files).find(([, text]) => text.includes('- rule'))?.[0] as string;
      const found = await editor.diagnostics(pathToFileURL(join(folder, name)).href);
      expect(found.map(({ code }) => code)).toEqual(expected);
      expect(await editor.stop()).toBe(0);
    }
  });

  it('does not leave the workspace for what its falco.yaml names', async () => {
    const outside = folderWith({ 'out_rules.yaml': RULES('nothing') });
    const folder = folderWith({
      'a_rules.yaml': RULES('missing'),
      'falco.yaml': `rules_files:\n  - ${join(outside, 'out_rules.yaml')}\n  - a_rules.yaml\n`,
    });
    const editor = await LspClient.start({ folder });
    await editor.diagnostics(pathToFileURL(join(folder, 'a_rules.yaml')).href);
    const symbols = await editor.connection.sendRequest<SymbolInformation[]>('workspace/symbol', {
      query: '',
    });
    expect(symbols.map(({ location }) => location.uri)).toEqual([
      pathToFileURL(join(folder, 'a_rules.yaml')).href,
    ]);
    expect(await editor.stop()).toBe(0);
  });

  it('tells of files in the settings that are not there', async () => {
    const folder = folderWith({ 'a_rules.yaml': RULES('proc.name = x') });
    const logged: string[] = [];
    const editor = await LspClient.start({
      folder,
      initializationOptions: { rulesFiles: ['missing.yaml', 'a_rules.yaml'] },
      onLog: (message) => logged.push(message),
    });
    await editor.diagnostics(pathToFileURL(join(folder, 'a_rules.yaml')).href);
    expect(logged).toEqual([
      `yarak: the setting rulesFiles names ${join(folder, 'missing.yaml')}, which cannot be read`,
    ]);
    expect(await editor.stop()).toBe(0);
  });

  it('says nothing of codes that are not wanted, errors aside', async () => {
    const folder = folderWith({ 'a_rules.yaml': RULES('proc.nam = x').replace('[T1059]', '[t1059]') });
    const editor = await LspClient.start({
      folder,
      initializationOptions: { ignore: ['LINT_TAG_MALFORMED', 'FIELD_UNKNOWN'] },
    });
    const found = await editor.diagnostics(pathToFileURL(join(folder, 'a_rules.yaml')).href);
    expect(found.map(({ code }) => code)).toEqual(['FIELD_UNKNOWN']);
    expect(await editor.stop()).toBe(0);
  });
});

describe('files', () => {
  const use = (macro: string) =>
    `- rule: A\n  desc: d\n  condition: evt.type = execve and ${macro}\n  output: "%proc.cmdline %proc.exepath %proc.pname %user.name"\n  priority: NOTICE\n  tags: [T1059]\n`;
  const macro = (name: string) => `- macro: ${name}\n  condition: proc.name = bash\n`;

  it('are looked at again when they change on disk or go away', async () => {
    const folder = folderWith({ 'a.yaml': macro('m'), 'b.yaml': use('m') });
    const uri = (name: string) => pathToFileURL(join(folder, name)).href;
    const editor = await LspClient.start({ folder });
    const changed = (name: string) =>
      editor.connection.sendNotification('workspace/didChangeWatchedFiles', {
        changes: [{ uri: uri(name), type: 2 }],
      });
    const codes = async (name: string, wanted: readonly string[]) => {
      const found = await editor.diagnosticsWhere(
        uri(name),
        (all) => all.map(({ code }) => code).join() === wanted.join(),
      );
      return found.map(({ code }) => code);
    };
    expect(await codes('b.yaml', [])).toEqual([]);
    writeFileSync(join(folder, 'a.yaml'), macro('other'));
    await changed('a.yaml');
    expect(await codes('b.yaml', ['LOAD_ERR_VALIDATE'])).toEqual(['LOAD_ERR_VALIDATE']);
    // An open document is what its editor says.
    await editor.write(uri('a.yaml'), macro('m'));
    expect(await codes('b.yaml', [])).toEqual([]);
    await editor.close(uri('a.yaml'));
    expect(await codes('b.yaml', ['LOAD_ERR_VALIDATE'])).toEqual(['LOAD_ERR_VALIDATE']);
    rmSync(join(folder, 'b.yaml'));
    await changed('b.yaml');
    expect(await codes('b.yaml', [])).toEqual([]);
    expect(await editor.stop()).toBe(0);
  });

  it('are seen together: what only a later one uses is used, and nothing is told twice', async () => {
    const lists = '- list: used\n  items: [a]\n- list: unused\n  items: [a]\n';
    const folder = folderWith({
      'a.yaml': `${lists}${macro('m')}${macro('n')}`,
      'b.yaml': use('m and proc.pname in (used)'),
      'c.yaml': use('m').replace('rule: A', 'rule: B'),
    });
    const editor = await LspClient.start({ folder });
    const found = await editor.diagnostics(pathToFileURL(join(folder, 'a.yaml')).href);
    expect(found.map(({ code, range }) => `${code} ${shown(range)}`)).toEqual([
      'LOAD_UNUSED_LIST 2:8-2:14',
      'LOAD_UNUSED_MACRO 6:9-6:10',
    ]);
    expect(await editor.stop()).toBe(0);
  });

  it('that Falco would not load are checked as if they came last', async () => {
    const folder = folderWith({
      'a.yaml': macro('m'),
      'falco.yaml': 'rules_files: [a.yaml]\n',
      'extra.yaml': use('m'),
    });
    const uri = pathToFileURL(join(folder, 'extra.yaml')).href;
    const editor = await LspClient.start({ folder });
    await editor.write(uri, use('m'));
    expect(await editor.diagnostics(uri)).toEqual([]);
    await editor.write(uri, use('n'));
    expect((await editor.diagnostics(uri)).map(({ code }) => code)).toEqual(['LOAD_ERR_VALIDATE']);
    expect(await editor.stop()).toBe(0);
  });

  it('that hold no rules are let alone', async () => {
    const uri = 'file:///nowhere/deployment.yaml';
    const text = 'kind: Deployment\nspec:\n  condition: proc.\n';
    await client.write(uri, text, 'yaml');
    const at = positionIn(text, text.indexOf('proc.') + 5);
    expect(await client.request('textDocument/completion', uri, at)).toBeNull();
    expect(await client.request('textDocument/hover', uri, at)).toBeNull();
    expect(await client.request('textDocument/documentSymbol', uri)).toBeNull();
  });

  it('keep what can be read of them while an item is half typed', async () => {
    const uri = fresh();
    const text = `${macro('m')}- rule: [\n  desc: "x\n${macro('n')}`;
    await client.write(uri, text);
    const symbols = await client.request<DocumentSymbol[]>('textDocument/documentSymbol', uri);
    expect(symbols.map(({ name, selectionRange }) => `${name} ${shown(selectionRange)}`)).toEqual([
      'm 0:9-0:10',
      'n 4:9-4:10',
    ]);
  });
});
