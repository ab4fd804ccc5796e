// The list with 10,000 findings: how many rows are in the page, what scrolling costs, that keys reach the
// last row, and how large the first script is.

import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../support/chromium.ts';
import { soon, startWeb, type Web } from '../support/web.ts';

const ROWS = 10_000;
/** Sixty frames a second. */
const FRAME_MS = 16.6;
/** Rows in the page at once, at most: a screen, its margins, the row with the focus. */
const MOST_ROWS = 120;

/** Letters that stand for a number: digits would be taken for what may differ between repeats. */
const letters = (n: number): string =>
  n.toString(26).replace(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)] as string);

function alert(i: number): string {
  return JSON.stringify({
    time: new Date(Date.now() - i * 1000).toISOString(),
    rule: `Rule ${letters(i)}`,
    priority: 'Notice',
    source: 'syscall',
    hostname: 'node',
    output: 'x',
    output_fields: {
      'proc.name': 'sh',
      'proc.cmdline': 'sh -c true',
      'proc.exepath': '/usr/bin/sh',
      'user.name': 'root',
    },
  });
}

describe.skipIf(chromiumPath === undefined)('10,000 findings (needs Chromium)', () => {
  let web: Web;
  beforeAll(async () => {
    web = await startWeb();
    const body = Array.from({ length: ROWS }, (_, i) => alert(i)).join('\n');
    const response = await fetch(`${web.origin}/ingest`, { method: 'POST', body });
    expect(response.ok).toBe(true);
    // Findings are folded from alerts shortly after these are acknowledged.
    const { store } = web.running;
    for (let found = 0; found < ROWS; ) {
      found = 0;
      for (let cursor: string | undefined = ''; cursor !== undefined; ) {
        const page = await store.listFindings({ limit: 500, ...(cursor === '' ? {} : { cursor }) });
        found += page.items.length;
        cursor = page.next;
      }
    }
  });
  afterAll(() => web?.stop());

  const inPage = () => web.page.locator('.rows tbody tr:not(.gap)').count();

  it('are read as one scrolls, with a screenful in the page', async () => {
    await web.open('findings');
    await web.page.locator('.rows tbody tr').first().waitFor();
    await soon(async () => {
      await web.page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
      return web.page.locator('.rows').getAttribute('aria-rowcount');
    }).toBe(String(ROWS + 1));
    expect(await inPage()).toBeLessThan(MOST_ROWS);
    // The last rows came after the last leap.
    await web.page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
    await soon(() => web.page.locator('.rows tbody tr[data-id]').last().getAttribute('aria-rowindex')).toBe(
      String(ROWS + 1),
    );
  });

  // Time of the page's main thread on the processor: others on the machine do not count. Chromium draws without a
  // graphics card here, so that painting is in it. A fast wheel is 200 px a frame; leaps replace every row each time.
  it.each([
    ['by a fast wheel', 120, '(i) => scrollBy(0, 200)', FRAME_MS],
    [
      'by leaps',
      40,
      '(i) => scrollTo(0, ((i * 7919) % 100) / 100 * document.documentElement.scrollHeight)',
      100,
    ],
  ] as const)('scroll %s', async (how, frames, step, mostMs) => {
    const cdp = await web.page.context().newCDPSession(web.page);
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
    const spent = async (): Promise<ReadonlyMap<string, number>> => {
      const { metrics } = await cdp.send('Performance.getMetrics');
      return new Map(metrics.map(({ name, value }) => [name, value * 1000]));
    };
    await web.page.evaluate('scrollTo(0, 0)');
    const before = await spent();
    const long = await web.page.evaluate(`(async () => {
      const step = ${step};
      let long = 0;
      const seen = new PerformanceObserver((list) => { long += list.getEntries().length; });
      seen.observe({ entryTypes: ['longtask'] });
      for (let i = 0; i < ${frames}; i++) { step(i); await new Promise(requestAnimationFrame); }
      await new Promise((done) => setTimeout(done, 100));
      seen.disconnect();
      return long;
    })()`);
    const after = await spent();
    await cdp.detach();
    const perFrame = (name: string): number => ((after.get(name) ?? 0) - (before.get(name) ?? 0)) / frames;
    const parts = ['Task', 'Script', 'Layout', 'RecalcStyle'].map(
      (name) => `${name} ${perFrame(`${name}Duration`).toFixed(1)} ms`,
    );
    console.log(
      `${how}, a frame: ${parts.join(', ')} (processor); ${long} of ${frames} tasks over 50 ms (clock)`,
    );
    expect(await inPage()).toBeLessThan(MOST_ROWS);
    expect(await inPage()).toBeGreaterThan(20);
    expect(perFrame('TaskDuration')).toBeLessThan(mostMs);
  });

  it('can be walked by keys from end to end, with the focus on a row', async () => {
    const at = () =>
      web.page.evaluate('document.activeElement?.closest("tr")?.getAttribute("aria-rowindex")');
    await web.page.evaluate('scrollTo(0, 0)');
    await web.page.keyboard.press('j');
    expect(await at()).toBe('2');
    await web.page.keyboard.press('End');
    expect(await at()).toBe(String(ROWS + 1));
    await web.page.keyboard.press('k');
    expect(await at()).toBe(String(ROWS));
    // The row with the focus stays, wherever the page is scrolled.
    await web.page.evaluate('scrollTo(0, 0)');
    await soon(() => web.page.locator('.rows tr[aria-rowindex="2"]').count()).toBe(1);
    expect(await at()).toBe(String(ROWS));
    await web.page.keyboard.press('Home');
    expect(await at()).toBe('2');
  });

  it('tells of new rows alone, not of those that moved up', async () => {
    await web.open('findings?order=asc');
    await web.page.locator('.rows tbody tr').first().waitFor();
    // The oldest two are seen again and leave the start of the list; one that is older than all is new.
    const again = [ROWS - 1, ROWS - 2].map((i) => ({
      ...JSON.parse(alert(i)),
      time: new Date().toISOString(),
    }));
    const body = [...again.map((one) => JSON.stringify(one)), alert(2 * ROWS)].join('\n');
    expect((await fetch(`${web.origin}/ingest`, { method: 'POST', body })).ok).toBe(true);
    const button = web.page.locator('button.fresh');
    await button.waitFor();
    expect(await button.innerText()).toBe('1 new finding: show');
  });

  it('can be grouped', async () => {
    await web.open('findings?group=priority');
    await web.page.locator('.rows .group', { hasText: 'Notice' }).waitFor();
  });

  it('broke no policy and threw nothing', () => {
    expect(web.problems).toEqual([]);
  });
});

it('the first script is small', () => {
  const dist = resolve(import.meta.dirname, '../../web/dist');
  const first = globSync('assets/index-*.js', { cwd: dist }).map(
    (file) => gzipSync(readFileSync(join(dist, file))).length,
  );
  expect(first).toHaveLength(1);
  expect(first[0]).toBeLessThan(40_000);
});
