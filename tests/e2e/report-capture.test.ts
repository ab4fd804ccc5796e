// `yarak report` on captures, through the command line: rules run over a capture, and alerts told by a capture.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const captures = process.env['YARAK_CAPTURES'] ?? join(root, 'tests/captures');
const ruleFolder = process.env['YARAK_FALCO_RULES'];
const rules = (
  ruleFolder === undefined ? [] : ['falco_rules', 'falco-incubating_rules', 'falco-sandbox_rules']
).flatMap((name) => ['-r', join(ruleFolder as string, `${name}.yaml`)]);

interface Json {
  readonly [key: string]: unknown;
}

function yarak(...args: string[]) {
  return spawnSync(process.execPath, [join(root, 'bin/yarak.js'), 'report', ...args], {
    encoding: 'utf8',
    input: '',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, NO_COLOR: '1' },
  });
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'yarak-capture-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const scap = (name: string): string => join(captures, `${name}.scap`);
const alerts = (name: string): string => join(captures, `${name}.jsonl`);

describe('a capture as input', () => {
  it('needs rules, and says what to add', () => {
    const { status, stderr } = yarak(scap('reverse_shell_bash'));
    expect(status).toBe(2);
    expect(stderr).toContain('is a capture: add the rules to run over it (-r falco_rules.yaml)');
  });

  it('is told from an alert file by its bytes, not its name', () => {
    const file = join(folder, 'alerts.jsonl');
    writeFileSync(file, gunzipSync(readFileSync(scap('suid_backdoor'))));
    expect(yarak(file).stderr).toContain('is a capture');
    expect(yarak(alerts('suid_backdoor'), '--capture', alerts('suid_backdoor')).stderr).toContain(
      'is not a capture',
    );
  });

  it.skipIf(ruleFolder === undefined)('mixes with alert files (YARAK_FALCO_RULES)', () => {
    const { status, stdout, stderr } = yarak(
      scap('reverse_shell_bash'),
      alerts('suid_backdoor'),
      ...rules,
      '--format',
      'json',
    );
    expect(status, stderr).toBe(0);
    const { incidents } = JSON.parse(stdout) as { incidents: Json[] };
    expect(incidents).toHaveLength(2);
  });
});

describe('alerts with their capture', () => {
  it('gives the incident the story that the capture holds', () => {
    const { status, stdout, stderr } = yarak(
      alerts('reverse_shell_bash'),
      '--capture',
      scap('reverse_shell_bash'),
    );
    expect(status, stderr).toBe(0);
    expect(stdout).toContain('bash made `10.244.1.17:53124->203.0.113.45:4444` its standard input');
    expect(stdout).not.toContain('proc.is_exe_upper_layer is not shown');
  });
});
