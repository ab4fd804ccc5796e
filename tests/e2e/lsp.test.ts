// `yarak lsp` as an editor uses it: the real process, the real protocol. `|` marks the cursor in the documents.

import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  CodeAction,
  CompletionItem,
  CompletionList,
  DocumentSymbol,
  Hover,
  Location,
  SymbolInformation,
  TextEdit,
  WorkspaceEdit,
} from 'vscode-languageserver/node';
import { cursorIn, edited, LspClient, positionIn, shown } from '../support/lsp-client.ts';

let number = 0;
const fresh = () => `file:///nowhere/document-${number++}_rules.yaml`;

let client: LspClient;

beforeAll(async () => {
  client = await LspClient.start();
});

afterAll(async () => {
  expect(await client.stop()).toBe(0);
});

/** A rule whose condition, and what may follow it, is given; with a macro and a list to name. */
const rule = (condition: string, more = '') => `- list: shells
  items: [sh, bash]
- macro: spawned
  condition: evt.type = execve
- rule: A
  desc: d
  condition: ${condition}
  output: x
  priority: NOTICE
${more}`;

async function completions(marked: string, by: LspClient = client): Promise<CompletionList | null> {
  const { text, offset } = cursorIn(marked);
  const uri = fresh();
  await by.write(uri, text);
  const found = await by.request<CompletionList | null>(
    'textDocument/completion',
    uri,
    positionIn(text, offset),
  );
  await by.close(uri);
  return found;
}

const rangeOf = ({ textEdit }: CompletionItem) =>
  textEdit !== undefined && 'range' in textEdit ? shown(textEdit.range) : undefined;

describe('completion', () => {
  const FIELDS = ['proc.name', 'evt.type', 'fd.sip'];
  const cases: readonly (readonly [
    marked: string,
    has: readonly string[],
    not: readonly string[],
    range: string,
  ])[] = [
    // Where an operand begins.
    [rule('|'), [...FIELDS, 'spawned', 'tolower()', 'not'], ['shells', 'and', 'ka.verb', '='], '6:13-6:13'],
    [rule('spawned and |'), [...FIELDS, 'spawned'], ['and', 'shells'], '6:25-6:25'],
    [rule('spawned and proc.na|'), ['proc.name'], ['and'], '6:25-6:32'],
    [rule('spawned and proc.na|me = bash'), ['proc.name'], ['and'], '6:25-6:34'],
    [rule('not (|'), ['proc.name', 'spawned'], ['and'], '6:18-6:18'],
    [rule('spa|'), ['spawned'], ['shells'], '6:13-6:16'],
    [rule('evt.arg.fl|'), ['evt.arg.flags', 'evt.arg.'], [], '6:13-6:23'],
    [rule('proc.ana|'), ['proc.aname', 'proc.aname[…]'], [], '6:13-6:21'],
    // Operators that fit the type.
    [rule('proc.name |'), ['=', 'startswith', 'in', 'exists', 'glob'], ['bcontains', 'spawned'], '6:23-6:23'],
    [rule('proc.name st|'), ['startswith'], ['proc.name', 'spawned'], '6:23-6:25'],
    [rule('proc.pid |'), ['=', '<', '>=', 'in'], ['startswith', 'contains'], '6:22-6:22'],
    [rule('fd.sip |'), ['=', 'in', 'exists'], ['<', 'startswith'], '6:20-6:20'],
    [rule('tolower(proc.name) |'), ['=', 'startswith'], ['bcontains'], '6:32-6:32'],
    [rule('len(proc.name) |'), ['>', '='], ['startswith'], '6:28-6:28'],
    // Values.
    [rule('evt.type = |'), ['execve', 'openat', 'oneof', 'val()'], ['proc.name', 'syscall'], '6:24-6:24'],
    [rule('evt.type = "ex|'), ['execve'], ['val()'], '6:25-6:27'],
    [rule('evt.type in (|'), ['execve', 'shells'], ['proc.name'], '6:26-6:26'],
    [rule('evt.type in (execve, op|)'), ['openat'], ['proc.name'], '6:34-6:36'],
    [rule('proc.name in |'), ['(…)', 'shells'], ['execve', 'spawned'], '6:26-6:26'],
    [rule('proc.name in (sh|'), ['shells'], ['execve', 'spawned'], '6:27-6:29'],
    [rule('proc.name contains |'), ['oneof', 'anyof', 'allof', 'tolower()'], ['proc.name'], '6:32-6:32'],
    [rule('evt.is_open_read = |'), ['true', 'false'], ['execve'], '6:32-6:32'],
    [rule('tolower(pro|'), ['proc.name', 'basename()'], ['spawned'], '6:21-6:24'],
    // Behind a whole comparison.
    [rule('spawned |'), ['and', 'or'], ['proc.name'], '6:21-6:21'],
    [rule('(proc.name = bash |'), ['and', 'or'], ['proc.name'], '6:31-6:31'],
    [rule('proc.name=bash a|'), ['and'], ['proc.name'], '6:28-6:29'],
    // Behind mistakes.
    [rule('proc.name = and evt.type = |'), ['execve'], ['proc.name'], '6:40-6:40'],
    [rule('proc.name in (a b) and proc.ex|'), ['proc.exepath'], ['and'], '6:36-6:43'],
    [rule(') and and or spawned and fd.|'), ['fd.name'], [], '6:38-6:41'],
    // However YAML writes it.
    [rule('>\n    spawned\n    and pro|'), ['proc.name'], ['and'], '8:8-8:11'],
    [rule('spawned\n    and evt.type in (\n      open,\n      ex|'), ['execve'], [], '9:6-9:8'],
    [rule('"spawned and proc.n|"'), ['proc.name'], [], '6:26-6:32'],
    [rule('"spawned and proc.n|'), ['proc.name'], [], '6:26-6:32'],
    [rule("'spawned and proc.n|'"), ['proc.name'], [], '6:26-6:32'],
    // Sources.
    [
      '- rule: A\n  source: k8s_audit\n  condition: ka.ve|',
      ['ka.verb', 'evt.num'],
      ['proc.name'],
      '2:13-2:18',
    ],
    [
      '- rule: A\n  source: k8s_audit\n  condition: m\n- macro: m\n  condition: |',
      ['ka.verb'],
      ['proc.name'],
      '4:13-4:13',
    ],
    ['- macro: m\n  condition: |', ['proc.name', 'ka.verb', 'github.action'], [], '1:13-1:13'],
    [
      '- rule: A\n  source: okta\n  desc: d\n- rule: A\n  condition: |\n  override:\n    condition: replace',
      ['okta.actor.name'],
      ['proc.name'],
      '4:13-4:13',
    ],
    // Outputs.
    ['- rule: A\n  output: "a %proc.na|me b"', ['proc.name'], ['and'], '1:14-1:23'],
    ['- rule: A\n  output: "a %20proc.|', ['proc.name'], [], '1:16-1:21'],
    ['- rule: A\n  output: a=%|', ['proc.name', 'toupper()'], ['fd.net'], '1:13-1:13'],
    ['- rule: A\n  output: >\n    a\n    b=%toupper(us|', ['user.name'], [], '3:15-3:17'],
    // Keys and plain values.
    ['|', ['rule', 'macro', 'list', 'required_engine_version'], ['desc'], '0:0-0:0'],
    ['- ma|', ['macro'], ['desc'], '0:2-0:4'],
    ['- rule: A\n  desc: x\n|', ['rule', 'macro'], ['output'], '2:0-2:0'],
    ['- rule: A\n  con|', ['condition', 'output'], ['rule', 'items'], '1:2-1:5'],
    ['- rule: A\n  |\n  desc: x', ['condition'], ['desc'], '1:2-1:2'],
    ['- list: A\n  |', ['items', 'override'], ['condition'], '1:2-1:2'],
    ['- rule: A\n  override:\n    |', ['condition', 'priority'], ['source', 'rule'], '2:4-2:4'],
    ['- rule: A\n  override:\n    priority: |', ['replace'], ['append'], '2:14-2:14'],
    ['- rule: A\n  override:\n    tags: ap|', ['append', 'replace'], [], '2:10-2:12'],
    ['- rule: A\n  priority: |', ['NOTICE', 'CRITICAL'], [], '1:12-1:12'],
    ['- rule: A\n  source: k|', ['k8s_audit', 'syscall'], [], '1:10-1:11'],
    ['- rule: A\n  enabled: |', ['true', 'false'], [], '1:11-1:11'],
    ['- rule: A\n  tags: [mine]\n- rule: B\n  tags: [T1059|', ['T1059.004', 'mine'], ['T1059x'], '3:9-3:14'],
    ['- rule: A\n  tags:\n    - |', ['T1611'], [], '2:6-2:6'],
    ['- rule: A\n  exceptions:\n    - name: x\n      |', ['fields', 'comps', 'values'], ['name'], '3:6-3:6'],
    ['- rule: A\n  exceptions:\n    - |', ['name', 'fields'], [], '2:6-2:6'],
    ['- rule: A\n  exceptions:\n    - fields: [proc.|', ['proc.name'], ['and'], '2:15-2:20'],
    [
      '- rule: A\n  exceptions:\n    - fields: [proc.name, fd.sip]\n      comps: [=, |]',
      ['=', 'in'],
      ['startswith'],
      '3:17-3:17',
    ],
    ['- rule: A\n  exceptions:\n    - fields: fd.sip\n      comps: |', ['in'], ['=', 'pmatch'], '3:13-3:13'],
    ['- list: b\n  items: [x]\n- list: a\n  items: [x, |]', ['b'], ['a'], '3:13-3:13'],
    ['- required_plugin_versions:\n    - na|', ['name', 'version'], [], '1:6-1:8'],
    ['- macro: m\n  condition: evt.type = open\n- macro: |', ['m'], [], '2:9-2:9'],
    // Positions are UTF-16 units, whatever the line ends with.
    [rule('proc.name = "🦅é" and proc.na|'), ['proc.name'], [], '6:35-6:42'],
    [rule('spawned and proc.na|').replaceAll('\n', '\r\n'), ['proc.name'], [], '6:25-6:32'],
    [rule('>\n    spawned\n    and pro|').replaceAll('\n', '\r\n'), ['proc.name'], [], '8:8-8:11'],
    // Nothing.
    ['# a comm|ent\n- rule: A', [], [], ''],
    ['- rule: A\n  desc: any wo|', [], [], ''],
    ['- rule: A\n  output: no field |', [], [], ''],
    [rule('proc.aname[|'), [], [], ''],
  ];

  it.each(cases)('%j', async (marked, has, not, range) => {
    const found = await completions(marked);
    const labels = new Set(found?.items.map(({ label }) => label));
    expect({
      missing: has.filter((label) => !labels.has(label)),
      wrong: not.filter((label) => labels.has(label)),
    }).toEqual({
      missing: [],
      wrong: [],
    });
    if (range === '') expect(found).toBeNull();
    else expect(new Set(found?.items.map(rangeOf))).toEqual(new Set([range]));
  });

  it('says what fields, macros and lists are', async () => {
    const found = await completions(rule('|'));
    const item = (label: string) => found?.items.find((one) => one.label === label);
    expect(item('proc.name')).toMatchObject({
      detail: 'CHARBUF',
      documentation: {
        kind: 'markdown',
        value: 'Name of the process as the kernel keeps it, at most 15 bytes.\n\nSources: syscall',
      },
    });
    expect(item('spawned')?.documentation).toEqual({
      kind: 'markdown',
      value: '```\nevt.type = execve\n```',
    });
    const lists = await completions(rule('proc.name in (|)'));
    expect(lists?.items.find(({ label }) => label === 'shells')?.documentation).toEqual({
      kind: 'markdown',
      value: 'sh, bash',
    });
  });

  it('writes what an editor without snippets can take', async () => {
    const text = async (marked: string, label: string) => {
      const { text } = cursorIn(marked);
      const item = (await completions(marked))?.items.find((one) => one.label === label);
      return item === undefined ? undefined : edited(text, [item.textEdit as TextEdit]);
    };
    expect(await text('- rule: A\n  con|', 'condition')).toBe('- rule: A\n  condition: ');
    expect(await text(rule('proc.env|'), 'proc.env[…]')).toBe(rule('proc.env['));
    expect(await text(rule('proc.name st|'), 'startswith')).toBe(rule('proc.name startswith '));
    expect(await text('- rule: A\n  con|: x', 'condition')).toBe('- rule: A\n  condition: x');
  });

  it('writes snippets and a shared range for an editor that can', async () => {
    const able = await LspClient.start({
      capabilities: {
        textDocument: {
          completion: {
            completionItem: { snippetSupport: true },
            completionList: { itemDefaults: ['editRange'] },
          },
        },
      },
    });
    const found = await completions(rule('proc.name i|'), able);
    expect(shown(found?.itemDefaults?.editRange as TextEdit['range'])).toBe('6:23-6:24');
    expect(found?.items.find(({ label }) => label === 'in')).toMatchObject({
      textEditText: 'in ($0)',
      insertTextFormat: 2,
    });
    expect(found?.items.some((item) => 'textEdit' in item)).toBe(false);
    expect(await able.stop()).toBe(0);
  });
});

const FILES = {
  'a_rules.yaml': `- list: shells
  items: [sh, bash]

- macro: spawned
  condition: (evt.type in (execve, execveat))

- rule: "Shell: started"
  desc: A shell was started.
  condition: >
    spawned and proc.name in (shells)
    and not proc.pname in (shells)
  output: "shell %proc.name %evt.arg.flags (exe=%proc.exepath)"
  priority: NOTICE
  tags: [T1059.004]
  exceptions:
    - name: known
      fields: [proc.name, proc.exepath]
      comps: [in, startswith]
      values:
        - [(shells), /bin]
`,
  'b_rules.yaml': `- list: shells
  items: [zsh]
  override:
    items: append

- macro: spawned
  condition: or evt.type = clone
  override:
    condition: append

- rule: "Shell: started"
  condition: and spawned
  override:
    condition: append

- rule: Other
  desc: d
  condition: spawned and proc.name = zsh
  output: "x %proc.cmdline %proc.exepath %proc.pname %user.name"
  priority: NOTICE
  tags: [T1059]
`,
  'falco.yaml': `rules_files:
  - /etc/falco/a_rules.yaml
  - b_rules.yaml
rules:
  - disable:
      rule: "Shell: started"
`,
  'a.test.yaml': `rules: [a_rules.yaml, b_rules.yaml]
tests:
  - name: a shell
    events: [{evt.type: execve}]
    expect:
      - rule: "Shell: started"
`,
} as const;

const folders: string[] = [];

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'yarak-lsp-')));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe('a workspace', () => {
  let editor: LspClient;
  let folder: string;
  const uri = (name: string) => pathToFileURL(join(folder, name)).href;
  /** The place of the `n`th `text` in a file. */
  const place = (name: keyof typeof FILES, text: string, n = 0) => {
    let at = -1;
    for (let i = 0; i <= n; i++) at = FILES[name].indexOf(text, at + 1);
    return positionIn(FILES[name], at + 1);
  };
  const short = ({ uri: found, range }: Location) =>
    `${found.slice(found.lastIndexOf('/') + 1)} ${shown(range)}`;

  beforeAll(async () => {
    folder = folderWith(FILES);
    editor = await LspClient.start({ folder });
    await editor.write(uri('a_rules.yaml'), FILES['a_rules.yaml']);
    await editor.write(uri('b_rules.yaml'), FILES['b_rules.yaml']);
    await editor.diagnostics(uri('b_rules.yaml'));
  });

  afterAll(async () => {
    expect(await editor.stop()).toBe(0);
  });

  const SHELLS = ['a_rules.yaml 0:8-0:14', 'b_rules.yaml 0:8-0:14'];
  const SPAWNED = ['a_rules.yaml 3:9-3:16', 'b_rules.yaml 5:9-5:16'];
  const RULE = ['a_rules.yaml 6:9-6:23', 'b_rules.yaml 10:9-10:23'];

  it.each([
    ['a_rules.yaml', 'shells', 0, SHELLS],
    ['a_rules.yaml', 'shells', 1, SHELLS],
    ['a_rules.yaml', '(shells), /bin', 0, SHELLS],
    ['a_rules.yaml', 'spawned and', 0, SPAWNED],
    ['b_rules.yaml', 'Shell: started', 0, RULE],
    ['a_rules.yaml', 'evt.type', 0, []],
  ] as const)('%s: %s leads to its parts', async (name, text, n, expected) => {
    const found = await editor.request<Location[]>(
      'textDocument/definition',
      uri(name),
      place(name, text, n),
    );
    expect(found.map(short)).toEqual(expected);
  });

  it.each([
    [
      'a_rules.yaml',
      'shells',
      true,
      [
        SHELLS[0],
        'a_rules.yaml 9:30-9:36',
        'a_rules.yaml 10:27-10:33',
        'a_rules.yaml 19:12-19:18',
        SHELLS[1],
      ],
    ],
    [
      'a_rules.yaml',
      'spawned',
      false,
      ['a_rules.yaml 9:4-9:11', 'b_rules.yaml 11:17-11:24', 'b_rules.yaml 17:13-17:20'],
    ],
    ['a_rules.yaml', 'Shell: started', false, ['a.test.yaml 5:15-5:29', 'falco.yaml 5:13-5:27']],
  ] as const)('%s: %s is named there', async (name, text, includeDeclaration, expected) => {
    const found = await editor.request<Location[]>('textDocument/references', uri(name), place(name, text), {
      context: { includeDeclaration },
    });
    expect(found.map(short)).toEqual(expected);
  });

  it.each([
    [
      'a_rules.yaml',
      'shells',
      1,
      '9:30-9:36',
      'list `shells`\n\n```\nsh, bash, zsh\n```\n\n- defined in `a_rules.yaml:1`\n- appended to in `b_rules.yaml:1`\n- named 3 times',
    ],
    [
      'b_rules.yaml',
      'spawned and proc',
      0,
      '17:13-17:20',
      'macro `spawned`\n\n```\n(evt.type in (execve, execveat)) or evt.type = clone\n```\n\nIt holds when\n\n- at least one of these holds\\:\n  - evt\\.type is one of execve\\, execveat\n  - evt\\.type is clone\n\n- defined in `a_rules.yaml:4`\n- appended to in `b_rules.yaml:6`\n- named 3 times',
    ],
    [
      'b_rules.yaml',
      'Shell: started',
      0,
      '10:9-10:23',
      'rule `Shell: started`\n\nA shell was started\\.\n\n- priority `Notice`\n- source `syscall`\n- events `clone, execve, execveat`\n- tags `T1059.004`\n- except `known`: `proc.name, proc.exepath`, 1 entry\n\n```\nspawned and proc.name in (shells) and not proc.pname in (shells)\n and spawned\n```\n\nIt fires when\n\n- all of these hold\\:\n  - the macro spawned holds\n  - proc\\.name is one of the list shells \\(sh\\, bash\\, zsh\\)\n  - not\\: proc\\.pname is one of the list shells \\(sh\\, bash\\, zsh\\)\n  - the macro spawned holds\n\nIt says\n\n```\nshell %proc.name %evt.arg.flags (exe=%proc.exepath)\n```\n\n- defined in `a_rules.yaml:7`\n- appended to in `b_rules.yaml:11`',
    ],
    [
      'a_rules.yaml',
      'proc.exepath]',
      0,
      '16:26-16:38',
      '`proc.exepath`: Full path of the running executable\n\n- type CHARBUF\n- sources syscall\n- operators `=` `==` `!=` `in` `intersects` `<` `<=` `>` `>=` `contains` `icontains` `startswith` `endswith` `glob` `iglob` `pmatch` `regex` `exists`',
    ],
  ] as const)('%s: hovering over %s', async (name, text, n, range, expected) => {
    const found = await editor.request<Hover>('textDocument/hover', uri(name), place(name, text, n));
    expect(shown(found.range!)).toBe(range);
    expect(found.contents).toEqual({ kind: 'markdown', value: expected });
  });

  it('explains the codes of what was found, under the pointer', async () => {
    const found = await editor.request<Hover>(
      'textDocument/hover',
      uri('a_rules.yaml'),
      place('a_rules.yaml', '%evt.arg.flags'),
    );
    expect(shown(found.range!)).toBe('11:29-11:42');
    const { value } = found.contents as { value: string };
    expect(value).toContain('`evt.arg.flags`: One parameter of the event');
    expect(value).toContain('**LINT_OUTPUT_LACKS**: The output leaves out what triage needs');
  });

  const rename = (name: keyof typeof FILES, text: string, newName: string, n = 0) =>
    editor.request<WorkspaceEdit>('textDocument/rename', uri(name), place(name, text, n), { newName });

  it.each([
    ['shells', 'posix_shells'],
    ['spawned', 'new_process'],
  ] as const)('renames %s everywhere', async (from, to) => {
    const { changes = {} } = await rename('a_rules.yaml', from, to);
    for (const name of ['a_rules.yaml', 'b_rules.yaml'] as const)
      expect(edited(FILES[name], changes[uri(name)] ?? [])).toBe(FILES[name].replaceAll(from, to));
  });

  it('renames a rule, also in falco.yaml and in tests, in the quotes that it has', async () => {
    const { changes = {} } = await rename('b_rules.yaml', 'Shell: started', 'A "shell"\\: started');
    for (const name of ['a_rules.yaml', 'b_rules.yaml', 'falco.yaml', 'a.test.yaml'] as const)
      expect(edited(FILES[name], changes[uri(name)] ?? [])).toBe(
        FILES[name].replaceAll('Shell: started', 'A \\"shell\\"\\\\: started'),
      );
  });

  it('puts a rule name in quotes where it needs them', async () => {
    const { changes = {} } = await rename('b_rules.yaml', 'Other', 'Other: [1]');
    expect(edited(FILES['b_rules.yaml'], changes[uri('b_rules.yaml')] ?? [])).toContain(
      '- rule: "Other: [1]"\n',
    );
  });

  it.each([
    [
      'spawned',
      '1x',
      "'1x' is no name of a macro: it begins with a letter and goes on with letters, digits and _",
    ],
    ['spawned', 'shells', "there is a list 'shells' already"],
    ['spawned', 'and', "'and' is a word of the condition language"],
    [
      'shells',
      'a b',
      "'a b' is no name of a list: letters, digits and _ . - / can stand in it, without blanks",
    ],
    [
      'shells',
      'execve',
      "the word 'execve' stands in the macro 'spawned'; Falco would put the list's items in its place",
    ],
    ['Shell: started', 'Other', "there is a rule 'Other' already"],
    ['evt.type', 'x', 'there is no name of a rule, a macro or a list here'],
  ] as const)('refuses to rename %s to %s', async (from, to, message) => {
    await expect(rename('a_rules.yaml', from, to)).rejects.toThrow(message);
  });

  it('marks the other places of a name in the file', async () => {
    const found = await editor.request<{ range: TextEdit['range'] }[]>(
      'textDocument/documentHighlight',
      uri('a_rules.yaml'),
      place('a_rules.yaml', 'spawned and'),
    );
    expect(found.map(({ range }) => shown(range))).toEqual(['3:9-3:16', '9:4-9:11']);
  });

  it('says what can be renamed', async () => {
    const prepare = (text: string) =>
      editor.request('textDocument/prepareRename', uri('a_rules.yaml'), place('a_rules.yaml', text));
    expect(await prepare('spawned and')).toEqual({
      placeholder: 'spawned',
      range: { start: { line: 9, character: 4 }, end: { line: 9, character: 11 } },
    });
    expect(await prepare('proc.name')).toBeNull();
  });

  it('leads from falco.yaml to the rule that it names', async () => {
    await editor.write(uri('falco.yaml'), FILES['falco.yaml'], 'yaml');
    const found = await editor.request<Location[]>(
      'textDocument/definition',
      uri('falco.yaml'),
      place('falco.yaml', 'Shell: started'),
    );
    expect(found.map(short)).toEqual(RULE);
  });

  it('outlines a file and finds names in all', async () => {
    const symbols = await editor.request<DocumentSymbol[]>(
      'textDocument/documentSymbol',
      uri('b_rules.yaml'),
    );
    expect(symbols.map((one) => [one.name, one.detail, shown(one.range), shown(one.selectionRange)])).toEqual(
      [
        ['shells', 'appends', '0:2-3:17', '0:8-0:14'],
        ['spawned', 'appends', '5:2-8:21', '5:9-5:16'],
        ['Shell: started', 'appends', '10:2-13:21', '10:9-10:23'],
        ['Other', 'NOTICE', '15:2-20:15', '15:8-15:13'],
      ],
    );
    const found = await editor.connection.sendRequest<SymbolInformation[]>('workspace/symbol', {
      query: 'OTHR',
    });
    expect(found.map((one) => `${one.name} ${short(one.location)}`)).toEqual([
      'Other b_rules.yaml 15:8-15:13',
    ]);
  });

  it('colours conditions', async () => {
    const { data } = await editor.request<{ data: number[] }>(
      'textDocument/semanticTokens/full',
      uri('a_rules.yaml'),
    );
    const { tokenTypes } = editor.initialized.capabilities.semanticTokensProvider!.legend;
    const tokens: string[] = [];
    let line = 0;
    let character = 0;
    for (let i = 0; i < data.length; i += 5) {
      const [down = 0, right = 0, length = 0, type = 0] = data.slice(i);
      line += down;
      character = down === 0 ? character + right : right;
      tokens.push(
        `${tokenTypes[type]} ${FILES['a_rules.yaml'].split('\n')[line]?.slice(character, character + length)}`,
      );
    }
    expect(tokens).toEqual([
      'property evt.type',
      'operator in',
      'string execve',
      'string execveat',
      'macro spawned',
      'keyword and',
      'property proc.name',
      'operator in',
      'variable shells',
      'keyword and',
      'keyword not',
      'property proc.pname',
      'operator in',
      'variable shells',
    ]);
  });
});

/** The diagnostics of a document of its own. */
async function diagnosed(text: string) {
  const uri = fresh();
  await client.write(uri, text);
  const found = await client.diagnostics(uri);
  return { uri, found };
}

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
    const { found } = await diagnosed(text);
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
    const { uri, found } = await diagnosed(text);
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

describe('fixes', () => {
  const actionsFor = async (text: string, code: string, more: object = {}) => {
    const { uri, found } = await diagnosed(text);
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
    expect(rangeOf(item!)).toBe(`${end.line}:${at.character - 7}-${end.line}:${at.character}`);
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

  it('knows the stock rules', async () => {
    const stock = process.env['YARAK_FALCO_RULES'];
    if (stock === undefined) return;
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
