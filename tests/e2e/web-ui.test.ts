// The web UI in real Chromium, on desktop and phone widths: what a responder does first, under the service's own
// Content-Security-Policy. What keys alone can do is in web-keyboard.test.ts, accessibility in web-axe.test.ts.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../support/chromium.ts';
import { soon, startWeb, type Web } from '../support/web.ts';

const PHONE = { width: 360, height: 740 };

describe.skipIf(chromiumPath === undefined)('web UI (needs Chromium)', () => {
  let web: Web;
  let page: Page;
  beforeAll(async () => {
    web = await startWeb();
    ({ page } = web);
  });
  afterAll(() => web?.stop());

  const rows = (on = page) => on.locator('.rows tbody tr[data-id]');

  it('says how to connect Falco when it is empty, and loads the examples', async () => {
    await page.getByText('No alerts yet').waitFor();
    const config = page.locator('.state pre');
    expect(await config.innerText()).toContain(`url: ${web.origin}/ingest`);
    await page.getByRole('button', { name: 'Make a token for Falco' }).click();
    await soon(() => config.innerText()).toMatch(/Authorization: Bearer \S{20,}/);
    await page.getByRole('button', { name: 'Load the example alerts' }).click();
    await rows().first().waitFor();
    await page.getByText(/\d+ example alerts are stored/).waitFor();
  });

  it('shows the verdicts when triage comes to them, without being asked', async () => {
    await soon(() => page.locator('.rows .verdict').allInnerTexts()).toContainEqual(
      expect.stringMatching(/(?<!likely-)malicious/),
    );
  });

  it('opens an incident and shows its report, live', async () => {
    await rows().filter({ hasText: 'A shell is attached' }).getByRole('link').click();
    await page.getByRole('heading', { name: 'The one thing to do now' }).waitFor();
    expect(page.url()).toContain('#/incidents/');
    for (const name of ['Processes', 'Timeline', 'Questions that decide'])
      await page.getByRole('heading', { name }).waitFor();
    await page.locator('.mitigation').first().waitFor();
    expect(await page.locator('.report [data-copy]:visible').count()).toBeGreaterThan(3);
    expect(await page.locator('.mitigation .badge').first().innerText()).toMatch(/\w/);
  });

  it('goes to a section of the report', async () => {
    await page.getByRole('navigation', { name: 'In this report' }).getByText('Timeline').click();
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Timeline');
  });

  it('opens the report as a page of its own, styled under its own policy', async () => {
    const [own] = await Promise.all([
      page.waitForEvent('popup'),
      page.getByRole('link', { name: 'As a page' }).click(),
    ]);
    await own.getByText('The one thing to do now').first().waitFor();
    expect(await own.evaluate('getComputedStyle(document.querySelector(".do-now")).borderTopStyle')).toBe(
      'solid',
    );
    await own.close();
  });

  it('keeps a decision, and tells another page of it', async () => {
    const other = await web.newPage();
    await other.goto(page.url());
    await other.locator('.facts .tag', { hasText: 'open' }).waitFor();
    await page.getByRole('button', { name: 'Decide…' }).click();
    await page.getByLabel('State').selectOption('acknowledged');
    await page.getByRole('button', { name: 'Me', exact: true }).click();
    await page.getByLabel('Reason, for the trail').fill('on call');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('set the state: open → acknowledged').waitFor();
    await other.locator('.facts .tag', { hasText: 'acknowledged' }).waitFor();
    await other.getByText('owner: admin').waitFor();
    await other.context().close();
  });

  it('checks a filter while it is typed, and one that came with a link', async () => {
    await web.open('findings');
    const filter = page.getByLabel('Filter with a condition');
    await filter.fill('proc.name ~ x');
    await page.getByText(/at character \d+/).waitFor();
    expect(await filter.getAttribute('aria-invalid')).toBe('true');
    await filter.fill('proc.name = bash');
    await soon(() => page.url()).toContain('filter=');
    await web.open('findings?filter=proc.name+~');
    await page.locator('.field-problem', { hasText: /at character \d+/ }).waitFor();
  });

  it('keeps search, filters, sorting and grouping in the URL', async () => {
    await web.open('findings');
    await rows().first().waitFor();
    await page.getByRole('button', { name: 'malicious', exact: true }).click();
    await page.getByLabel('Sort by').selectOption('count');
    await page.getByLabel('Group by').selectOption('rule');
    await page.getByLabel('Seen in').selectOption('30d');
    await soon(() => page.url()).toMatch(/verdict=malicious.*sort=count.*group=rule.*range=30d/);
    await soon(() => rows().count()).toBe(4);
    await page.reload();
    await soon(() => rows().count()).toBe(4);
    expect(await page.locator('.rows .group').count()).toBe(4);
    expect(await page.getByRole('columnheader', { name: 'alerts' }).getAttribute('aria-sort')).toBe(
      'descending',
    );
    await page.getByLabel('Order').selectOption('fewest first');
    await soon(() => page.url()).toContain('order=asc');
    await page.reload();
    await page.locator('[aria-sort=ascending]', { hasText: 'alerts' }).waitFor();
    await page.getByLabel('Sort by').selectOption('last seen');
    await soon(() => page.url()).not.toContain('order');
    await page.locator('[aria-sort=descending]', { hasText: 'last seen' }).waitFor();
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await soon(() => rows().count()).toBeGreaterThan(4);
  });

  it('narrows the list by brushing the volume, and takes that off', async () => {
    await web.open('findings');
    const chart = page.locator('.volume svg');
    await chart.waitFor();
    const box = (await chart.boundingBox()) as { x: number; y: number; width: number };
    await page.mouse.move(box.x + 5, box.y + 10);
    await page.mouse.down();
    await page.mouse.move(box.x + 60, box.y + 10, { steps: 3 });
    await page.mouse.up();
    await soon(() => page.url()).toContain('since=');
    await page.getByText('No finding matches').waitFor();
    await page.getByRole('button', { name: /^Without from/ }).click();
    await rows().first().waitFor();
  });

  it('filters by a value of an alert', async () => {
    await web.open('findings?search=checkout');
    await rows().first().getByRole('link').click();
    await page.locator('.plain.fields').getByRole('link', { name: 'shop', exact: true }).click();
    await soon(() => page.url()).toContain('filter=k8s.ns.name');
    await soon(() => rows().count()).toBe(4);
  });

  it('checks rules in the browser, with the loader’s own diagnostics, and completes names', async () => {
    await web.open('rules');
    await page.getByText('0 errors, 0 warnings, 1 rule').waitFor();
    await page.locator('.cm-content').click();
    await page.keyboard.press('Control+End');
    await page.keyboard.insertText('- rule: X\n  desc: x\n  condition: evt.type = execve and proc.na');
    await page.keyboard.type('m');
    await page.locator('.cm-tooltip-autocomplete').getByText('proc.name', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByText(/[1-9]\d* errors?,/).waitFor();
  });

  it('completes macros, lists and keys of the files, and explains what the pointer is on', async () => {
    await web.open('rules');
    await page.locator('.cm-content').click();
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText(
      '- list: odd_shells\n  items: [<b>ash</b>, dash]\n- macro: odd_shell\n  condition: proc.name in (odd_shells)\n- rule: Y\n  desc: y\n  condition: evt.type = execve and odd_s',
    );
    const offered = page.locator('.cm-tooltip-autocomplete');
    const option = (name: string) => offered.locator('.cm-completionLabel').getByText(name, { exact: true });
    await page.keyboard.type('h');
    await option('odd_shell').click();
    await page.keyboard.type(' and proc.pname in (odd');
    await option('odd_shells').click();
    await page.keyboard.type(')');
    await page.keyboard.press('Enter');
    await page.keyboard.type('prio');
    await option('priority').waitFor();
    await page.keyboard.press('Escape');
    const written = await page.locator('.cm-content').innerText();
    expect(written).toContain('execve and odd_shell and proc.pname in (odd_shells)');

    const line = page.locator('.cm-line', { hasText: 'and proc.pname in' });
    const box = (await line.boundingBox()) as { x: number; y: number; width: number; height: number };
    // The list's name stands at the end of the line.
    const end = await line.evaluate((one) => {
      const { ownerDocument } = one as unknown as {
        ownerDocument: {
          createRange(): {
            selectNodeContents(of: unknown): void;
            getBoundingClientRect(): { right: number };
          };
        };
      };
      const range = ownerDocument.createRange();
      range.selectNodeContents(one);
      return range.getBoundingClientRect().right;
    });
    await page.mouse.move(end - 40, box.y + box.height / 2, { steps: 4 });
    const hover = page.locator('.cm-tooltip-hover .cm-markdown');

    await hover.getByText('<b>ash</b>').waitFor();
    expect(await hover.locator('b').count()).toBe(0);

    // What Markdown escapes is shown as it was written.
    await page.mouse.move(0, 0);
    await hover.waitFor({ state: 'detached' });
    const macro = (await page.locator('.cm-line', { hasText: /^- macro: odd_shell$/ }).boundingBox()) as {
      x: number;
      y: number;
      height: number;
    };
    await page.mouse.move(macro.x + 90, macro.y + macro.height / 2, { steps: 4 });
    await hover.getByText('proc.name is one of the list odd_shells (<b>ash</b>, dash)').waitFor();
  });

  it('follows a link that is taken before the page is painted', async () => {
    const early = await web.newPage();
    // The page's script has run by then, and nothing was painted.
    await early.addInitScript(`addEventListener('DOMContentLoaded', () => { location.hash = '#/noise'; })`);
    await early.reload();
    await early.getByRole('heading', { name: 'Noise', level: 1 }).waitFor();
    await early.context().close();
  });

  it('shows a reader what a reader may do, and nothing more', async () => {
    const { token } = (await web.api('POST', '/api/v1/tokens', { name: 'auditor', role: 'read' })) as {
      token: string;
    };
    const reader = await web.newPage();
    await reader.getByRole('button', { name: 'Log out' }).click();
    await reader.getByLabel('API token').fill('wrong-token-of-some-length');
    await reader.getByRole('button', { name: 'Log in' }).click();
    await reader.getByRole('alert').filter({ hasText: 'unknown' }).waitFor();
    await reader.getByLabel('API token').fill(token);
    await reader.getByRole('button', { name: 'Log in' }).click();
    await rows(reader).first().waitFor();
    expect(await reader.locator('.rows input[type=checkbox]').count()).toBe(0);
    expect(await reader.getByRole('link', { name: 'Tokens' }).count()).toBe(0);
    await rows(reader).first().getByRole('link').click();
    await reader.getByRole('link', { name: 'As a page' }).waitFor();
    expect(await reader.getByRole('button', { name: 'Decide…' }).count()).toBe(0);
    await reader.context().close();
  });

  it.each([1280, 360, 320])('has no sideways scroll at %d px', async (width) => {
    await page.setViewportSize({ width, height: 740 });
    const { items } = (await web.api('GET', '/api/v1/incidents?sort=verdict')) as { items: { id: string }[] };
    const incident = `incidents/${items[0]?.id}`;
    for (const path of [
      'incidents',
      'findings',
      incident,
      'noise',
      'rules',
      'silences',
      'activity',
      'drop',
      'tokens',
    ]) {
      await web.open(path);
      if (path === incident) await page.locator('.report .do-now').waitFor();
      expect(
        await page.evaluate('document.documentElement.scrollWidth <= innerWidth'),
        `${path} at ${width}`,
      ).toBe(true);
    }
  });

  it('is a table to a screen reader on a phone too, and cards to the eye', async () => {
    await page.setViewportSize(PHONE);
    await web.open('findings');
    await rows().first().waitFor();
    const cdp = await page.context().newCDPSession(page);
    const { nodes } = await cdp.send('Accessibility.getFullAXTree');
    const roles = nodes.filter(({ ignored }) => !ignored).map(({ role }) => role?.value as string);
    const count = (role: string): number => roles.filter((one) => one === role).length;
    expect(count('table')).toBe(1);
    expect(count('row')).toBe(await rows().count());
    expect(count('rowheader')).toBe(await rows().count());
    const card = (await rows().first().boundingBox()) as { width: number; height: number };
    expect(card.width).toBeLessThanOrEqual(PHONE.width);
    expect(card.height).toBe(126);
    await page.getByRole('button', { name: 'Filters' }).click();
    await page.getByLabel('Sort by').selectOption('verdict');
    await soon(() => rows().first().innerText()).toContain('malicious');
  });

  it('has rows as high as it reckons with', async () => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await web.open('findings');
    await rows().first().waitFor();
    expect((await rows().nth(1).boundingBox())?.height).toBe(34);
  });

  it('opens its menu on a phone, and closes it after the choice', async () => {
    await page.setViewportSize(PHONE);
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('navigation', { name: 'Pages' }).getByText('Noise').click();
    await page.getByRole('heading', { name: 'Noise' }).waitFor();
    expect(await page.getByRole('navigation', { name: 'Pages' }).isVisible()).toBe(false);
  });

  it('has targets of at least 24 px', async () => {
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 740 });
      await web.open('findings');
      await rows().first().waitFor();
      const small =
        await page.evaluate(`[...document.querySelectorAll('button, select, input, summary, .side a')]
        .map((one) => one.closest('label.hit, label.inline') ?? one)
        .map((one) => ({ box: one.getBoundingClientRect(), text: one.textContent.slice(0, 40) }))
        .filter(({ box }) => box.width > 1 && (box.width < 24 || box.height < 24))
        .map(({ text }) => text)`);
      expect(small, `at ${width}`).toEqual([]);
    }
  });

  it('keeps the theme that was chosen', async () => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByRole('button', { name: 'Theme: system' }).click();
    await page.getByRole('button', { name: 'Theme: light' }).click();
    expect(await page.evaluate('getComputedStyle(document.documentElement).colorScheme')).toBe('dark');
    await page.reload();
    await page.getByRole('button', { name: 'Theme: dark' }).click();
    expect(await page.evaluate('getComputedStyle(document.documentElement).colorScheme')).toBe('light dark');
  });

  it('asks who is there when the session has ended, and goes on where one was', async () => {
    const gone = await web.newPage();
    await web.open('noise', gone);
    await gone.locator('.noise tbody tr').first().waitFor();
    await gone.context().clearCookies();
    // By the address: what the page asks for by itself is refused too, and takes the links away.
    await gone.evaluate("location.hash = '#/silences'");
    await gone.getByRole('heading', { name: 'Log in' }).waitFor();
    await gone.context().close();
  });

  it('broke no policy and threw nothing', () => {
    expect(web.problems).toEqual([]);
  });

  it('says when the service is gone', async () => {
    await web.open('incidents');
    await rows().first().waitFor();
    const stopped = web.running.stop();
    await page.getByText('Live updates are interrupted').waitFor();
    // What is under way on kept connections is still answered; a service that is gone answers nothing.
    await page.context().setOffline(true);
    await page.getByRole('link', { name: 'Noise' }).click();
    await page.getByText('The service cannot be reached').first().waitFor();
    await page.getByRole('button', { name: 'Try again' }).waitFor();
    // The service waits a while for connections that pages keep.
    await page.context().close();
    await stopped;
  });
});
