// The service's commands as a user runs them: tokens, backup and restore across databases' formats, export, delivery
// tests, the configuration's schema. A real `yarak serve` runs beside them.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '../..');
const bin = join(root, 'bin/yarak.js');
const INGEST = 'ingest-secret-0123456789';
const environment = { ...process.env, YARAK_INGEST_TOKEN: INGEST, HOOK_SECRET: 'hook-secret-0123456789' };

let folder: string;
let server: ChildProcess;
let base: string;
/** What the webhook's receiver got. */
const received: { readonly headers: IncomingMessage['headers']; readonly body: string }[] = [];
const hook = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    received.push({ headers: request.headers, body });
    response.writeHead(204).end();
  });
});

/** Runs `yarak` with the configuration. */
function yarak(...args: readonly string[]) {
  const done = spawnSync(process.execPath, [bin, ...args], {
    encoding: 'utf8',
    env: environment,
    cwd: folder,
    timeout: 60_000,
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

/** `yarak` beside the receiver, which runs in this process and must be able to answer. */
async function yarakAsync(...args: readonly string[]) {
  const child = spawn(process.execPath, [bin, ...args], { env: environment, cwd: folder });
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, out };
}

const alerts = readFileSync(join(root, 'tests/alerts/labelled.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .slice(0, 40)
  .map((line) => JSON.stringify((JSON.parse(line) as { alert: unknown }).alert));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'yarak-service-'));
  hook.listen(0, '127.0.0.1');
  await once(hook, 'listening');
  writeFileSync(
    join(folder, 'yarak.yaml'),
    `listen: 127.0.0.1:0
data: data
tokens:
  - { name: falco, role: ingest, secret: { env: YARAK_INGEST_TOKEN } }
deliver:
  targets:
    hook: { kind: webhook, url: "http://127.0.0.1:${(hook.address() as AddressInfo).port}/x", secret: { env: HOOK_SECRET } }
    nobody: { kind: webhook, url: "http://127.0.0.1:9/x", secret: { env: HOOK_SECRET } }
  routes:
    - { name: works, to: [hook], when: yarak.verdict = malicious }
    - { name: half, to: [hook, nobody] }
`,
  );
  server = spawn(process.execPath, [bin, 'serve', '-c', 'yarak.yaml'], { env: environment, cwd: folder });
  let out = '';
  for await (const chunk of server.stdout as NodeJS.ReadableStream) {
    out += chunk;
    const link = /(http:\/\/\S+)\/login/.exec(out);
    if (link !== null) {
      base = link[1] as string;
      break;
    }
  }
});

afterAll(async () => {
  server.kill('SIGTERM');
  if (server.exitCode === null) await once(server, 'exit');
  hook.close();
  rmSync(folder, { recursive: true, force: true });
});

const call = (path: string, token: string, body?: string) =>
  fetch(`${base}${path}`, {
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { method: 'POST', body }),
  });

describe('tokens', () => {
  it('from the configuration ingest, and do nothing else', async () => {
    const answer = await call('/ingest', INGEST, alerts.join('\n'));
    expect(answer.status, await answer.text()).toBe(200);
    expect((await call('/api/v1/findings', INGEST)).status).toBe(403);
    expect((await call('/ingest', `${INGEST}x`, alerts[0])).status).toBe(401);
  });

  it('are made, listed without their secrets, and revoked', async () => {
    const made = yarak(
      'token',
      'create',
      'grafana',
      '--role',
      'read',
      '--expires',
      '30d',
      '-c',
      'yarak.yaml',
    );
    expect(made.code).toBe(0);
    const token = made.out.trim();
    expect(token).toMatch(/^yarak_[A-Za-z0-9_-]{43}$/);
    expect((await call('/api/v1/findings', token)).status).toBe(200);
    const list = yarak('token', 'list', '-c', 'yarak.yaml').out;
    expect(list).toMatch(/^\S+\tread\tvalid\tcreated \d{4}-\d\d-\d\d\texpires \d{4}-\d\d-\d\d\tgrafana\n$/);
    expect(list).not.toContain(token);
    expect(yarak('token', 'revoke', list.split('\t')[0] as string, '-c', 'yarak.yaml').code).toBe(0);
    expect(yarak('token', 'list', '-c', 'yarak.yaml').out).toContain('\trevoked\t');
  });

  it('say what is wrong', () => {
    expect(yarak('token', 'create', 'x', '--role', 'root', '-c', 'yarak.yaml')).toMatchObject({
      code: 2,
      err: 'yarak: unknown role "root"; there are ingest, read, respond, admin\n',
    });
    expect(yarak('token', 'create', 'x', '--expires', 'soon', '-c', 'yarak.yaml').code).toBe(2);
    expect(yarak('token', 'revoke', 'nothing', '-c', 'yarak.yaml').code).toBe(2);
  });

  it('a secret that is short or missing stops the start, by its name', () => {
    const done = spawnSync(process.execPath, [bin, 'serve', '-c', 'yarak.yaml', '--data', 'other'], {
      encoding: 'utf8',
      env: { ...environment, YARAK_INGEST_TOKEN: 'short' },
      cwd: folder,
    });
    expect(done.status).toBe(3);
    expect(done.stderr).toContain('YARAK_INGEST_TOKEN must hold 20 to 200');
    expect(done.stderr).not.toContain('short"');
  });
});

describe('backup, restore, export', () => {
  it('keep everything, while the service runs', () => {
    expect(yarak('backup', 'backup.gz', '-c', 'yarak.yaml').code).toBe(0);
    expect(statSync(join(folder, 'backup.gz')).mode & 0o777).toBe(0o600);
    expect(yarak('backup', 'backup.gz', '-c', 'yarak.yaml')).toMatchObject({ code: 2 });
    const restored = yarak('restore', 'backup.gz', '--data', 'copy');
    expect(restored.code, restored.err).toBe(0);
    const before = yarak('export', '-c', 'yarak.yaml').out;
    expect(
      before
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).rule)
        .sort(),
    ).toEqual([...new Set(alerts)].map((line) => JSON.parse(line).rule).sort());
    expect(yarak('export', '--data', 'copy').out).toBe(before);
    expect(yarak('token', 'list', '--data', 'copy').out).toBe(yarak('token', 'list', '-c', 'yarak.yaml').out);
  });

  it('refuse what is no whole backup, and a store that holds something', () => {
    copyFileSync(join(folder, 'backup.gz'), join(folder, 'cut.gz'));
    truncateSync(join(folder, 'cut.gz'), Math.floor(statSync(join(folder, 'backup.gz')).size / 2));
    const cut = yarak('restore', 'cut.gz', '--data', 'empty');
    expect(cut.code).toBe(3);
    expect(yarak('export', '--data', 'empty').out).toBe('');
    const full = yarak('restore', 'backup.gz', '--data', 'copy');
    expect(full).toMatchObject({ code: 3 });
    expect(full.err).toContain('Restore needs an empty store');
  });

  it('give alerts that a report takes', () => {
    const exported = yarak('export', '-c', 'yarak.yaml').out;
    const report = spawnSync(process.execPath, [bin, 'report', '-', '-f', 'json'], {
      input: exported,
      encoding: 'utf8',
      env: environment,
    });
    expect(report.status, report.stderr).toBe(0);
    expect(exported.trim().split('\n').length).toBe(new Set(alerts).size);
  });
});

describe('deliver test', () => {
  it('sends through every target of the route, whatever its condition', async () => {
    expect(await yarakAsync('deliver', 'test', 'works', '-c', 'yarak.yaml')).toEqual({
      code: 0,
      out: 'ok     hook (webhook)\n',
    });
    expect(JSON.parse(received.at(-1)?.body ?? '{}')).toMatchObject({
      type: 'yarak.findings',
      findings: [{ title: 'Test of the route works: nothing happened', verdict: 'benign' }],
    });
    expect(received.at(-1)?.headers['webhook-signature']).toMatch(/^v1,/);
  });

  it('names the target that did not take it, and the nearest route', async () => {
    const half = await yarakAsync('deliver', 'test', 'half', '-c', 'yarak.yaml');
    expect(half.code).toBe(1);
    expect(half.out).toMatch(/^ok {5}hook \(webhook\)\nFAILED nobody \(webhook\): .*ECONNREFUSED/);
    expect(yarak('deliver', 'test', 'wroks', '-c', 'yarak.yaml')).toMatchObject({ code: 2 });
    expect(yarak('deliver', 'test', 'wroks', '-c', 'yarak.yaml').err).toContain('did you mean "works"?');
  });
});

describe('config schema', () => {
  it('is a JSON Schema that takes this configuration and refuses a misspelt key', () => {
    const schema = JSON.parse(yarak('config', 'schema').out) as object;
    const ajv = new Ajv2020.default({ strict: false });
    addFormats.default(ajv);
    const validate = ajv.compile(schema);
    const config = parse(readFileSync(join(folder, 'yarak.yaml'), 'utf8')) as Record<string, unknown>;
    expect(validate(config), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...config, lissten: '127.0.0.1:1' })).toBe(false);
    expect(validate({ ...config, listen: 'everywhere' })).toBe(false);
  });
});
