// The service as its users meet it: over HTTP, on a real store.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Running, readConfig, serve } from '../../src/server/index.ts';
import { eventually, freePort } from '../support/processes.ts';
import { validateOcsf, validateReport, validateSarif, validateStix } from '../support/schema.ts';

const folder = mkdtempSync(join(tmpdir(), 'yarak-server-'));
const alerts = readFileSync(join(import.meta.dirname, '../alerts/labelled.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { scenario: string; alert: object });
const scenario = (name: string): string[] =>
  alerts.filter((row) => row.scenario === name).map((row) => JSON.stringify(row.alert));

let running: Running;
let base: string;
let cookie: string;
let csrf: string;

async function api(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(base + path, { ...init, headers: { cookie, 'x-yarak-csrf': csrf, ...init.headers } });
}
const post = (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  fetch(base + path, { method: 'POST', body, headers });

beforeAll(async () => {
  const { config } = readConfig({
    environment: {},
    flags: { listen: `127.0.0.1:${await freePort()}`, data: folder },
  });
  if (config === undefined) throw new Error('no configuration');
  running = await serve({ config, environment: {}, log: pino({ level: 'silent' }) });
  base = `http://127.0.0.1:${running.address.port}`;
  const login = await fetch(running.loginLink(), { redirect: 'manual' });
  cookie = (login.headers.get('set-cookie') ?? '').split(';')[0] as string;
  csrf = ((await (await fetch(`${base}/api/v1/session`, { headers: { cookie } })).json()) as { csrf: string })
    .csrf;
});
afterAll(async () => {
  await running?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('service', () => {
  it('takes what Falco posts, once, and answers when it is stored', async () => {
    const [first] = scenario('reverse_shell_bash') as [string];
    expect(await (await post('/ingest', first)).json()).toMatchObject({ stored: 1, duplicates: 0 });
    expect(await (await post('/ingest', first)).json()).toMatchObject({ stored: 0, duplicates: 1 });
    const rest = scenario('reverse_shell_bash');
    expect(
      await (
        await post('/ingest', gzipSync(rest.join('\n')) as Uint8Array<ArrayBuffer>, {
          'content-encoding': 'gzip',
        })
      ).json(),
    ).toMatchObject({ duplicates: 1 });
    expect(await (await post('/ingest', `[${rest.join(',')}]`)).json()).toMatchObject({ stored: 0 });
  });

  it('refuses what is no alert with a reason, and a body that is too large', async () => {
    const bad = await post('/ingest', '{"not": "an alert"');
    expect(bad.status).toBe(400);
    expect(bad.headers.get('content-type')).toContain('application/problem+json');
    expect(((await bad.json()) as { diagnostics: unknown[] }).diagnostics.length).toBeGreaterThan(0);
    expect((await post('/ingest', 'x'.repeat(17 * 1024 * 1024))).status).toBe(413);
    expect(
      (
        await post('/ingest', gzipSync('x'.repeat(64 * 1024 * 1024)) as Uint8Array<ArrayBuffer>, {
          'content-encoding': 'gzip',
        })
      ).status,
    ).toBe(413);
  });

  it('takes no alert from a web page of another site', async () => {
    const [first] = scenario('reverse_shell_bash') as [string];
    expect((await post('/ingest', first, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await post('/ingest', first, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  });

  it('triages incidents by itself and gives their report', async () => {
    const incident = await eventually(async () => {
      const page = (await (await api('/api/v1/incidents')).json()) as {
        items: { id: string; verdict: string; alertCount: number }[];
      };
      return page.items.find((one) => one.verdict !== 'undetermined');
    }, 'a verdict');
    expect(incident.verdict).toBe('malicious');
    const report = (await (await api(`/api/v1/incidents/${incident.id}/report`)).json()) as { html: string };
    expect(report.html).toContain('203.0.113.45');
    expect(report.html).not.toMatch(/<script|<style|\son\w+=/i);
    const page = await api(`/api/v1/incidents/${incident.id}/report.html`);
    expect(page.headers.get('content-security-policy')).toContain('sandbox');
  });

  it('gives the report as a file in every format', async () => {
    const { items } = (await (await api('/api/v1/incidents')).json()) as {
      items: { id: string; title: string }[];
    };
    const { id, title } = items[0] as { id: string; title: string };
    const files = {
      text: ['txt', 'text/plain; charset=utf-8'],
      md: ['md', 'text/markdown; charset=utf-8'],
      html: ['html', 'text/html; charset=utf-8'],
      json: ['json', 'application/json'],
      ocsf: ['ocsf.json', 'application/json'],
      sarif: ['sarif', 'application/sarif+json'],
      stix: ['stix.json', 'application/stix+json;version=2.1'],
    };
    const texts = new Map<string, string>();
    for (const [format, [extension, type]] of Object.entries(files)) {
      const answer = await api(`/api/v1/incidents/${id}/report/${format}`);
      expect(answer.status, format).toBe(200);
      expect(Object.fromEntries(answer.headers), format).toMatchObject({
        'content-type': type,
        'content-disposition': `attachment; filename="incident-${id}.${extension}"`,
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      });
      texts.set(format, await answer.text());
    }
    const text = (format: string): string => texts.get(format) as string;
    // Without Markdown's escapes and code spans.
    expect(text('md').replace(/[\\`]/g, '')).toContain(title);
    expect(text('text')).toMatch(/^▲ malicious\s+A shell is attached/);
    expect(text('html')).toMatch(/^<!doctype html>/i);
    expect(validateReport(text('json'))).toEqual([]);
    expect(validateOcsf(text('ocsf'))).toEqual([]);
    expect(validateSarif(text('sarif'))).toEqual([]);
    expect(validateStix(text('stix'))).toEqual([]);

    const unknown = await api(`/api/v1/incidents/${id}/report/pdf`);
    expect(unknown.status).toBe(400);
    expect(unknown.headers.get('content-type')).toBe('application/problem+json');
    expect(await unknown.json()).toMatchObject({
      detail: `There is no format "pdf"; there are ${Object.keys(files).join(', ')}.`,
    });
    // A path that only looks like one keeps the page's policy.
    const other = await api('/anything/report/md');
    expect(other.headers.get('content-security-policy')).toContain("script-src 'self'");
    const nobody = await api('/api/v1/incidents/no-such-incident/report/md');
    expect(nobody.status).toBe(404);
    expect(nobody.headers.get('content-type')).toBe('application/problem+json');
    expect(nobody.headers.get('content-disposition')).toBeNull();
  });

  it('lists in either order, page by page', async () => {
    const all = async (query: string): Promise<string[]> => {
      const ids: string[] = [];
      let cursor: string | undefined;
      do {
        const page = (await (
          await api(`/api/v1/findings?limit=2&${query}${cursor === undefined ? '' : `&cursor=${cursor}`}`)
        ).json()) as { items: { id: string }[]; next?: string };
        ids.push(...page.items.map(({ id }) => id));
        cursor = page.next;
      } while (cursor !== undefined);
      return ids;
    };
    const down = await all('sort=priority');
    expect(down.length).toBeGreaterThan(2);
    expect(await all('sort=priority&order=desc')).toEqual(down);
    expect(await all('sort=priority&order=asc')).toEqual(down.toReversed());
    const filter = encodeURIComponent('proc.name exists');
    expect(await all(`sort=priority&order=asc&filter=${filter}`)).toEqual(down.toReversed());
    expect((await api('/api/v1/findings?order=sideways')).status).toBe(400);
  });

  it('filters in the rule language, and points at what is wrong with a filter', async () => {
    const count = async (filter: string) =>
      (
        (await (await api(`/api/v1/alerts?filter=${encodeURIComponent(filter)}`)).json()) as {
          items: unknown[];
        }
      ).items.length;
    expect(await count('proc.name = bash')).toBeGreaterThan(0);
    expect(await count('proc.name = nosuch')).toBe(0);
    const bad = await api(`/api/v1/alerts?filter=${encodeURIComponent('proc.name ~ x')}`);
    expect(bad.status).toBe(400);
    expect(((await bad.json()) as { detail: string }).detail).toMatch(/character \d+/);
  });

  it('keeps decisions with their reason; a request without the page’s token is refused', async () => {
    const { items } = (await (await api('/api/v1/findings')).json()) as { items: { id: string }[] };
    const id = items[0]?.id as string;
    const body = JSON.stringify({ state: 'acknowledged', owner: 'ana', reason: 'on call' });
    const headers = { 'content-type': 'application/json' };
    expect(
      (
        await api(`/api/v1/findings/${id}/decision`, {
          method: 'POST',
          body,
          headers: { ...headers, 'x-yarak-csrf': 'forged' },
        })
      ).status,
    ).toBe(403);
    expect((await api(`/api/v1/findings/${id}/decision`, { method: 'POST', body, headers })).status).toBe(
      200,
    );
    const trail = (await (await api(`/api/v1/trail?subject=${id}`)).json()) as {
      items: { action: string; actor: string }[];
    };
    expect(trail.items.map((entry) => entry.action).sort()).toEqual(['owner', 'state']);
  });

  it('gives every route of its document to the roles that it declares, and to no other', async () => {
    const document = (await (await fetch(`${base}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { 'x-yarak-role'?: string }>>;
    };
    const includes: Record<string, string[]> = {
      ingest: ['ingest'],
      read: ['read'],
      respond: ['respond', 'read'],
      admin: ['admin', 'respond', 'read', 'ingest'],
    };
    const tokens = new Map<string, string>();
    for (const role of Object.keys(includes)) {
      const made = await api('/api/v1/tokens', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: role, role }),
      });
      tokens.set(role, ((await made.json()) as { token: string }).token);
    }
    let checked = 0;
    const open: string[] = [];
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const url = base + path.replace(/\{\w+\}/g, 'nosuch');
        // Logging in, and what orchestrators ask, is for anybody.
        if (operation['x-yarak-role'] === undefined) {
          open.push(`${method} ${path}`);
          continue;
        }
        // This server listens on loopback, where Falco may post without a token.
        if (operation['x-yarak-role'] !== 'ingest')
          expect(
            (await fetch(url, { method: method.toUpperCase() })).status,
            `${method} ${path} without a token`,
          ).toBe(401);
        for (const [role, token] of tokens) {
          const answer = await fetch(url, {
            method: method.toUpperCase(),
            headers: { authorization: `Bearer ${token}` },
          });
          const { status } = answer;
          // The live events would go on for ever.
          await answer.body?.cancel();
          const allowed = includes[role]?.includes(operation['x-yarak-role'] as string) ?? false;
          expect(status === 403, `${method} ${path} as ${role}: ${status}`).toBe(!allowed);
          checked++;
        }
      }
    }
    expect(checked).toBeGreaterThan(40);
    expect(open.sort()).toEqual(
      ['get /healthz', 'get /login', 'get /metrics', 'get /readyz', 'post /api/v1/session'].sort(),
    );
    for (const path of ['/ingest', '/k8s-audit', '/api/v1/events', '/api/v1/reports'])
      expect(Object.keys(document.paths)).toContain(path);
  });

  it('answers to its own names only, and says how it is', async () => {
    expect((await fetch(`${base}/healthz`)).status).toBe(200);
    expect((await fetch(`${base}/readyz`)).status).toBe(200);
    const reference = readFileSync(join(import.meta.dirname, '../../docs/service.md'), 'utf8');
    const listed = [...reference.matchAll(/^\| `(yarak_\w+)` *\| (\w+) *\| (.+?) *\|$/gm)].map(
      ([, name, type, help]) => ({ name, type, help }),
    );
    const metrics = await (await fetch(`${base}/metrics`)).text();
    const of = (what: string) => [...metrics.matchAll(new RegExp(`^# ${what} (\\w+) (.+)$`, 'gm'))];
    expect(of('HELP').map(([, name, help]) => [name, help])).toEqual(listed.map((m) => [m.name, m.help]));
    expect(of('TYPE').map(([, name, type]) => [name, type])).toEqual(listed.map((m) => [m.name, m.type]));
    expect(Number(/^yarak_store_bytes (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThan(100_000);
  });
});
