// The web UI in real Chromium, on desktop and phone widths: what a responder does first, under the service's own
// Content-Security-Policy.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Running, readConfig, serve } from '../../src/server/index.ts';
import { freePort } from '../support/processes.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'yarak-ui-'));
const problems: string[] = [];
let running: Running;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  execFileSync(join(root, 'node_modules/.bin/vite'), ['build', 'web', '--logLevel', 'error'], {
    cwd: root,
    stdio: 'inherit',
  });
  const { config } = readConfig({
    environment: {},
    flags: { listen: `127.0.0.1:${await freePort()}`, data: folder },
  });
  if (config === undefined) throw new Error('no configuration');
  running = await serve({ config, environment: {}, log: pino({ level: 'silent' }) });
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(running.loginLink());
});
afterAll(async () => {
  await browser?.close();
  await running?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const open = async (hash: string): Promise<void> => {
  await page.goto(`${page.url().split('#')[0]}#${hash}`);
};

describe('web UI', () => {
  it('says how to connect Falco when it is empty, and loads the examples', async () => {
    await page.getByText('No alerts yet').waitFor();
    expect(await page.locator('pre').first().innerText()).toContain('http_output');
    await page.getByRole('button', { name: 'Load the example alerts' }).click();
    await page.locator('.rows tr[data-id]').first().waitFor();
  });

  it('shows the verdicts once triage ran', async () => {
    await expect
      .poll(
        async () => {
          await page.reload();
          await page.locator('.rows tr[data-id]').first().waitFor();
          return page.locator('.rows .verdict').allInnerTexts();
        },
        { timeout: 20_000 },
      )
      .toContainEqual(expect.stringContaining('malicious'));
  });

  it('opens an incident with the keyboard and shows its report', async () => {
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'The one thing to do now' }).waitFor();
    expect(page.url()).toContain('#/incidents/');
  });

  it('opens the report as a page of its own, styled under its own policy', async () => {
    const [own] = await Promise.all([
      page.waitForEvent('popup'),
      page.getByRole('link', { name: 'As a page' }).click(),
    ]);
    own.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    await own.getByText('The one thing to do now').first().waitFor();
    expect(await own.evaluate('getComputedStyle(document.querySelector(".do-now")).borderTopStyle')).toBe(
      'solid',
    );
    await own.close();
  });

  it('keeps a decision', async () => {
    await page.keyboard.press('d');
    await page.getByLabel('State').selectOption('acknowledged');
    await page.getByLabel('Reason, for the trail').fill('on call');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('state: open → acknowledged').waitFor();
  });

  it('checks a filter while it is typed', async () => {
    await open('/findings');
    await page.locator('[data-filter]').fill('proc.name ~ x');
    await page.getByText(/at character \d+/).waitFor();
    await page.locator('[data-filter]').fill('proc.name = bash');
    await expect.poll(() => page.url()).toContain('filter=');
  });

  it('checks rules in the browser, with the loader’s own diagnostics', async () => {
    await open('/rules');
    await page.getByText('0 errors, 0 warnings, 1 rule').waitFor();
    await page.locator('.cm-content').click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('- macro: broken\n  condition: proc.nmae = \n');
    await page.getByText(/[1-9]\d* errors?,/).waitFor();
  });

  it.each([1280, 360])('has no sideways scroll at %d px', async (width) => {
    await page.setViewportSize({ width, height: 740 });
    for (const hash of [
      '/incidents',
      '/findings',
      '/noise',
      '/rules',
      '/silences',
      '/activity',
      '/drop',
      '/tokens',
    ]) {
      await open(hash);
      await page.locator('main h1').waitFor();
      expect(
        await page.evaluate('document.documentElement.scrollWidth <= innerWidth'),
        `${hash} at ${width}`,
      ).toBe(true);
    }
  });

  it('broke no policy and threw nothing', () => {
    expect(problems).toEqual([]);
  });
});
