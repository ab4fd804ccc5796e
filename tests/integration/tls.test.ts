// TLS and mutual TLS of the service, spoken by curl: Falco's `http_output` is libcurl.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createToken, type Running, readConfig, serve } from '../../src/server/index.ts';
import { freePort, selfSigned } from '../support/processes.ts';

const folder = mkdtempSync(join(tmpdir(), 'yarak-tls-'));
const [alert] = readFileSync(join(import.meta.dirname, '../alerts/labelled.jsonl'), 'utf8')
  .split('\n')
  .map((line) => JSON.stringify((JSON.parse(line || '{}') as { alert?: object }).alert));
const server = selfSigned(folder);
const sensor = selfSigned(folder, 'sensor');
const stranger = selfSigned(folder, 'stranger');
const running: Running[] = [];

/** Starts the service; `clientCertificate` undefined: TLS alone. */
async function start(clientCertificate?: 'required' | 'optional'): Promise<Running> {
  const { config, diagnostics } = readConfig({
    environment: {},
    flags: {
      listen: `127.0.0.1:${await freePort()}`,
      data: join(folder, `data-${clientCertificate}`),
      tls: {
        ...server,
        ...(clientCertificate === undefined ? {} : { clientCa: sensor.cert, clientCertificate }),
      },
      ingest: { loopbackWithoutToken: false },
    },
  });
  if (config === undefined) throw new Error(JSON.stringify(diagnostics));
  const one = await serve({ config, environment: {}, log: pino({ level: 'silent' }) });
  running.push(one);
  return one;
}

/** Posts the alert as curl does; the status, or curl's exit code where there is no answer. */
async function curl(url: string, ...args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('curl', [
      ...[
        '-s',
        '-o',
        '/dev/null',
        '-w',
        '%{http_code}',
        '--cacert',
        server.cert,
        '--data-binary',
        alert as string,
      ],
      ...args,
      url,
    ]);
    return stdout;
  } catch (error) {
    return `curl ${(error as { code: number }).code}`;
  }
}
const showing = ({ cert, key }: { cert: string; key: string }) => ['--cert', cert, '--key', key];

afterAll(async () => {
  for (const one of running) await one.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('TLS', () => {
  let one: Running;
  let url: string;
  let token: string;
  beforeAll(async () => {
    one = await start();
    url = `https://localhost:${one.address.port}/ingest`;
    ({ token } = await createToken(one.store, { name: 'falco', role: 'ingest', actor: 'test' }));
  });

  it('takes a token as a header, and as the password in the URL, which is all that Falco can send', async () => {
    expect(await curl(url, '-H', `Authorization: Bearer ${token}`)).toBe('200');
    expect(await curl(url.replace('https://', `https://falco:${token}@`))).toBe('200');
  });

  it('refuses no token, a wrong one, and a password where a session or a header is asked for', async () => {
    expect(await curl(url)).toBe('401');
    expect(await curl(url.replace('https://', `https://falco:${token}x@`))).toBe('401');
    const { token: reader } = await createToken(one.store, { name: 'x', role: 'read', actor: 'test' });
    const findings = url.replace('https://', `https://x:${reader}@`).replace('/ingest', '/api/v1/findings');
    expect(await curl(findings, '-X', 'GET')).toBe('401');
  });

  it('shows a certificate that others do not trust by themselves', async () => {
    expect(await curl(url, '--cacert', stranger.cert)).toBe('curl 60');
    expect(await curl(url.replace('https:', 'http:'))).toMatch(/^curl (52|56)$|^400$/);
  });
});

describe('mutual TLS', () => {
  it('required: a trusted certificate ingests, and nobody else connects', async () => {
    const url = `https://localhost:${(await start('required')).address.port}/ingest`;
    expect(await curl(url, ...showing(sensor))).toBe('200');
    expect(await curl(url)).toMatch(/^curl \d+$/);
    expect(await curl(url, ...showing(stranger))).toMatch(/^curl \d+$/);
  });

  it('optional: a trusted certificate ingests and does no more, others need a token', async () => {
    const one = await start('optional');
    const url = `https://localhost:${one.address.port}/ingest`;
    expect(await curl(url, ...showing(sensor))).toBe('200');
    // A browser shows its certificate by itself, also for the page of another site.
    expect(await curl(url, ...showing(sensor), '-H', 'Origin: https://evil.example')).toBe('403');
    expect(await curl(url)).toBe('401');
    expect(await curl(url, ...showing(stranger))).toBe('401');
    expect(await curl(url.replace('/ingest', '/api/v1/findings'), '-X', 'GET', ...showing(sensor))).toBe(
      '401',
    );
  });
});
