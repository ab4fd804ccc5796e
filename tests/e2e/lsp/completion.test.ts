// `yarak lsp` completes: the real process, the real protocol. `|` marks the cursor in the documents.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CompletionList, TextEdit } from 'vscode-languageserver/node';
import { cursorIn, edited, LspClient, positionIn, replaced, shown } from '../../support/lsp-client.ts';
import { fresh, rule } from '../../support/lsp-documents.ts';

let client: LspClient;

beforeAll(async () => {
  client = await LspClient.start();
});

afterAll(async () => {
  expect(await client.stop()).toBe(0);
});

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
    else expect(new Set(found?.items.map(replaced))).toEqual(new Set([range]));
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
      value: '`sh, bash`',
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
