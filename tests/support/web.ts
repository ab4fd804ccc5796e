// The service with its web UI and a real Chromium on it, for tests. The page keeps the policy that users get; what it
// breaks, throws or logs as an error is gathered in `problems`.

import { execFileSync } from 'node:child_process';
import { closeSync, globSync, mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import { type Running, readConfig, serve } from '../../src/server/index.ts';
import { launchChromium } from './chromium.ts';
import { freePort } from './processes.ts';

const root = resolve(import.meta.dirname, '../..');
const BUILT = join(root, 'web/dist/index.html');
const LOCK = join(tmpdir(), 'yarak-web-build.lock');
const LOCK_TRIES = 300;
const WAIT_MS = 100;

/** How long a test waits for what must come: long, for a busy machine. */
const PATIENCE_MS = 30_000;

/** Asks again until the matcher holds. */
export const soon = <T>(read: () => T | Promise<T>) =>
  expect.poll(read, { timeout: PATIENCE_MS, interval: 30 });

const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

function changedMs(path: string): number {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}

function isStale(): boolean {
  const built = changedMs(BUILT);
  return globSync(['web/*.{ts,html}', 'web/src/**/*', 'src/{base,alerts,detect,lsp/language}/**/*'], {
    cwd: root,
  }).some((file) => changedMs(join(root, file)) > built);
}

/** Builds the web UI if a source is newer than what is there; test files that run side by side wait for each other. */
async function buildWeb(): Promise<void> {
  for (let i = 0; isStale(); i++) {
    let lock: number;
    try {
      lock = openSync(LOCK, 'wx');
    } catch {
      // A build that was killed leaves its lock.
      if (i >= LOCK_TRIES) rmSync(LOCK, { force: true });
      await wait(WAIT_MS);
      continue;
    }
    try {
      if (isStale())
        execFileSync(join(root, 'node_modules/.bin/vite'), ['build', 'web', '--logLevel', 'error'], {
          cwd: root,
          stdio: 'inherit',
        });
    } finally {
      closeSync(lock);
      rmSync(LOCK, { force: true });
    }
  }
}

export interface WebOptions {
  readonly rules?: readonly string[];
  readonly viewport?: { readonly width: number; readonly height: number };
}

export interface Web {
  readonly running: Running;
  readonly browser: Browser;
  readonly origin: string;
  /** Logged in as admin. */
  readonly page: Page;
  /** Errors of the pages: exceptions, broken policies, console errors other than the service's answers 4xx. */
  readonly problems: string[];
  /** Another page with a session of its own. */
  newPage(options?: BrowserContextOptions): Promise<Page>;
  /** Calls the API as the page does; throws for an answer that is not 2xx. */
  api(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Goes to `#/PATH` and waits for its heading. */
  open(path: string, page?: Page): Promise<void>;
  /** Stores the examples and waits until each incident has its verdict. */
  loadExamples(): Promise<void>;
  stop(): Promise<void>;
}

/** The UI's first file, when it is really there: another test may be packing, and so building, the UI right now. */
async function isServed(origin: string): Promise<boolean> {
  const page = await (await fetch(`${origin}/`)).text();
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(page)?.[1];
  return script !== undefined && (await fetch(`${origin}${script}`)).ok;
}

async function startService(rules: readonly string[], folder: string): Promise<Running> {
  for (let i = 0; i < 20; i++) {
    await buildWeb();
    const { config } = readConfig({
      environment: {},
      flags: { listen: `127.0.0.1:${await freePort()}`, data: folder, rules: [...rules] },
    });
    if (config === undefined) throw new Error('the configuration is not valid');
    const running = await serve({ config, environment: {}, log: pino({ level: 'silent' }) });
    if (await isServed(`http://127.0.0.1:${running.address.port}`)) return running;
    await running.stop();
    await wait(500);
  }
  throw new Error('the web UI is not built');
}

export async function startWeb({
  rules = [],
  viewport = { width: 1280, height: 800 },
}: WebOptions = {}): Promise<Web> {
  const folder = mkdtempSync(join(tmpdir(), 'yarak-web-'));
  const running = await startService(rules, folder);
  const origin = `http://127.0.0.1:${running.address.port}`;
  const browser = await launchChromium();
  const problems: string[] = [];
  const newPage = async (options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({ viewport, reducedMotion: 'reduce', ...options });
    context.on('page', (page) => {
      page.on('pageerror', (error) => problems.push(error.message));
      page.on('console', (message) => {
        const text = message.text();
        if (message.type() === 'error' && !/status of 4\d\d/.test(text)) problems.push(text);
      });
    });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(running.loginLink());
    await page.locator('main h1').waitFor();
    return page;
  };
  const page = await newPage();

  const api = (method: string, path: string, body?: unknown): Promise<unknown> =>
    page.evaluate(
      async ([m, p, b]) => {
        const me = (await (await fetch('/api/v1/session')).json()) as { csrf: string };
        const response = await fetch(p, {
          method: m,
          headers: { 'x-yarak-csrf': me.csrf, 'content-type': 'application/json' },
          ...(b === '' ? {} : { body: b }),
        });
        const answer: unknown = await response.json();
        if (!response.ok) throw new Error(`${m} ${p}: ${JSON.stringify(answer)}`);
        return answer;
      },
      [method, path, body === undefined ? '' : JSON.stringify(body)] as const,
    );
  return {
    running,
    browser,
    origin,
    page,
    problems,
    newPage,
    api,
    async open(path, on = page) {
      await on.goto(`${origin}/#/${path}`);
      await on.locator('main h1').waitFor();
    },
    async loadExamples() {
      await api('POST', '/api/v1/examples');
      for (let i = 0; i < 200; i++) {
        const { items } = (await api('GET', '/api/v1/incidents')) as { items: { verdict: string }[] };
        // The examples hold each of these; before triage all are undetermined.
        if (items.some((one) => one.verdict === 'malicious') && items.some((one) => one.verdict === 'benign'))
          return;
        await wait(WAIT_MS);
      }
      throw new Error('triage did not come to its verdicts');
    },
    async stop() {
      await browser.close();
      // A test may have stopped it already.
      await running.stop().catch(() => {});
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
