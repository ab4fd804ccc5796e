// The service's configuration: one YAML file with a schema, then environment, then flags; later wins.

import { z } from 'zod';
import type { Diagnostic } from '../base/diagnostic.ts';
import { readYaml } from '../base/yaml-schema.ts';
import { deliverSchema } from '../deliver/index.ts';
import { KUBERNETES_VERSIONS } from '../mitigate/index.ts';
import { ROLES } from '../store/index.ts';

const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

const DURATION = /^\d{1,6}[smhdw]$/;

/** Milliseconds of `90d`, `12h`, `30s`: a whole number and a unit; `undefined` for anything else. */
export function parseDuration(text: string): number | undefined {
  return DURATION.test(text)
    ? Number(text.slice(0, -1)) * UNITS_MS[text.at(-1) as keyof typeof UNITS_MS]
    : undefined;
}

export const duration = z
  .string()
  .regex(DURATION, 'expected a number and a unit, such as 90d, 12h, 15m or 30s')
  .transform((text) => parseDuration(text) as number);

const UNITS_BYTES = { MB: 1e6, GB: 1e9, TB: 1e12 } as const;

/** Bytes of `500MB`, `20GB`, `1TB`. */
const bytes = z
  .string()
  .regex(/^\d{1,6}[MGT]B$/, 'expected a number and MB, GB or TB, such as 20GB')
  .transform((text) => Number(text.slice(0, -2)) * UNITS_BYTES[text.slice(-2) as keyof typeof UNITS_BYTES]);

const listen = z
  .string()
  .regex(
    /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/,
    'expected HOST:PORT, such as 127.0.0.1:8765 or [::1]:8765',
  )
  .refine((text) => Number(text.slice(text.lastIndexOf(':') + 1)) < 65536, 'the port must be below 65536');

export const configSchema = z.strictObject({
  listen: listen.default('127.0.0.1:8765'),
  publicUrl: z.url({ protocol: /^https?$/ }).optional(),
  tls: z
    .strictObject({
      cert: z.string(),
      key: z.string(),
      /** Certificates that this authority signed may ingest without a token. */
      clientCa: z.string().optional(),
      /** `required`: nobody without one may connect, browsers included. */
      clientCertificate: z.enum(['required', 'optional']).default('required'),
    })
    .optional(),
  data: z.string().min(1).default('yarak-data'),
  database: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'expected postgres://USER:PASSWORD@HOST/DATABASE')
    .optional(),
  rules: z.array(z.string()).default([]),
  knowledge: z.array(z.string()).default([]),
  kubernetesVersion: z.enum(KUBERNETES_VERSIONS).optional(),
  retention: z
    .strictObject({
      maxAge: duration.optional(),
      maxAlerts: z.int().positive().optional(),
      /** What the database's contents may take, beside PostgreSQL's own overhead. */
      maxSize: bytes.optional(),
    })
    .default({}),
  ingest: z
    .strictObject({
      /** After gunzip. */
      maxBodyBytes: z.int().min(1024).max(1_073_741_824).default(16_777_216),
      /** Alerts on their way to the disk; more are answered with 429, more in one request with 413. */
      maxInFlight: z.int().min(1).max(1_000_000).default(20_000),
      /** On 127.0.0.1 alone, Falco may post without a token. */
      loopbackWithoutToken: z.boolean().default(true),
    })
    .prefault({}),
  /** Tokens that the configuration brings, beside those made in the UI; their secrets come from the environment. */
  tokens: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        role: z.enum(ROLES),
        secret: z.strictObject({ env: z.string().min(1) }),
      }),
    )
    .default([]),
  api: z.strictObject({ requestsPerMinute: z.int().positive().default(1200) }).prefault({}),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info') }).prefault({}),
  /** Routes and targets: checked by the delivery room's own schema. */
  deliver: z.unknown().optional(),
});

/** The JSON Schema of the configuration file, routes and targets included. */
export function configJsonSchema(): unknown {
  const whole = configSchema.extend({ deliver: deliverSchema.optional() });
  return { title: "Yarak's service", ...z.toJSONSchema(whole, { io: 'input' }) };
}

export type Config = z.output<typeof configSchema>;
type ConfigInput = z.input<typeof configSchema>;

/** Environment variables that may stand in for the file's keys. Secrets belong here rather than in the file. */
const ENVIRONMENT: readonly (readonly [
  name: string,
  set: (config: Record<string, unknown>, value: string) => void,
])[] = [
  ['YARAK_LISTEN', (c, v) => (c['listen'] = v)],
  ['YARAK_PUBLIC_URL', (c, v) => (c['publicUrl'] = v)],
  ['YARAK_DATA', (c, v) => (c['data'] = v)],
  ['YARAK_DATABASE', (c, v) => (c['database'] = v)],
  ['YARAK_LOG_LEVEL', (c, v) => (c['log'] = { level: v })],
];

export interface ConfigSources {
  readonly file?: { readonly name: string; readonly text: string };
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly flags: Partial<ConfigInput>;
}

/** Reads the configuration from all its sources; every mistake is a diagnostic, none throws. */
export function readConfig(sources: ConfigSources): {
  readonly config?: Config;
  readonly diagnostics: readonly Diagnostic[];
} {
  let fromFile: Record<string, unknown> = {};
  if (sources.file !== undefined) {
    const checked = readYaml(sources.file.text, configSchema, { file: sources.file.name, code: 'CONFIG' });
    if (checked.diagnostics.length > 0) return { diagnostics: checked.diagnostics };
    // The unparsed values go on, so that the schema runs once over all sources together.
    fromFile =
      readYaml(sources.file.text, z.record(z.string(), z.unknown()), {
        file: sources.file.name,
        code: 'CONFIG',
      }).value ?? {};
  }
  const merged: Record<string, unknown> = { ...fromFile };
  for (const [name, set] of ENVIRONMENT) {
    const value = sources.environment[name];
    if (value !== undefined && value !== '') set(merged, value);
  }
  for (const [key, value] of Object.entries(sources.flags)) if (value !== undefined) merged[key] = value;
  const result = configSchema.safeParse(merged);
  if (result.success) return { config: result.data, diagnostics: [] };
  return {
    diagnostics: result.error.issues.map((issue) => ({
      code: 'CONFIG_VALUE',
      severity: 'error',
      message: `${issue.path.join('.') || 'configuration'} (from the environment or a flag): ${issue.message}`,
    })),
  };
}

export interface Address {
  readonly host: string;
  readonly port: number;
  readonly loopback: boolean;
}

export function parseListen(text: string): Address {
  const colon = text.lastIndexOf(':');
  const host = text.slice(0, colon).replace(/^\[|\]$/g, '');
  return {
    host,
    port: Number(text.slice(colon + 1)),
    loopback: host === 'localhost' || host === '::1' || /^127\./.test(host),
  };
}
