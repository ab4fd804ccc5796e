import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Alert, readAlertText } from '../alerts/index.ts';
import { FindingBuilder } from './findings.ts';
import { joinIncidents } from './incidents.ts';
import { ownerOfPod } from './workload.ts';

const scenarios = Map.groupBy(
  readFileSync(new URL('../../tests/alerts/labelled.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { scenario: string; alert: object }),
  (row) => row.scenario,
);

function alertsOf(name: string): Alert[] {
  return readAlertText((scenarios.get(name) ?? []).map((row) => JSON.stringify(row.alert)).join('\n')).alerts;
}
function group(alerts: Iterable<Alert>) {
  const builder = new FindingBuilder();
  for (const alert of alerts) builder.add(alert);
  return builder.finish();
}
const changed = (
  alert: Alert,
  changes: Record<string, string | number | null>,
  rest: Partial<Alert> = {},
): Alert => ({
  ...alert,
  ...rest,
  fields: new Map([...alert.fields, ...Object.entries(changes)]),
});

describe('findings', () => {
  it('keep every alert, and join those of one container to one incident', () => {
    const alerts = alertsOf('apt_in_container');
    const found = group(alerts);
    expect(found.reduce((n, { finding }) => n + finding.count, 0)).toBe(alerts.length);
    expect(found.flatMap(({ finding }) => finding.refs)).toHaveLength(alerts.length);
    const incidents = joinIncidents(found);
    expect(incidents).toHaveLength(1);
    expect(incidents[0]?.joinedBy.map((j) => j.kind)).toContain('container');
  });

  it('turn 30,000 alerts of one noisy rule into one, with its spread', () => {
    const [alert] = alertsOf('exec_probe') as [Alert];
    const many = Array.from({ length: 30_000 }, (_, i) =>
      changed(
        alert,
        {
          'container.id': (i % 97).toString(16).padStart(12, 'a'),
          'k8s.pod.name': `web-7d4b9c6f8${'bcdfg'[i % 5]}-x2x${'bcdfg'[i % 5]}z`,
        },
        { hostname: `node-${i % 31}`, timeNs: BigInt(i) * 1_000_000_000n },
      ),
    );
    const found = group(many);
    expect(found.length).toBeLessThan(5);
    expect(found[0]?.finding.count).toBe(30_000);
    expect(found[0]?.finding.spread.nodes.total).toBe(31);
    expect(found[0]?.finding.refs).toHaveLength(30_000);
  });

  it('join alerts whose container metadata came late', () => {
    const [alert] = alertsOf('shell_in_container') as [Alert];
    const blank = changed(alert, {
      'container.image.repository': null,
      'container.image.tag': null,
      'container.name': null,
      'k8s.pod.name': null,
      'k8s.ns.name': null,
    });
    const found = group([blank, alert, blank]);
    expect(found).toHaveLength(1);
    expect(found[0]?.finding.count).toBe(3);
    expect(found[0]?.finding.workload.imageRepository).toBe(alert.fields.get('container.image.repository'));
  });

  it('move what they hold when metadata comes late: times, references, entities', () => {
    const [alert] = alertsOf('shell_in_container') as [Alert];
    const blank = (line: number, timeNs: bigint): Alert =>
      changed(
        alert,
        {
          'container.image.repository': null,
          'container.image.tag': null,
          'k8s.pod.name': null,
          'k8s.ns.name': null,
        },
        { ref: { file: 'a', line }, timeNs },
      );
    const full = changed(alert, {}, { ref: { file: 'b', line: 9 }, timeNs: 20n });
    const found = group([blank(1, 30n), blank(2, 10n), full]);
    expect(found).toHaveLength(1);
    expect(found[0]?.finding).toMatchObject({ count: 3, firstSeenNs: 10n, lastSeenNs: 30n });
    expect(found[0]?.finding.refs).toEqual([
      { file: 'a', line: 1 },
      { file: 'a', line: 2 },
      { file: 'b', line: 9 },
    ]);
    const container = found[0]?.sightings.find(({ entity }) => entity.kind === 'container');
    expect(container).toMatchObject({ firstNs: 10n, lastNs: 30n });
  });

  it('count together what looks different each time, past a limit', () => {
    const [alert] = alertsOf('shell_in_container') as [Alert];
    const word = (i: number): string => [...i.toString(2)].map((bit) => (bit === '1' ? 'x' : 'y')).join('');
    const builder = new FindingBuilder({ perRule: 10 });
    for (let i = 0; i < 100; i++) builder.add(changed(alert, { 'proc.cmdline': `run ${word(i)}` }));
    const found = builder.finish().map(({ finding }) => finding);
    expect(found).toHaveLength(11);
    expect(found.map((finding) => finding.count)).toEqual([...Array(10).fill(1), 90]);
    expect(found.at(-1)?.fingerprint.at(-1)?.name).toBe('rest');
    expect(found.at(-1)?.workload.imageRepository).toBe(alert.fields.get('container.image.repository'));
  });

  it('hold no more than their budget, whatever the alerts look like', () => {
    const [alert] = alertsOf('shell_in_container') as [Alert];
    const builder = new FindingBuilder({ bytes: 100_000, containers: 50 });
    for (let i = 0; i < 2000; i++) {
      const name = i.toString(36);
      builder.add(
        changed(
          alert,
          {
            'container.id': i.toString(16).padStart(12, '0'),
            'container.image.repository': i % 3 === 0 ? null : `img-${name.replace(/\d/g, 'z')}`,
            'k8s.pod.name': null,
            'proc.cmdline': `x${name.replace(/\d/g, 'z')}`,
          },
          { rule: `R${i}`, hostname: `h${i}` },
        ),
      );
    }
    const found = builder.finish().map(({ finding }) => finding);
    expect(found.reduce((n, finding) => n + finding.count, 0)).toBe(2000);
    expect(found.length).toBeLessThan(100);
    expect(found.every((finding) => finding.samples.length > 0)).toBe(true);
    const held = new Set(found.flatMap((finding) => finding.samples)).size;
    expect(held * (3 * alert.raw.length)).toBeLessThan(200_000);
    expect(found.some((finding) => finding.spread.nodes.atLeast)).toBe(true);
  });

  it('do not join what happened hours apart', () => {
    const alerts = alertsOf('shell_in_container');
    const other = alertsOf('shell_in_container').map((a) =>
      changed(a, { 'proc.cmdline': 'sh -c other' }, { timeNs: (a.timeNs ?? 0n) + 10_000_000_000_000n }),
    );
    expect(joinIncidents(group([...alerts, ...other])).length).toBeGreaterThan(
      joinIncidents(group(alerts)).length,
    );
  });

  it.each([
    ['web-7d4b9c6f8d-x2xbz', 'web', 'Deployment'],
    ['db-0', 'db', 'StatefulSet'],
    ['falco-8xk2m', 'falco', 'unknown'],
    ['backup-28912345-k9x2z', 'backup', 'Job'],
    ['single', 'single', 'Pod'],
  ])('owner of %s is %s (%s)', (pod, name, kind) => {
    expect(ownerOfPod(pod)).toEqual({ name, kind });
  });
});
