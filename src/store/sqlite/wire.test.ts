import { expect, it } from 'vitest';
import type { NewAlert } from '../types.ts';
import { packParts, toPart, unpack } from './wire.ts';

const alert = (n: number, raw: string): NewAlert => ({
  id: String(n).padStart(32, '0'),
  raw,
  timeUs: 1_700_000_000_000_000 + n,
  receivedUs: 1_700_000_000_000_001 + n,
  rule: 'Règle',
  source: 'syscall',
  priority: n % 9,
  hostname: 'node-1',
  namespace: '',
  pod: 'p',
  image: 'i',
  user: 'root',
  finding: {
    id: `f${n % 3}`,
    fingerprint: [{ name: 'rule', value: 'Règle' }],
    tags: ['T1059'],
    workload: { kind: 'container' } as NewAlert['finding']['workload'],
    title: `title ${n % 3}`,
  },
  entities: [`container:${n}`, 'host:node-1'],
});

it('brings alerts to the other thread as they are, in their order, however they came together', () => {
  const raws = ['{}', '{"a":"é"}', '{"a":"日本語 😀"}', '{"lone":"\ud800"}', 'x'.repeat(70_000)];
  const alerts = Array.from({ length: 60 }, (_, n) => alert(n, raws[n % raws.length] as string));
  const cuts = [0, 1, 3, 20, 21, 50, 60];
  const parts = cuts.slice(1).map((to, i) => toPart(alerts.slice(cuts[i], to)));
  const decoder = new TextDecoder();
  const back = packParts(parts)
    .flatMap(unpack)
    .map(({ finding, raw, ...rest }) => ({
      ...rest,
      raw: decoder.decode(raw as Uint8Array),
      finding: {
        id: finding.id,
        fingerprint: finding.fingerprint,
        tags: finding.tags,
        workload: finding.workload,
        title: finding.title,
      },
    }));
  expect(back).toEqual(alerts.map((one) => ({ ...one, raw: one.raw.toWellFormed() })));
});
