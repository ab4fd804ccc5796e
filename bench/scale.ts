// `node bench/scale.ts [ALERTS] [sqlite] [postgres]`: fills a store with a month of alerts (default 1,000,000) and
// measures, over HTTP at the real `yarak serve`, every list that the UI shows with each of its filters and orders, search,
// the noise view, and the first paint in Chromium. YARAK_SCALE_KEEP names a folder whose SQLite store is kept and used
// again. The last line is one JSON object; with both databases it is also kept in results/.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../src/store/index.ts';
import { chromiumPath, launchChromium } from '../tests/support/chromium.ts';
import { startPostgres } from '../tests/support/postgres.ts';
import { type ServerProcess, startServer } from './ingest-server.ts';
import { fill } from './scale-fill.ts';

const RUNS = 20;
const alertsFolder = process.env['YARAK_ALERTS'] ?? join(import.meta.dirname, '../tests/alerts');

interface Timing {
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** Name → path; `search` are measured against 500 ms, the others against 100 ms. */
function queries(context: {
  finding: string;
  incident: string;
  rule: string;
  since: string;
}): Record<string, string> {
  const { finding, incident, since } = context;
  const rule = encodeURIComponent(context.rule);
  const found: Record<string, string> = {};
  for (const table of ['findings', 'incidents'] as const) {
    for (const sort of ['last-seen', 'first-seen', 'count', 'priority', 'verdict'])
      found[`${table} by ${sort}`] = `${table}?sort=${sort}`;
    found[`${table} open and acknowledged`] = `${table}?state=open,acknowledged`;
    found[`${table} closed`] = `${table}?state=closed`;
    found[`${table} malicious`] = `${table}?verdict=malicious,likely-malicious`;
    found[`${table} of a namespace`] = `${table}?namespace=shop`;
    found[`${table} of an unknown namespace`] = `${table}?namespace=nosuch`;
    found[`${table} of a rule`] = `${table}?rule=${rule}`;
    found[`${table} of an unknown rule`] = `${table}?rule=nosuch`;
    found[`${table} of an owner`] = `${table}?owner=ana`;
    found[`${table} of the last day`] = `${table}?since=${since}`;
    found[`${table} before the last day`] = `${table}?until=${since}`;
    found[`${table} silenced too`] = `${table}?silenced=show`;
    found[`search ${table}: one word`] = `${table}?search=shell`;
    found[`search ${table}: nothing`] = `${table}?search=zzzzzz`;
  }
  found['alerts'] = 'alerts?';
  found['alerts of a finding'] = `alerts?finding=${finding}`;
  found['alerts of an incident'] = `alerts?incident=${incident}`;
  found['alerts of a rule'] = `alerts?rule=${rule}`;
  found['alerts of an unknown rule'] = 'alerts?rule=nosuch';
  found['alerts of an unknown namespace'] = 'alerts?namespace=nosuch';
  found['alerts before the last day'] = `alerts?until=${since}`;
  found['search alerts: common word'] = 'alerts?search=command';
  found['search alerts: two words'] = 'alerts?search=bash%20shadow';
  found['search alerts: prefix'] = 'alerts?search=chec';
  found['search alerts: nothing'] = 'alerts?search=zzzzzz';
  found['noise of a month'] = 'volume?limit=20';
  return found;
}

/** Takes the link that works once; `yarak_session=…`. */
async function logIn(server: ServerProcess): Promise<string> {
  const login = await fetch(server.login, { redirect: 'manual' });
  return (login.headers.get('set-cookie') ?? '').split(';')[0] as string;
}

async function measure(server: ServerProcess, cookie: string): Promise<Record<string, Timing>> {
  const get = async (path: string): Promise<{ items: { id: string; rule: string; lastSeen: string }[] }> => {
    const response = await fetch(`${server.url}/api/v1/${path}`, { headers: { cookie } });
    if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as never;
  };
  const [finding] = (await get('findings?sort=count&limit=1')).items;
  const [incident] = (await get('incidents?sort=count&limit=1')).items;
  if (finding === undefined || incident === undefined) throw new Error('nothing is stored');
  const rare = (await get('findings?sort=first-seen&limit=1')).items[0]?.rule ?? '';
  const since = new Date(Date.parse(finding.lastSeen) - 86_400_000).toISOString();
  const timings: Record<string, Timing> = {};
  const paths = queries({ finding: finding.id, incident: incident.id, rule: rare, since });
  for (const [name, path] of Object.entries(paths)) {
    const times: number[] = [];
    for (let i = 0; i < RUNS; i++) {
      const from = performance.now();
      await get(path);
      times.push(performance.now() - from);
      if (performance.now() - from > 3000) break;
    }
    times.sort((a, b) => a - b);
    const at = (q: number): number =>
      Math.round((times[Math.min(times.length - 1, Math.floor(times.length * q))] as number) * 10) / 10;
    timings[name] = { p50Ms: at(0.5), p95Ms: at(0.95) };
    console.log(`  ${name}: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms`);
  }
  return timings;
}

/** Milliseconds from opening the page to its first contentful paint, and until the list of incidents shows. */
async function firstPaint(
  server: ServerProcess,
  cookie: string,
): Promise<{ paintMs: number; listMs: number } | undefined> {
  if (chromiumPath === undefined || !existsSync(join(import.meta.dirname, '../web/dist/index.html')))
    return undefined;
  const browser = await launchChromium();
  try {
    const context = await browser.newContext();
    const [name = '', value = ''] = cookie.split('=');
    await context.addCookies([{ name, value, url: server.url }]);
    const page = await context.newPage();
    const times: { paintMs: number; listMs: number }[] = [];
    for (let i = 0; i < 5; i++) {
      await page.goto('about:blank');
      const from = performance.now();
      await page.goto(`${server.url}/`);
      await page.locator('.rows tr[data-id]').first().waitFor();
      const listMs = Math.round(performance.now() - from);
      const paintMs = await page.evaluate(
        () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
      );
      times.push({ paintMs: Math.round(paintMs), listMs });
    }
    times.sort((a, b) => a.listMs - b.listMs);
    return times[2];
  } finally {
    await browser.close();
  }
}

async function bench(kind: string, count: number): Promise<object> {
  const keep = process.env['YARAK_SCALE_KEEP'];
  const folder = kind === 'sqlite' && keep !== undefined ? keep : mkdtempSync(join(tmpdir(), 'yarak-scale-'));
  const postgres = kind === 'postgres' ? await startPostgres() : undefined;
  const config = join(mkdtempSync(join(tmpdir(), 'yarak-scale-config-')), 'yarak.yaml');
  writeFileSync(config, 'api: { requestsPerMinute: 10000000 }\n');
  let server: ServerProcess | undefined;
  try {
    const url = postgres === undefined ? undefined : await postgres.create('scale');
    const store = await openStore(url === undefined ? { folder } : { url });
    const { alerts: before } = await store.counts();
    let shown = 0;
    const filled =
      before > 0
        ? undefined
        : await fill(store, {
            alertsFolder,
            count,
            endUs: Date.now() * 1000,
            progress: (stored) => {
              if (stored - shown < 100_000) return;
              shown = stored;
              console.log(`  ${stored} alerts stored`);
            },
          });
    const counts = await store.counts();
    await store.close();
    console.log(`${kind}: ${JSON.stringify({ ...counts, filled })}`);
    server = await startServer({ config, ...(url === undefined ? { data: folder } : { database: url }) });
    const cookie = await logIn(server);
    const timings = await measure(server, cookie);
    const paint = await firstPaint(server, cookie);
    console.log(`${kind}: first paint ${JSON.stringify(paint)}`);
    const worst = (search: boolean): number =>
      Math.max(
        ...Object.entries(timings)
          .filter(([name]) => name.startsWith('search') === search)
          .map(([, timing]) => timing.p95Ms),
      );
    return {
      counts,
      fillSeconds: filled?.seconds,
      worstListP95Ms: worst(false),
      worstSearchP95Ms: worst(true),
      paint,
      peakRssMb: server.peakRssMb(),
      timings,
    };
  } finally {
    await server?.stop();
    await postgres?.stop();
    if (folder !== keep) rmSync(folder, { recursive: true, force: true });
  }
}

const args = process.argv.slice(2);
const count = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 1_000_000);
const named = ['sqlite', 'postgres'].filter((kind) => args.includes(kind));
const kinds = named.length > 0 ? named : ['sqlite', 'postgres'];
const results: Record<string, object> = {};
for (const kind of kinds) results[kind] = await bench(kind, count);
const result = {
  bench: 'scale',
  node: process.version,
  alerts: count,
  ...results,
  target: { listP95Ms: 100, searchP95Ms: 500, firstPaintMs: 1000 },
};
if (kinds.length === 2)
  writeFileSync(join(import.meta.dirname, 'results/scale.json'), `${JSON.stringify(result, null, 2)}\n`);
console.log(JSON.stringify(result));
