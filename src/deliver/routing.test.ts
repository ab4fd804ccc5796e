import { describe, expect, it } from 'vitest';
import { alertFromJson } from '../alerts/index.ts';
import { parseJson } from '../base/json.ts';
import { deliverSchema, type RouteConfig } from './config.ts';
import type { Notice } from './notice.ts';
import { afterQuiet, Router } from './routing.ts';

const MIDNIGHT_US = Date.UTC(2026, 10, 24) * 1000;
const HOUR_US = 3600 * 1_000_000;

const parsed = parseJson(
  '{"rule":"R","priority":"Warning","output":"o","output_fields":{"proc.name":"bash","k8s.ns.name":"shop"},"time":"2026-11-24T03:18:20.461273900Z"}',
);
const alert = parsed.ok ? alertFromJson(parsed.value, { file: '-', line: 1 }) : undefined;
const notice = {
  findingId: 'f1',
  verdict: 'malicious',
  rule: 'R',
  priority: 'Warning',
  tags: ['T1059'],
  namespace: 'shop',
  workload: 'web',
  node: 'n',
} as unknown as Notice;

function routes(...given: object[]): readonly RouteConfig[] {
  return deliverSchema.parse({
    targets: {
      a: { kind: 'webhook', url: 'http://h/', secret: 's' },
      b: { kind: 'webhook', url: 'http://h/', secret: 's' },
    },
    routes: given,
  }).routes;
}
const taken = (given: object[], nowUs = MIDNIGHT_US, changes = {}) => {
  if (alert === undefined) throw new Error('no alert');
  return new Router(routes(...given)).route({ ...notice, ...changes }, alert, nowUs);
};

describe('routing', () => {
  it.each([
    ['', true],
    ['proc.name = bash', true],
    ['proc.name = sh', false],
    ['yarak.verdict in (malicious, likely-malicious) and k8s.ns.name = shop', true],
    ['yarak.rule = "R" and yarak.priority = Warning', true],
    ['yarak.tags intersects (T1059)', true],
    ['yarak.verdict = benign', false],
    ['user.name = root', false],
  ])('route `%s` takes the finding: %s', (when, expected) => {
    expect(taken([{ name: 'r', to: ['a'], when }]).length > 0).toBe(expected);
  });

  it('stops at the first match unless it says continue', () => {
    const names = (given: object[]) => taken(given).map((r) => r.route);
    expect(
      names([
        { name: 'x', to: ['a'] },
        { name: 'y', to: ['b'] },
      ]),
    ).toEqual(['x']);
    expect(
      names([
        { name: 'x', to: ['a'], continue: true },
        { name: 'y', to: ['a', 'b'] },
      ]),
    ).toEqual(['x', 'y', 'y']);
  });

  it('tells a finding once per repeat time, and again when its verdict changes', () => {
    const key = (nowUs: number, changes = {}) =>
      taken([{ name: 'r', to: ['a'], repeatMinutes: 60 }], nowUs, changes)[0]?.key;
    expect(key(MIDNIGHT_US + HOUR_US / 2)).toBe(key(MIDNIGHT_US));
    expect(key(MIDNIGHT_US + HOUR_US)).not.toBe(key(MIDNIGHT_US));
    expect(key(MIDNIGHT_US, { verdict: 'undetermined' })).not.toBe(key(MIDNIGHT_US));
  });

  it.each([
    ['22:00', '06:00', 23, 6 + 24],
    ['22:00', '06:00', 2, 6],
    ['22:00', '06:00', 12, 12],
    ['01:00', '02:00', 1, 2],
  ])('quiet %s to %s at %d h is due at %d h', (from, to, hour, due) => {
    const [route] = routes({ name: 'r', to: ['a'], quiet: { from, to } });
    expect(afterQuiet(route as RouteConfig, 'undetermined', MIDNIGHT_US + hour * HOUR_US)).toBe(
      MIDNIGHT_US + due * HOUR_US,
    );
    expect(afterQuiet(route as RouteConfig, 'malicious', MIDNIGHT_US + hour * HOUR_US)).toBe(
      MIDNIGHT_US + hour * HOUR_US,
    );
  });

  it('names the route and the place of a condition that does not parse', () => {
    expect(() => new Router(routes({ name: 'bad', to: ['a'], when: 'proc.name ~ x' }))).toThrow(
      /Route bad: .*character 11/,
    );
  });

  it('refuses a route to nowhere and two routes of one name', () => {
    const result = deliverSchema.safeParse({
      routes: [
        { name: 'r', to: ['nowhere'] },
        { name: 'r', to: ['nowhere'] },
      ],
    });
    expect(result.error?.issues.map((i) => i.message)).toEqual([
      'there is no target called nowhere',
      'two routes are called r',
      'there is no target called nowhere',
    ]);
  });
});
