// Everything in an alert was written by an attacker: hostile text in every field of every stored alert, then every
// screen in real Chromium. Nothing may run, nothing may be fetched, nothing may become markup. And secrets: what is
// said in a configuration or a header stays out of the log.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig, serve } from '../../src/server/index.ts';
import { chromiumPath } from '../support/chromium.ts';
import { HOSTILE } from '../support/hostile.ts';
import { freePort } from '../support/processes.ts';
import { startWeb, type Web } from '../support/web.ts';

const FIELDS = [
  ...[
    'proc.name',
    'proc.cmdline',
    'proc.exepath',
    'proc.pname',
    'proc.pcmdline',
    'proc.aname[2]',
    'proc.cwd',
  ],
  ...[
    'user.name',
    'user.loginname',
    'fd.name',
    'container.id',
    'container.name',
    'container.image.repository',
  ],
  ...[
    'container.image.tag',
    'container.image.digest',
    'k8s.ns.name',
    'k8s.pod.name',
    'k8s.pod.labels',
    'evt.type',
  ],
];

/** One alert with the text in everything that an alert has. */
function alertOf(text: string, index: number): string {
  return JSON.stringify({
    hostname: text,
    output: text,
    priority: 'Critical',
    rule: `${text} ${index}`,
    source: 'syscall',
    tags: [text, 'T1059'],
    time: new Date(Date.UTC(2026, 10, 24, 3, 0, index)).toISOString(),
    output_fields: { ...Object.fromEntries(FIELDS.map((name) => [name, text])), [text]: text },
  });
}
const texts = Object.values(HOSTILE).filter((text) => text.trim() !== '' && text.length < 5000);

describe.skipIf(chromiumPath === undefined)('hostile alerts in the web UI (Chromium)', () => {
  let web: Web;
  const foreign: string[] = [];
  let incidents: { id: string }[];
  let findings: { id: string }[];

  beforeAll(async () => {
    web = await startWeb();
    web.page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(web.origin) && !url.startsWith('data:') && !url.startsWith('blob:'))
        foreign.push(url);
    });
    web.page.on('dialog', (dialog) => {
      foreign.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    const answer = await fetch(`${web.origin}/ingest`, {
      method: 'POST',
      body: texts.map(alertOf).join('\n'),
    });
    expect(await answer.json()).toMatchObject({ stored: texts.length, rejected: 0 });
    const list = async (path: string) => ((await web.api('GET', path)) as { items: { id: string }[] }).items;
    findings = await list('/api/v1/findings?limit=100');
    incidents = await list('/api/v1/incidents?limit=100');
    const [first] = findings;
    await web
      .api('POST', `/api/v1/findings/${first?.id}/decision`, { note: texts[0], owner: texts[2] })
      .catch(() => undefined);
  });
  afterAll(async () => {
    await web?.stop();
  });

  /** What the page holds that only an attacker could have put there. */
  const injected = (): Promise<unknown> =>
    web.page.evaluate(`({
      ran: 'pwned' in globalThis,
      elements: [...document.querySelectorAll('script,iframe,object,embed,base,link,meta,img,form,textarea')]
        .map((element) => element.outerHTML)
        .filter((html) => /127\\.0\\.0\\.1:1\\b|pwned|src="x"|<iframe|<object|<embed|<base/.test(html)),
      handlers: [...document.querySelectorAll('*')].flatMap((element) =>
        element.getAttributeNames().filter((name) => name.startsWith('on'))),
      links: [...document.querySelectorAll('a[href]')]
        .map((element) => element.getAttribute('href'))
        .filter((href) => !/^(#|\\/|https:\\/\\/[a-z0-9.-]+\\/)/.test(href)),
    })`);
  const NOTHING = { ran: false, elements: [], handlers: [], links: [] };

  it('run nothing and become no markup on any screen', async () => {
    expect(incidents.length).toBeGreaterThan(0);
    const places = ['incidents', 'findings', 'noise', 'silences', 'activity', 'rules', 'drop', 'tokens'];
    const each = [
      ...incidents.slice(0, 6).map(({ id }) => `incidents/${id}`),
      ...findings.slice(0, 6).map(({ id }) => `findings/${id}`),
    ];
    for (const place of [...places, ...each]) {
      await web.open(place);
      await web.page.waitForLoadState('networkidle').catch(() => undefined);
      expect(await injected(), place).toEqual(NOTHING);
    }
    expect(foreign).toEqual([]);
    expect(web.problems).toEqual([]);
  });

  it('run nothing on the report that opens by itself', async () => {
    for (const { id } of incidents.slice(0, 3)) {
      await web.page.goto(`${web.origin}/api/v1/incidents/${id}/report.html`);
      expect(await web.page.evaluate(() => 'pwned' in globalThis)).toBe(false);
    }
    expect(foreign).toEqual([]);
  });
});

describe('the log', () => {
  it('holds no token, cookie, password or secret of a target, at its most talkative', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'yarak-log-'));
    let logged = '';
    const log = pino(
      { level: 'debug', redact: ['req.headers.authorization', 'req.headers.cookie'] },
      new Writable({
        write(chunk, _encoding, done) {
          logged += String(chunk);
          done();
        },
      }),
    );
    const secrets = {
      YARAK_INGEST_TOKEN: 'ingest-secret-a1b2c3d4e5f6',
      HOOK: 'hook-secret-a1b2c3d4e5f6',
      SLACK: 'http://127.0.0.1:9/services/T000/B000/slack-secret-path',
    };
    const { config, diagnostics } = readConfig({
      environment: {},
      flags: {
        listen: `127.0.0.1:${await freePort()}`,
        data: folder,
        log: { level: 'debug' },
        tokens: [{ name: 'falco', role: 'ingest', secret: { env: 'YARAK_INGEST_TOKEN' } }],
        deliver: {
          targets: {
            hook: { kind: 'webhook', url: 'http://127.0.0.1:9/x', secret: { env: 'HOOK' } },
            chat: { kind: 'slack', url: { env: 'SLACK' } },
          },
          routes: [{ name: 'all', to: ['hook', 'chat'], groupWaitSeconds: 0 }],
        },
      },
    });
    if (config === undefined) throw new Error(JSON.stringify(diagnostics));
    const running = await serve({ config, environment: secrets, log });
    const base = `http://127.0.0.1:${running.address.port}`;
    const link = running.loginLink();
    const code = new URL(link).searchParams.get('code') as string;
    const cookie = (await fetch(link, { redirect: 'manual' })).headers.get('set-cookie') ?? '';
    const send = (path: string, init: RequestInit) => fetch(`${base}${path}`, init).then((r) => r.text());
    await send('/ingest', {
      method: 'POST',
      headers: { authorization: `Bearer ${secrets.YARAK_INGEST_TOKEN}` },
      body: alertOf('cat /etc/shadow', 1),
    });
    await send('/api/v1/findings', { headers: { authorization: 'Bearer wrong-token-value-123456' } });
    await send('/api/v1/findings?search=%00%ff', { headers: { cookie } });
    await send('/api/v1/incidents/..%2f..%2fetc%2fpasswd', { headers: { cookie } });
    // Until both targets have been tried, and have failed: nobody listens there.
    for (let i = 0; i < 200 && !(logged.match(/delivery failed/g)?.length === 2); i++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
    expect(logged.match(/delivery failed/g)?.length).toBeGreaterThanOrEqual(2);
    const session = /yarak_session=([^;]+)/.exec(cookie)?.[1] as string;
    const all = [...Object.values(secrets), 'slack-secret-path', 'wrong-token-value', code, session];
    for (const secret of all) expect(logged.includes(secret), secret).toBe(false);
  });
});
