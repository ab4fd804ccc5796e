// `yarak lsp` on a workspace of several files: hover, definitions, references, renaming, outline, colours.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  DocumentSymbol,
  Hover,
  Location,
  SymbolInformation,
  TextEdit,
  WorkspaceEdit,
} from 'vscode-languageserver/node';
import { edited, LspClient, positionIn, shown } from '../../support/lsp-client.ts';
import { folderWith, removeFolders } from '../../support/lsp-documents.ts';

afterAll(removeFolders);

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
