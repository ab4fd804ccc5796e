// The HTML report in a real browser: hostile text runs nothing, loads nothing and breaks nothing; the page works on a
// phone, in both themes, on paper, and by keyboard.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { HOSTILE } from '../support/hostile.ts';
import { renderHtml } from '../support/renderers.ts';
import { fixtureReport } from '../support/report-fixture.ts';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

let browser: Browser;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'yarak-html-'));
  if (chromiumPath !== undefined) browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

// What runs inside the page is text: these tests are compiled without the DOM's types.
const WATCH_POLICY = `
  globalThis.violations = [];
  document.addEventListener('securitypolicyviolation', (event) => {
    globalThis.violations.push(event.violatedDirective + ': ' + event.blockedURI);
  });
`;
const LOOK = `(() => {
  for (const one of document.querySelectorAll('details')) one.open = true;
  const root = document.documentElement;
  return {
    pwned: 'pwned' in globalThis,
    violations: globalThis.violations,
    overflow: root.scrollWidth - root.clientWidth,
    scripts: document.scripts.length,
    frames: frames.length,
  };
})()`;
const AXE = `axe.run().then((result) =>
  result.violations.map((one) => one.id + ': ' + one.nodes.map((node) => node.html.slice(0, 120)).join(' | ')))`;
const BACKGROUND = 'getComputedStyle(document.body).backgroundColor';
const COPIED = 'navigator.clipboard.readText().catch(() => String(getSelection()))';
const PRINTED = `({
  buttons: [...document.querySelectorAll('button')].filter((one) => one.checkVisibility()).length,
  hidden: [...document.querySelectorAll('.mitigation .body')].filter((one) => one.offsetHeight === 0).length,
  background: getComputedStyle(document.body).backgroundColor,
})`;

interface Seen {
  readonly requests: string[];
  readonly problems: string[];
}

/** Opens the page from a file and notes every request and everything the browser complains about. */
async function open(
  html: string,
  width: number,
  theme: 'light' | 'dark' = 'light',
): Promise<{ page: Page; seen: Seen }> {
  const file = join(folder, 'report.html');
  writeFileSync(file, html);
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme: theme });
  const seen: Seen = { requests: [], problems: [] };
  page.on('request', (request) => seen.requests.push(request.url()));
  page.on('console', (message) => seen.problems.push(message.text()));
  page.on('pageerror', (error) => seen.problems.push(error.message));
  page.on('dialog', (dialog) => {
    seen.problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.addInitScript(WATCH_POLICY);
  await page.goto(`file://${file}`);
  return { page, seen };
}

interface State {
  readonly pwned: boolean;
  readonly violations: readonly string[];
  readonly overflow: number;
  readonly scripts: number;
  readonly frames: number;
}

/** Unfolds everything and looks. */
const state = (page: Page) => page.evaluate<State>(LOOK);

describe.skipIf(chromiumPath === undefined)('the HTML report in Chromium', () => {
  it.each(Object.entries(HOSTILE))('%s does nothing', async (_name, text) => {
    for (const report of [fixtureReport(() => text), fixtureReport((value) => `${value}${text}`)]) {
      const { page, seen } = await open(renderHtml(report), 360);
      expect(await state(page)).toEqual({ pwned: false, violations: [], overflow: 0, scripts: 1, frames: 0 });
      expect(seen.problems).toEqual([]);
      expect(seen.requests.filter((url) => !url.startsWith('file://'))).toEqual([]);
      expect(seen.requests).toHaveLength(1);
      await page.close();
    }
  });

  it('would notice a script that the policy does not know', async () => {
    const page = renderHtml(fixtureReport()).replace('<main>', '<main><script>globalThis.pwned=1</script>');
    const opened = await open(page, 360);
    const found = await state(opened.page);
    expect(found.pwned).toBe(false);
    expect(found.violations.length).toBeGreaterThan(0);
    await opened.page.close();
  });

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 360],
    ['dark', 360],
  ] as const)('has no accessibility violation, %s at %i px', async (theme, width) => {
    const { page } = await open(renderHtml(fixtureReport()), width, theme);
    await state(page);
    // The page's policy forbids injected scripts; the debugger protocol evaluates outside of it.
    await page.evaluate(readFileSync(axePath, 'utf8'));
    const violations = await page.evaluate<string[]>(AXE);
    expect(violations).toEqual([]);
    await page.close();
  });

  it('copies what is shown, switches its theme and unfolds', async () => {
    const { page } = await open(renderHtml(fixtureReport()), 1280);
    const background = () => page.evaluate<string>(BACKGROUND);
    const light = await background();
    await page.click('[data-theme-switch]');
    expect(await background()).not.toBe(light);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.click('.do-now [data-copy]');
    const shown = await page.textContent('.do-now pre');
    const copied = await page.evaluate<string>(COPIED);
    expect(copied.trim()).toBe(shown?.trim());
    await page.click('[data-unfold]');
    expect(await page.locator('details:not([open])').count()).toBe(0);
    await page.close();
  });

  it('prints everything, without its buttons', async () => {
    const { page } = await open(renderHtml(fixtureReport()), 1280, 'dark');
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    const printed = await page.evaluate<{ buttons: number; hidden: number; background: string }>(PRINTED);
    expect(printed.buttons).toBe(0);
    expect(printed.hidden).toBe(0);
    expect(printed.background).toBe('rgba(0, 0, 0, 0)');
    expect((await page.pdf({ format: 'A4' })).subarray(0, 5).toString()).toBe('%PDF-');
    await page.close();
  });

  it('a long command line stays in its box and is bounded', async () => {
    const text = `curl http://203.0.113.9/${'a'.repeat(1_000_000)}`;
    const html = renderHtml(fixtureReport((value) => (value.startsWith('bash -c chcon') ? text : value)));
    expect(html.length).toBeLessThan(400_000);
    const { page } = await open(html, 360);
    expect((await state(page)).overflow).toBe(0);
    await page.close();
  });
});
