import { createReadStream, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type Alert, readAlertText } from '../../alerts/index.ts';
import { FindingBuilder } from '../findings.ts';
import { joinIncidents } from '../incidents.ts';
import { AlertTimes } from './alert-times.ts';
import { type Ancestor, attackRoot } from './lineage.ts';
import { readCaptures } from './read.ts';
import type { CaptureSource } from './types.ts';

const captures = process.env['YARAK_CAPTURES'] ?? resolve(import.meta.dirname, '../../../tests/captures');
const scap = (name: string): string => join(captures, `${name}.scap`);
const alertsOf = (name: string): readonly Alert[] =>
  readAlertText(readFileSync(join(captures, `${name}.jsonl`), 'utf8')).alerts;

async function read(alerts: readonly Alert[], ...sources: readonly CaptureSource[]) {
  const builder = new FindingBuilder();
  const times = new AlertTimes();
  for (const alert of alerts) {
    builder.add(alert);
    times.add(alert);
  }
  return [...(await readCaptures(joinIncidents(builder.finish()), times, sources)).values()];
}

const fromFile = (name: string): CaptureSource => ({ name, open: () => createReadStream(scap(name)) });
const fromBytes = (name: string, bytes: Uint8Array): CaptureSource => ({
  name,
  async *open() {
    yield bytes;
  },
});

describe('where an attack starts', () => {
  const one = (name: string, containerId: string, vpid = 7): Ancestor => ({
    key: `${name}@${containerId}${vpid}`,
    pid: 100 + vpid,
    vpid,
    name,
    exepath: `/usr/bin/${name}`,
    cmdline: name,
    containerId,
  });

  it.each<[string, Ancestor[], string | undefined]>([
    ['nothing known', [], undefined],
    [
      'a tool in a shell that a worker started',
      [one('curl', 'c'), one('sh', 'c'), one('nginx', 'c'), one('nginx', 'c', 1)],
      'sh',
    ],
    ['a tool that a worker started', [one('curl', 'c'), one('php-fpm', 'c'), one('php-fpm', 'c', 1)], 'curl'],
    [
      'a session put into the container',
      [one('curl', 'c'), one('python3', 'c'), one('containerd-shim', '')],
      'python3',
    ],
    ['the container itself', [one('xmrig', 'c', 1), one('containerd-shim', '')], 'xmrig'],
    [
      'a shell that is the container itself',
      [one('curl', 'c'), one('sh', 'c', 1), one('containerd-shim', '')],
      'curl',
    ],
    [
      'a login session of the host',
      [one('cat', ''), one('bash', ''), one('sshd', ''), one('sshd', '')],
      'bash',
    ],
    ['a job of the host', [one('sh', ''), one('restic', ''), one('cron', '')], 'restic'],
  ])('%s', (_, lineage, name) => {
    expect(attackRoot(lineage)?.name).toBe(name);
  });
});

describe('reading captures', () => {
  it('finds every alert, also of an incident that is in two captures', async () => {
    const readings = await read(
      [...alertsOf('ptrace_inject'), ...alertsOf('suid_backdoor')],
      fromFile('ptrace_inject'),
      fromFile('suid_backdoor'),
    );
    for (const { story } of readings) {
      expect(story.missing).toEqual([]);
      for (const { capture, event } of story.located) {
        expect(['ptrace_inject', 'suid_backdoor']).toContain(capture);
        expect(event).toBeGreaterThan(0);
      }
    }
  });

  it('leaves the findings as they were: the same ids, counts and raw records', async () => {
    const alerts = alertsOf('drop_and_execute');
    const builder = new FindingBuilder();
    for (const alert of alerts) builder.add(alert);
    const [before] = joinIncidents(builder.finish());
    const [after] = await read(alerts, fromFile('drop_and_execute'));
    expect(after?.incident.id).toBe(before?.id);
    const raw = (incident: typeof before) =>
      incident?.findings.flatMap(({ id, count, samples }) => [
        id,
        count,
        ...samples.map((alert) => alert.raw),
      ]);
    expect(raw(after?.incident)).toEqual(raw(before));
  });

  it('takes a process of the same time but another container for another event', async () => {
    const moved = alertsOf('drop_and_execute').map((alert) => ({
      ...alert,
      fields: new Map([...alert.fields, ['container.id', 'aaaaaaaaaaaa'] as const]),
    }));
    const [reading] = await read(moved, fromFile('drop_and_execute'));
    expect(reading?.story.located).toEqual([]);
    expect(reading?.story.missing[0]?.why).toContain('of the same process and container');
  });

  it('follows an injected process to the attack, by what the capture says of both', async () => {
    const [reading] = await read(alertsOf('ptrace_inject'), fromFile('ptrace_inject'));
    const lines = reading?.story.timeline.map(({ text, values }) => `${text} | ${values.join(' ')}`) ?? [];
    expect(lines).toContainEqual(
      '{0} called ptrace {1} on the process {2} | gdb PTRACE_ATTACH 14088 (sleep)',
    );
    expect(lines).toContainEqual(
      '{0} called ptrace {1} on the process {2} | gdb PTRACE_SETREGS 14088 (sleep)',
    );
  });

  it('survives damage anywhere', { timeout: 120_000 }, async () => {
    const whole = gunzipSync(readFileSync(scap('drop_and_execute')));
    const alerts = alertsOf('drop_and_execute');
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    for (let round = 0; round < 150; round++) {
      const bytes = Buffer.from(whole);
      for (let n = 0; n <= round % 9; n++) bytes[random(bytes.length)] = random(256);
      const cut = round % 3 === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
      const [reading] = await read(alerts, fromBytes('damaged', cut));
      expect(reading?.story.captures).toHaveLength(1);
    }
  });
});
