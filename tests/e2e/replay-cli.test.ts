// `yarak replay` as a user runs it: recordings of every kind, told by their content; what goes to which stream; exit
// codes; the way on into a report.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const examples = join(root, 'examples/audit');
const rules = join(examples, 'rules.yaml');
const read = (name: string): string => readFileSync(join(examples, name), 'utf8');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'yarak-replay-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Done {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function yarak(args: readonly string[], input: string | Uint8Array = ''): Done {
  const done = spawnSync(process.execPath, [join(root, 'bin/yarak.js'), ...args], {
    timeout: 60_000,
    cwd: folder,
    input,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  return { status: done.status, stdout: done.stdout, stderr: done.stderr };
}

const replay = (args: readonly string[], input: string | Uint8Array = ''): Done =>
  yarak(['replay', ...args, '-r', rules], input);

const fired = ({ stdout }: Done): string[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { rule: string }).rule);

const SAMPLES: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'kubernetes.jsonl',
    'k8s_audit',
    ['Secrets Refused', 'Cluster Admin Bound', 'Privileged Pod Created', 'Exec Into Pod'],
  ],
  [
    'cloudtrail.json',
    'aws_cloudtrail',
    ['Root Login Without MFA', 'Role Policy Written By Role', 'Large Download'],
  ],
  ['gcp.json', 'gcp_auditlog', ['Bucket Made Public']],
  ['okta.jsonl', 'okta', ['Second Factor Guessed', 'Administrator Granted']],
  ['github.jsonl', 'github', ['Repository Made Public', 'Workflow Pushed']],
];

describe('JSON events', () => {
  it.each(SAMPLES)('%s: from a file, standard input, gzip, and named', (name, source, expected) => {
    const file = join(examples, name);
    const one = replay([file]);
    expect(one).toMatchObject({ status: 0, stderr: '' });
    expect(fired(one)).toEqual(expected);
    for (const line of one.stdout.trimEnd().split('\n'))
      expect(JSON.parse(line)).toMatchObject({ source, hostname: '', tags: expect.any(Array) });
    expect(replay(['-'], read(name))).toEqual(one);
    expect(replay(['-'], gzipSync(read(name)))).toEqual(one);
    expect(replay([file, '--source', source])).toEqual(one);
  });

  it('a folder, and several files: each as what it is', () => {
    mkdirSync(join(folder, 'events'), { recursive: true });
    for (const [name] of SAMPLES) cpSync(join(examples, name), join(folder, 'events', name));
    writeFileSync(join(folder, 'events/more.json.gz'), gzipSync(read('gcp.json')));
    const all = replay(['events']);
    expect(all).toMatchObject({ status: 0, stderr: '' });
    expect(fired(all).sort()).toEqual(
      [...SAMPLES.flatMap(([, , expected]) => expected), 'Bucket Made Public'].sort(),
    );
    expect(fired(replay(['events/okta.jsonl', 'events/github.jsonl']))).toHaveLength(4);
  });

  it('one file of several that is not recognised stops nothing', () => {
    mkdirSync(join(folder, 'trail'), { recursive: true });
    writeFileSync(join(folder, 'trail/a-digest.json'), '{"awsAccountId":"1","digestStartTime":"t"}');
    writeFileSync(join(folder, 'trail/b-empty.json'), '{"Records":[]}');
    cpSync(join(examples, 'cloudtrail.json'), join(folder, 'trail/c.json'));
    const done = replay(['trail']);
    expect(done.status).toBe(1);
    expect(fired(done)).toHaveLength(3);
    expect(done.stderr).toMatch(
      /^error: cannot tell what trail\/a-digest\.json holds; .* \[REPLAY_UNRECOGNISED\]\n$/,
    );
  });

  it('several files of one source are one stream', () => {
    const lines = read('okta.jsonl').trimEnd().split('\n');
    for (const [i, line] of lines.entries()) writeFileSync(join(folder, `okta-${i}.json`), line);
    const files = lines.map((_, i) => `okta-${i}.json`);
    expect(fired(replay(files))).toEqual(['Second Factor Guessed', 'Administrator Granted']);
  });

  it('falco.yaml and the host name shape the alerts', () => {
    writeFileSync(join(folder, 'falco.yaml'), 'time_format_iso_8601: true\npriority: critical\n');
    const { stdout } = replay([join(examples, 'kubernetes.jsonl'), '-c', 'falco.yaml']);
    expect(stdout).toMatch(
      /^2026-11-20T09:15:31\.029984000\+0000: Critical A binding to cluster-admin was created/,
    );
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    const named = replay([join(examples, 'gcp.json'), '--hostname', 'falco-0']);
    expect(JSON.parse(named.stdout)).toMatchObject({ hostname: 'falco-0' });
  });

  it('bad records are told with their place, counted, and stop nothing', () => {
    const lines = read('kubernetes.jsonl').trimEnd().split('\n');
    const mixed = [
      lines[0],
      '{"auditID":"x", oops}',
      lines[1],
      'noise',
      '{"x":1}',
      '{"auditID":"y"}',
      lines[2],
    ].join('\n');
    const done = replay(['-'], mixed);
    expect(done.status).toBe(1);
    expect(fired(done)).toEqual(['Secrets Refused', 'Cluster Admin Bound']);
    expect(done.stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^-:2:17: error: The record is not valid JSON: .* \[AUDIT_NOT_JSON\]$/),
      '-:4:1: error: Expected a JSON object, found "noise" [AUDIT_NOT_JSON]',
      '-:5:1: error: The object is no event of the source k8s_audit [AUDIT_NOT_EVENT]',
      '-:6:1: error: The event has no time that can be read; expected one at /stageTimestamp [AUDIT_NO_TIME]',
      'warning: -: 4 records were rejected, 3 events read [REPLAY_REJECTED]',
    ]);
  });

  it('gzip that is cut off: what could be read is played', () => {
    const whole = gzipSync(`${read('kubernetes.jsonl').trimEnd()}\n`.repeat(400));
    const done = replay(['-', '--source', 'k8s_audit'], whole.subarray(0, whole.length - 200));
    expect(done.status).toBe(1);
    expect(done.stderr).toContain('ALERT_BAD_GZIP');
    expect(fired(done).length).toBeGreaterThan(100);
  });

  it('terminal escapes in a recording do not reach the terminal', () => {
    const esc = String.fromCharCode(27);
    const done = replay(
      ['-', '--source', 'k8s_audit'],
      `${esc}[2J${esc}]0;x\u0007\n{"auditID":"${esc}[31m"}\n`,
    );
    expect(done.stderr).not.toContain(esc);
    expect(done.status).toBe(1);
  });

  it('goes on into a report', () => {
    const { stdout } = replay([join(examples, 'kubernetes.jsonl')]);
    const report = yarak(['report', '-'], stdout);
    expect(report).toMatchObject({ status: 0, stderr: 'yarak: 4 records read, 4 accepted, 0 rejected\n' });
    expect(report.stdout).toContain('▲ malicious\n  Somebody was bound to cluster-admin: frontend-debug');
  });

  it('a report on cloud events asks nothing about processes', () => {
    const { stdout } = replay([join(examples, 'cloudtrail.json')]);
    const report = yarak(['report', '-'], stdout);
    expect(report.stdout).toContain('Find out who asked for it, and whether they were meant to');
    expect(report.stdout).not.toContain('proc.');
  });

  it('memory stays small, however long the stream', async () => {
    const [first = ''] = read('kubernetes.jsonl').split('\n').slice(1);
    const block = Buffer.from(`${first}\n`.repeat(2000));
    const args = ['--max-old-space-size=64', join(root, 'bin/yarak.js'), 'replay', '-', '-r', rules];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let alerts = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      for (const byte of chunk) if (byte === 10) alerts++;
    });
    let told = '';
    child.stderr.on('data', (chunk: Buffer) => {
      told += chunk;
    });
    // 60 MB of events, an alert of each; parsed, they would take several times the heap.
    const blocks = 30;
    for (let i = 0; i < blocks; i++) if (!child.stdin.write(block)) await once(child.stdin, 'drain');
    child.stdin.end();
    const [code] = (await once(child, 'close')) as [number];
    expect({ code, told, alerts }).toEqual({ code: 0, told: '', alerts: 2000 * blocks });
  });
});

describe('recorded alerts', () => {
  const fields = { 'proc.name': 'bash', 'container.id': 'abc', 'proc.cmdline': 'bash -i' };
  const line = (output_fields: object, more: object = {}): string =>
    JSON.stringify({
      hostname: 'node-1',
      output: 'x',
      output_fields,
      priority: 'Notice',
      rule: 'Old rule',
      source: 'syscall',
      time: '2026-11-20T13:00:00Z',
      ...more,
    });

  it('rules are decided where they can be, and counted with what is missing where not', () => {
    writeFileSync(
      join(folder, 'shell.yaml'),
      '- rule: New rule\n  desc: d\n  condition: proc.name = bash and container.id != host\n  output: "%proc.cmdline %proc.pname"\n  priority: NOTICE\n',
    );
    const alerts = [
      line(fields),
      line({ 'proc.name': 'bash' }),
      line({ 'proc.name': 'cat' }),
      '{"rule":}',
      line(fields, { source: 'okta' }),
    ];
    const done = yarak(['replay', '-', '-r', 'shell.yaml'], alerts.join('\n'));
    expect(done.status).toBe(1);
    expect(fired(done)).toEqual(['New rule']);
    expect(JSON.parse(done.stdout)).toMatchObject({
      hostname: 'node-1',
      output_fields: { 'proc.pname': null },
    });
    expect(done.stderr.trimEnd().split('\n').slice(-4)).toEqual([
      'warning: -: 1 record was rejected, 4 alerts read [REPLAY_REJECTED]',
      'warning: No rule is for the source okta: 1 alert not looked at [REPLAY_NO_RULES]',
      'warning: Rule `New rule` is undecided on 1 of 4 alerts: what would decide was not recorded: container.id (1) [REPLAY_UNDECIDED]',
      'info: Rule `New rule` printed <NA> in 1 alert for what was not recorded: proc.pname (1) [REPLAY_NOT_RECORDED]',
    ]);
  });

  it('what replay prints can be replayed', () => {
    const first = replay([join(examples, 'okta.jsonl')]);
    writeFileSync(
      join(folder, 'again.yaml'),
      '- rule: Again\n  desc: d\n  condition: okta.mfa.failure.countlast[120] >= 3 and okta.client.geo.country = Germany\n  output: "%okta.actor.alternateid"\n  priority: NOTICE\n  source: okta\n',
    );
    const again = yarak(['replay', '-', '-r', 'again.yaml'], first.stdout);
    expect(fired(again)).toEqual(['Again']);
    expect(again.stderr).toContain('Rule `Again` is undecided on 1 of 2 alerts');
    expect(again.status).toBe(0);
  });
});

describe('captures', () => {
  const captures = join(root, 'tests/captures');
  const stock = process.env['YARAK_FALCO_RULES'];

  it.skipIf(stock === undefined)('play as ever, byte for byte, also from a pipe (YARAK_FALCO_RULES)', () => {
    writeFileSync(
      join(folder, 'as-recorded.yaml'),
      'json_output: true\nrule_matching: all\ntime_format_iso_8601: true\nappend_output: [{ suggested_output: true }]\n',
    );
    const files = ['falco_rules.yaml', 'falco-incubating_rules.yaml', 'falco-sandbox_rules.yaml'];
    const args = files
      .flatMap((name) => ['-r', join(stock as string, name)])
      .concat('-c', 'as-recorded.yaml');
    for (const name of ['shell_in_container', 'reverse_shell_bash']) {
      const file = join(captures, `${name}.scap`);
      const expected = readFileSync(join(captures, `${name}.jsonl`), 'utf8');
      expect(yarak(['replay', file, ...args])).toEqual({ status: 0, stdout: expected, stderr: '' });
      expect(yarak(['replay', '-', ...args], readFileSync(file))).toMatchObject({ stdout: expected });
    }
  });

  it('what is neither capture nor text is told as a damaged capture', () => {
    const done = replay(['-'], Uint8Array.of(1, 2, 3, 0, 5, 6, 7, 8, 9, 10, 11, 12, 13));
    expect(done.status).toBe(1);
    expect(done.stderr).toContain('CAPTURE_');
  });
});

describe('sources of one’s own', () => {
  const define = ['--define', join(examples, 'nginx-source.yaml')];
  const own = (args: readonly string[], input = ''): Done =>
    yarak(['replay', ...args, '-r', join(examples, 'nginx-rules.yaml')], input);

  it('are recognised, or named', () => {
    const file = join(examples, 'nginx.jsonl');
    expect(fired(own([file, ...define]))).toEqual(['Path Traversal Tried', 'Upload Served']);
    expect(own([file, ...define, '--source', 'nginx'])).toEqual(own([file, ...define]));
    expect(own([file])).toMatchObject({ status: 2, stdout: '' });
  });

  it('mistakes are told at their place', () => {
    writeFileSync(join(folder, 'bad.yaml'), 'name: x\ntime: [/t]\nfields:\n  - { name: x.a, pth: /a }\n');
    const done = own([join(examples, 'nginx.jsonl'), '--define', 'bad.yaml']);
    expect(done.status).toBe(1);
    expect(done.stderr).toContain(
      'bad.yaml:4:18: error: Unknown key `pth` in fields.0. Did you mean `path`? [SOURCE_UNKNOWN_KEY]',
    );
    writeFileSync(join(folder, 'taken.yaml'), 'name: okta\ntime: [/t]\nfields: []\n');
    expect(own(['x', '--define', 'taken.yaml'])).toMatchObject({
      status: 2,
      stderr: 'yarak: taken.yaml: there is a source okta already\n',
    });
  });
});

describe('usage', () => {
  it.each<[string, readonly string[], string, string, number]>([
    ['no rules', ['replay', 'x.scap'], '', 'name the rules to run', 2],
    ['no recording', ['replay', '-r', 'rules.yaml'], '', "missing required argument 'recordings'", 2],
    [
      'a file that is not there',
      ['replay', 'no.json', '-r', 'no.yaml'],
      '',
      'cannot read no.json: no such file or directory',
      3,
    ],
    [
      'rules that are not there',
      ['replay', '-', '-r', 'no.yaml'],
      '{}',
      'cannot read no.yaml: no such file or directory',
      3,
    ],
    [
      'an unknown source',
      ['replay', '-', '-r', rules, '--source', 'oktaa'],
      '',
      'there is no source oktaa, did you mean okta?',
      2,
    ],
    [
      'a plugin’s name',
      ['replay', '-', '-r', rules, '--source', 'cloudtrail'],
      '',
      'did you mean aws_cloudtrail?',
      2,
    ],
    [
      'nothing that is known',
      ['replay', '-', '-r', rules],
      '{"a":1}',
      'cannot tell what - holds; say it with --source, one of k8s_audit, ',
      2,
    ],
    [
      'two kinds at once',
      ['replay', '-', '-r', rules],
      '{"auditID":"x","eventType":"e","actor":{},"published":"p"}',
      '- may hold events of k8s_audit or okta; say which with --source',
      2,
    ],
  ])('%s', (_, args, input, message, status) => {
    const done = yarak(args, input);
    expect(done.status).toBe(status);
    expect(done.stdout).toBe('');
    expect(done.stderr).toContain(message);
  });

  it('rules for other sources only: a warning', () => {
    const done = yarak([
      'replay',
      join(examples, 'okta.jsonl'),
      '-r',
      join(root, 'rules/yarak_k8s_audit_rules.yaml'),
    ]);
    expect(done).toMatchObject({ status: 0, stdout: '' });
    expect(done.stderr).toContain('warning: No rule is for the source okta [REPLAY_NO_RULES]');
  });
});

describe('the config', () => {
  it('gives rules its static fields, for captures and for JSON events', () => {
    const rule = (source: string, condition: string) =>
      `- rule: Static ${source}\n  desc: d\n  source: ${source}\n  condition: ${condition} and static.cluster = shop-1\n  output: "cluster=%static.cluster"\n  priority: NOTICE\n`;
    writeFileSync(
      join(folder, 'static.yaml'),
      rule('syscall', 'evt.type = execve') + rule('k8s_audit', 'ka.verb = create'),
    );
    writeFileSync(join(folder, 'falco.yaml'), 'json_output: true\nstatic_fields: {cluster: shop-1}\n');
    for (const recording of [join(root, 'examples/shell.scap'), join(examples, 'kubernetes.jsonl')]) {
      const done = yarak(['replay', recording, '-r', 'static.yaml', '-c', 'falco.yaml']);
      expect(done.stderr).not.toContain('static.cluster');
      expect(done.stdout).toContain('cluster=shop-1');
    }
    expect(yarak(['replay', join(examples, 'kubernetes.jsonl'), '-r', 'static.yaml']).status).toBe(1);
  });
});
