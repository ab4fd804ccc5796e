// `yarak report` on captures: rules run over a capture, alerts told by a capture, profiles made from what a container
// was seen to do. The recorded captures and what happened in each (labels.json) come from the folder YARAK_CAPTURES.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAnalysis } from '../../src/cli/analysis.ts';
import { captureSource, replayCaptures } from '../../src/cli/captures.ts';
import { resolveInputs } from '../../src/cli/inputs.ts';
import { readAlertFiles } from '../../src/cli/read-alerts.ts';
import { buildReport, FORMATS, type FormatName, type Report, renderReport } from '../../src/report/index.ts';
import { type Triage, VERDICTS, type VerdictWord } from '../../src/triage/index.ts';
import { validateOcsf, validateReport, validateSarif, validateStix } from '../support/schema.ts';

const root = resolve(import.meta.dirname, '../..');
const captures = process.env['YARAK_CAPTURES'] ?? join(root, 'tests/captures');
const ruleFolder = process.env['YARAK_FALCO_RULES'];
const ruleFiles = (
  ruleFolder === undefined ? [] : ['falco_rules', 'falco-incubating_rules', 'falco-sandbox_rules']
).map((name) => join(ruleFolder as string, `${name}.yaml`));

const scap = (name: string): string => join(captures, `${name}.scap`);
const jsonl = (name: string): string => join(captures, `${name}.jsonl`);

function yarak(...args: string[]) {
  return spawnSync(process.execPath, [join(root, 'bin/yarak.js'), 'report', ...args], {
    encoding: 'utf8',
    input: '',
    timeout: 120_000,
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, NO_COLOR: '1' },
  });
}

/** A report made in this process, as the command makes it. */
async function analyse(input: {
  readonly alerts?: readonly string[];
  readonly play?: readonly string[];
  readonly captures?: readonly string[];
}): Promise<Report> {
  const play = (input.play ?? []).map(captureSource);
  const analysis = await createAnalysis({
    rules: play.length > 0 ? ruleFiles : [],
    manifests: [],
    knowledge: [],
    captures: [...play, ...(input.captures ?? []).map(captureSource)],
  });
  await replayCaptures(play, analysis.rules ?? [], (alert) => analysis.add(alert));
  const counts = await readAlertFiles(resolveInputs(input.alerts ?? []), {}, (item) => {
    if (item.kind === 'alert') analysis.add(item.alert);
  });
  return buildReport({
    version: '0',
    attackVersion: analysis.attackVersion,
    input: { names: [], ...counts },
    incidents: await analysis.finish(),
    health: [],
    diagnostics: analysis.diagnostics,
  });
}

const worst = (report: Report): VerdictWord =>
  report.incidents.reduce<VerdictWord>(
    (word, { triage }) =>
      VERDICTS.indexOf(triage.verdict.word) > VERDICTS.indexOf(word) ? triage.verdict.word : word,
    'benign',
  );
const only = (report: Report): Triage => {
  expect(report.incidents).toHaveLength(1);
  return report.incidents[0]?.triage as Triage;
};
const mitigation = (report: Report, id: string) =>
  report.incidents[0]?.mitigations.find((one) => one.id === id) ?? expect.fail(`no mitigation ${id}`);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'yarak-capture-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the command line', () => {
  it('a capture without rules says what to add', () => {
    const { status, stderr } = yarak(scap('reverse_shell_bash'));
    expect(status).toBe(2);
    expect(stderr).toContain('is a capture: add the rules to run over it (-r falco_rules.yaml)');
  });

  it('tells a capture from an alert file by its bytes, not its name', () => {
    const file = join(folder, 'alerts.jsonl');
    writeFileSync(file, gunzipSync(readFileSync(scap('suid_backdoor'))));
    expect(yarak(file).stderr).toContain('is a capture');
    const { status, stderr } = yarak(jsonl('suid_backdoor'), '--capture', jsonl('suid_backdoor'));
    expect(status).toBe(2);
    expect(stderr).toContain('is not a capture');
  });

  it('a capture in a pipe is asked for as a file', () => {
    const done = spawnSync(process.execPath, [join(root, 'bin/yarak.js'), 'report', '-'], {
      encoding: 'utf8',
      input: readFileSync(scap('suid_backdoor')),
      cwd: folder,
    });
    expect(done.status).toBe(2);
    expect(done.stderr).toContain('save it and name the file');
  });

  it('does not play rules that Falco would refuse', () => {
    const rules = join(folder, 'broken.yaml');
    writeFileSync(
      rules,
      '- rule: x\n  desc: x\n  condition: nosuch.field = 1\n  output: x\n  priority: INFO\n',
    );
    const { status, stderr } = yarak(scap('suid_backdoor'), '-r', rules);
    expect(status).toBe(1);
    expect(stderr).toContain('the rules do not load');
  });

  it('a damaged capture gives what came before, names the damage and exits with 1', () => {
    const rules = join(folder, 'any.yaml');
    writeFileSync(
      rules,
      '- rule: setuid bit\n  desc: x\n  condition: evt.type in (chmod, fchmodat) and evt.arg.mode contains S_ISUID\n  output: x (%proc.name)\n  priority: INFO\n',
    );
    const whole = gunzipSync(readFileSync(scap('suid_backdoor')));
    const file = join(folder, 'cut.scap');
    writeFileSync(file, whole.subarray(0, whole.length - 100));
    const { status, stdout } = yarak(file, '-r', rules, '--full');
    expect(status).toBe(1);
    expect(stdout).toContain('is damaged, and what follows was not read');
  });

  it.skipIf(ruleFolder === undefined)('captures and alert files mix (YARAK_FALCO_RULES)', () => {
    const { status, stdout, stderr } = yarak(
      scap('reverse_shell_bash'),
      jsonl('suid_backdoor'),
      ...ruleFiles.flatMap((file) => ['-r', file]),
      '--format',
      'json',
    );
    expect(status, stderr).toBe(0);
    expect(validateReport(stdout)).toEqual([]);
    expect((JSON.parse(stdout) as { incidents: unknown[] }).incidents).toHaveLength(2);
  });
});

describe('the story', () => {
  it('has the true ancestry, with times and exit codes', async () => {
    const triage = only(
      await analyse({ alerts: [jsonl('reverse_shell_bash')], captures: [scap('reverse_shell_bash')] }),
    );
    const names = (node: Triage['processes'][number]): unknown => [
      node.name,
      node.exitCode,
      node.children.map(names),
    ];
    expect(triage.processes.map(names)).toEqual([
      [
        'systemd',
        undefined,
        [
          [
            'containerd-shim',
            undefined,
            [
              [
                'bash',
                0,
                [
                  [
                    'bash',
                    0,
                    [
                      ['id', 0, []],
                      ['hostname', 0, []],
                      ['cat', 0, []],
                      ['ls', 0, []],
                    ],
                  ],
                ],
              ],
            ],
          ],
        ],
      ],
    ]);
  });

  it('ties evidence, facts and rows to events, and asks no more for what the capture shows', async () => {
    const name = 'drop_and_execute';
    const alone = only(await analyse({ alerts: [jsonl(name)] }));
    const triage = only(await analyse({ alerts: [jsonl(name)], captures: [scap(name)] }));
    expect(triage.incident.id).toBe(alone.incident.id);
    expect(triage.verdict.evidence.find(({ id }) => id === 'capture-written-then-run')).toMatchObject({
      values: ['/tmp/kdevtmpfsi'],
      fields: expect.arrayContaining(['event 548']),
      spoofable: false,
    });
    const lacking = 'proc.is_exe_upper_layer';
    expect(alone.verdict.missing.map(({ field }) => field)).toContain(lacking);
    expect(triage.verdict.missing.map(({ field }) => field)).not.toContain(lacking);
    expect(triage.capture?.files).toMatchObject([
      {
        path: '/tmp/kdevtmpfsi',
        acts: [
          { act: 'written', process: 'curl', event: 528 },
          { act: 'mode', process: 'chmod' },
          { act: 'run', process: 'kdevtmpfsi' },
          { act: 'deleted', process: 'rm' },
        ],
      },
    ]);
    expect(triage.capture?.connections).toMatchObject([
      { role: 'connected', name: '10.244.1.17:56778->203.0.113.80:8080', bytesOut: 82, bytesIn: 44003 },
    ]);
    for (const fact of triage.facts.filter(({ from }) => from === 'capture')) {
      expect(fact.ref.file).toBe(scap(name));
      expect(fact.ref.line).toBeGreaterThan(0);
    }
  });

  it('an alert that is in no capture says so and gets nothing from it', async () => {
    const report = await analyse({
      alerts: [jsonl('suid_backdoor')],
      captures: [scap('reverse_shell_bash')],
    });
    const triage = only(report);
    expect(triage.capture?.located).toEqual([]);
    expect(triage.capture?.timeline).toEqual([]);
    expect(report.incidents[0]?.gaps.map(({ text }) => text).join(' ')).toContain(
      'is not in the capture: no capture covers its time',
    );
  });

  it('is found by process where the alert only knows the second', async () => {
    const lines = readFileSync(jsonl('suid_backdoor'), 'utf8').trimEnd().split('\n');
    const coarse = lines.map((line) => {
      const alert = JSON.parse(line) as { time: string; output_fields: Record<string, unknown> };
      alert.time = alert.time.replace(/\.\d+Z$/, 'Z');
      delete alert.output_fields['evt.time'];
      return JSON.stringify(alert);
    });
    const file = join(folder, 'coarse.jsonl');
    writeFileSync(file, coarse.join('\n'));
    const exact = only(
      await analyse({ alerts: [jsonl('suid_backdoor')], captures: [scap('suid_backdoor')] }),
    );
    const found = only(await analyse({ alerts: [file], captures: [scap('suid_backdoor')] }));
    expect(found.capture?.located.map(({ event }) => event)).toEqual(
      exact.capture?.located.map(({ event }) => event),
    );
  });
});

describe('profiles from captures', () => {
  it('keep the workload that another capture shows, and refuse the attack', async () => {
    const report = await analyse({
      alerts: [jsonl('drop_and_execute')],
      captures: [scap('drop_and_execute'), scap('poststart_hook')],
    });
    const apparmor = mitigation(report, 'privileges.apparmor-from-capture');
    const content = apparmor.artefacts[0]?.content ?? '';
    expect(content).toContain('/usr/sbin/nginx mrix,');
    expect(content).not.toContain('curl');
    expect(apparmor.why + apparmor.values.join(' ')).toMatch(
      /run \/tmp\/kdevtmpfsi \(event 548 of drop_and_execute\.scap\)/,
    );
    const replay = apparmor.checks.find(({ tool }) => tool === 'yarak capture replay');
    expect(replay).toMatchObject({ result: 'passed', level: 'simulated' });
    expect(replay?.output).toMatch(
      /^workload: (\d+) different requests of \d+ events granted; attack: \d+ of \d+ requests refused/,
    );
    expect(apparmor.status).toBe('offered');
  });

  it('are not offered where the capture shows nothing of the workload', async () => {
    const report = await analyse({
      alerts: [jsonl('drop_and_execute')],
      captures: [scap('drop_and_execute')],
    });
    for (const id of ['privileges.apparmor-from-capture', 'privileges.seccomp-from-capture'])
      expect(mitigation(report, id)).toMatchObject({
        status: 'refused',
        reason: expect.stringContaining('hold nothing that the workload itself did'),
      });
  });

  it('are not offered where no call tells the attack from the workload', async () => {
    const report = await analyse({
      alerts: [jsonl('reverse_shell_bash')],
      captures: [scap('reverse_shell_bash'), scap('exec_probe')],
    });
    expect(mitigation(report, 'privileges.seccomp-from-capture')).toMatchObject({
      status: 'refused',
      reason: expect.stringContaining('Nothing separates them'),
    });
  });

  it('other profiles are tried on the workload too', async () => {
    const report = await analyse({
      alerts: [jsonl('base64_pipe_sh')],
      captures: [scap('base64_pipe_sh'), scap('poststart_hook')],
    });
    const denied = mitigation(report, 'privileges.apparmor');
    expect(denied.status).toBe('proposal');
    expect(denied.checks.find(({ result }) => result === 'failed')?.output).toContain(
      "the workload's run /usr/bin/dash",
    );
  });

  it('are never made for the host or for what is benign', async () => {
    for (const name of ['ptrace_inject', 'logrotate', 'image_build_apt']) {
      const report = await analyse({ alerts: [jsonl(name)], captures: [scap(name)] });
      const ids = report.incidents.flatMap(({ mitigations }) => mitigations.map(({ id }) => id));
      expect(ids.filter((id) => id.includes('from-capture'))).toEqual([]);
    }
  });
});

interface Label {
  readonly name: string;
  readonly label: 'benign' | 'malicious';
}

const labels = JSON.parse(readFileSync(join(captures, 'labels.json'), 'utf8')) as readonly Label[];
const BENIGN: readonly VerdictWord[] = ['benign', 'likely-benign'];

describe.skipIf(ruleFolder === undefined)(
  'every recorded capture with the stock rules (YARAK_FALCO_RULES)',
  () => {
    it.each(labels.map((one) => [one.name, one] as const))(
      '%s',
      { timeout: 120_000 },
      async (name, { label }) => {
        const alone = worst(await analyse({ alerts: [jsonl(name)] }));
        const report = await analyse({ play: [scap(name)] });
        const word = worst(report);
        const rank = VERDICTS.indexOf(word);
        if (label === 'malicious') {
          expect(BENIGN).not.toContain(word);
          expect(rank).toBeGreaterThanOrEqual(VERDICTS.indexOf(alone));
        } else expect(rank).toBeLessThanOrEqual(VERDICTS.indexOf(alone));
        for (const { triage } of report.incidents) expect(triage.capture?.missing).toEqual([]);
        const valid = {
          json: validateReport,
          ocsf: validateOcsf,
          sarif: validateSarif,
          stix: validateStix,
        } as const;
        for (const format of Object.keys(FORMATS) as FormatName[]) {
          const text = await renderReport(report, format, { width: 100, color: false, full: true });
          expect(text.length, format).toBeGreaterThan(200);
          if (format in valid) expect(valid[format as keyof typeof valid](text), format).toEqual([]);
          // Same input, same bytes.
          expect(
            (await renderReport(report, format, { width: 100, color: false, full: true })) === text,
            format,
          ).toBe(true);
        }
      },
    );
  },
);
