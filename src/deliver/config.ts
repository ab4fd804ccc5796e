// Targets and routes: the `deliver` part of the service's configuration.

import { z } from 'zod';

const httpUrl = z.url({ protocol: /^https?$/, error: 'expected an http:// or https:// URL' });
const ca = z.string().optional();

/** A secret: as text, or as the name of an environment variable that holds it. */
const secret = z.union([z.string().min(1), z.strictObject({ env: z.string().min(1) })]);

const target = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('slack'), url: secret, ca }),
  z.strictObject({ kind: z.literal('webhook'), url: httpUrl, secret, ca }),
  z.strictObject({ kind: z.literal('alertmanager'), url: httpUrl, token: secret.optional(), ca }),
  z.strictObject({ kind: z.literal('falcosidekick'), url: httpUrl, ca }),
  z.strictObject({
    kind: z.literal('smtp'),
    url: secret,
    from: z.string().min(3),
    to: z.array(z.string().min(3)).min(1),
    requireTls: z.boolean().default(true),
    ca,
  }),
  z.strictObject({
    kind: z.literal('syslog'),
    url: z
      .string()
      .regex(/^(tls|tcp|udp):\/\/[^/\s]+:\d{1,5}$/, 'expected tls://, tcp:// or udp://HOST:PORT'),
    facility: z.int().min(0).max(23).default(4),
    ca,
  }),
]);

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time of day such as 22:00');
const minutes = z.int().min(0).max(10_080);

const route = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected lower-case letters, digits and dashes'),
  to: z.array(z.string()).min(1),
  /** A condition in Falco's rule language; `yarak.verdict`, `yarak.rule`, `yarak.priority`, `yarak.tags` speak of the finding. */
  when: z.string().default(''),
  /** Findings that are equal in these are told together. */
  groupBy: z.array(z.enum(['namespace', 'rule', 'verdict', 'node', 'workload'])).default([]),
  groupWaitSeconds: z.int().min(0).max(3600).default(30),
  /** The same finding is told again after this long, if it still happens. */
  repeatMinutes: minutes.default(240),
  /** Held back until the end of the quiet time, but for these verdicts. UTC. */
  quiet: z
    .strictObject({ from: clock, to: clock, except: z.array(z.string()).default(['malicious']) })
    .optional(),
  /** Go on to later routes after this one matched. */
  continue: z.boolean().default(false),
});

export const deliverSchema = z
  .strictObject({ targets: z.record(z.string(), target).default({}), routes: z.array(route).default([]) })
  .superRefine((value, issues) => {
    const names = new Set<string>();
    value.routes.forEach((r, i) => {
      if (names.has(r.name))
        issues.addIssue({
          code: 'custom',
          path: ['routes', i, 'name'],
          message: `two routes are called ${r.name}`,
        });
      names.add(r.name);
      r.to.forEach((name, j) => {
        if (!Object.hasOwn(value.targets, name)) {
          issues.addIssue({
            code: 'custom',
            path: ['routes', i, 'to', j],
            message: `there is no target called ${name}`,
          });
        }
      });
    });
  });

export type DeliverConfig = z.output<typeof deliverSchema>;
export type RouteConfig = DeliverConfig['routes'][number];
export type TargetConfig = DeliverConfig['targets'][string];
export type Secret = z.output<typeof secret>;
