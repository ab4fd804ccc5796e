// Every job of the web UI by keys alone: no click in this file. The focus is looked at after every step: it must be on
// something, on the screen, with an indicator.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../support/chromium.ts';
import { soon, startWeb, type Web } from '../support/web.ts';

const RULES = `- rule: Shell
  desc: A shell started.
  condition: evt.type = execve and proc.name = bash
  output: Shell (command=%proc.cmdline exe=%proc.exepath parent=%proc.pname user=%user.name)
  priority: NOTICE
  tags: [host, T1059.004]
`;

const WRONG = `- rule: Misspelt
  desc: A field that there is not.
  condition: evt.type = execve and proc.nmae = bash
  output: x
  priority: NOTICE
`;

interface Focus {
  readonly name: string;
  readonly tag: string;
  readonly seen: boolean;
  readonly marked: boolean;
}

/** What has the focus, also inside the editor's shadow root. */
const LOOK = `(() => {
  let one = document.activeElement;
  while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
  const box = one.getBoundingClientRect();
  const marks = [one, one.closest('.cm-editor')].filter(Boolean).map((e) => getComputedStyle(e));
  return {
    tag: one.tagName.toLowerCase(),
    name: (one.getAttribute('aria-label') ?? one.labels?.[0]?.textContent ?? one.textContent ?? '').trim().slice(0, 120),
    seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
    marked: marks.some((style) => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1),
  };
})()`;

describe.skipIf(chromiumPath === undefined)('the web UI by keys alone (needs Chromium)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'yarak-keys-'));
  let web: Web;
  let page: Page;
  beforeAll(async () => {
    const rules = ['one.yaml', 'two.yaml'].map((name) => join(folder, name));
    writeFileSync(rules[0] as string, RULES);
    writeFileSync(rules[1] as string, RULES.replace('rule: Shell', 'rule: Another shell'));
    web = await startWeb({ rules });
    ({ page } = web);
  });
  afterAll(async () => {
    await web?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What has the focus; waits for the page to mark it. */
  async function focus(): Promise<Focus> {
    let now: Focus | undefined;
    await soon(async () => {
      now = (await page.evaluate(LOOK)) as Focus;
      return now.tag === 'body' ? 'the focus is lost' : { seen: now.seen, marked: now.marked };
    }).toEqual({ seen: true, marked: true });
    return now as Focus;
  }

  async function press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await page.keyboard.press(key);
  }

  const focusIs = (name: string | RegExp): Promise<void> =>
    soon(async () => ((await page.evaluate(LOOK)) as Focus).name).toMatch(name);

  /** Tab until the focus is on something of this name. */
  async function tabTo(name: string | RegExp, key = 'Tab'): Promise<void> {
    const seen: string[] = [];
    for (let i = 0; i < 80; i++) {
      await press(key);
      const now = await focus();
      seen.push(now.name);
      if (typeof name === 'string' ? now.name.startsWith(name) : name.test(now.name)) return;
    }
    throw new Error(`Tab does not come to ${name}: ${seen.join(' | ')}`);
  }

  it('skips to the page, and loads the examples', async () => {
    await page.reload();
    await page.getByText('No alerts yet').waitFor();
    await press('Tab');
    expect((await focus()).name).toBe('Skip to the page');
    await press('Enter');
    expect((await focus()).name).toBe('Incidents');
    await tabTo('Load the example alerts');
    await press('Enter');
    await page.locator('.rows tbody tr').first().waitFor();
    await focusIs('Incidents');
    await web.loadExamples();
    await soon(() => page.locator('.rows .verdict').allInnerTexts()).toContainEqual(
      expect.stringContaining('malicious'),
    );
  });

  it('moves through a list, selects, and decides in bulk', async () => {
    await press('g', 'f');
    await focusIs('Findings');
    await page.locator('.rows tbody tr').nth(3).waitFor();
    const current = () => page.locator('.rows tr.current').getAttribute('aria-rowindex');
    await press('j');
    await focus();
    expect(await current()).toBe('2');
    await press('j', 'ArrowDown', 'k');
    await focus();
    expect(await current()).toBe('3');
    await press('End');
    expect(await current()).toBe(await page.locator('.rows').getAttribute('aria-rowcount'));
    await focus();
    await press('Home', 'x', 'j', 'x');
    await page.getByText('2 rows selected').waitFor();
    const row = await focus();
    await press('d');
    await page.getByRole('dialog', { name: 'Decide on 2 findings' }).waitFor();
    await focusIs(/^State/);
    for (let i = 0; i < 12; i++) {
      await press('Tab');
      // Past its last element the browser's own window comes, then the dialog again; never the page behind.
      const inside = await page.evaluate(
        'document.activeElement === document.body || document.activeElement.closest("dialog") !== null',
      );
      expect(inside, 'the dialog keeps the focus').toBe(true);
    }
    await press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect((await focus()).name).toBe(row.name);
    await press('Escape');
    await page.getByText('2 rows selected').waitFor({ state: 'detached' });
  });

  it('sorts and searches', async () => {
    await tabTo('alerts', 'Shift+Tab');
    await press('Enter');
    await page.locator('[aria-sort=descending]', { hasText: 'alerts' }).waitFor();
    expect(page.url()).toContain('sort=count');
    const counts = async (): Promise<number[]> =>
      (await page.locator('.rows tbody td.number').allInnerTexts()).map((text) => Number.parseInt(text, 10));
    await soon(counts).toSatisfy(
      (all: number[]) =>
        (all[0] as number) > (all.at(-1) as number) &&
        all.every((count, i) => i === 0 || count <= (all[i - 1] as number)),
    );
    const down = await counts();
    await press('Enter');
    await page.locator('[aria-sort=ascending]', { hasText: 'alerts' }).waitFor();
    expect(page.url()).toContain('order=asc');
    await soon(counts).toEqual(down.toReversed());
    expect((await focus()).name).toMatch(/^alerts/);
    await press('Enter');
    await page.locator('[aria-sort=descending]', { hasText: 'alerts' }).waitFor();
    expect(page.url()).not.toContain('order');
    await press('/');
    expect((await focus()).name).toBe('Search for words');
    await page.keyboard.type('checkout');
    await press('Enter');
    await soon(() => page.url()).toContain('search=checkout');
    await soon(() => page.locator('.rows tbody tr').count()).toBe(4);
    await press('f');
    expect((await focus()).name).toMatch(/^Filter/);
    await page.keyboard.type('proc.name = bash');
    await soon(() => page.url()).toContain('filter=proc.name');
    await press('Enter');
    await soon(async () => (await focus()).tag).toBe('a');
  });

  it('opens a finding and its incident, and comes back to the row', async () => {
    await press('j');
    const row = await focus();
    await press('Enter');
    await page.getByRole('heading', { name: 'Why these alerts are one finding' }).waitFor();
    expect((await focus()).tag).toBe('h1');
    await press('u');
    await page.locator('.rows tr.current').waitFor();
    await focusIs(row.name);
    await press('Enter');
    await page.getByRole('link', { name: /Its incident/ }).waitFor();
    await press('i');
    await page.getByRole('heading', { name: 'The one thing to do now' }).waitFor();
    await expect.poll(() => page.title()).toContain('A shell is attached');
    expect((await focus()).tag).toBe('h1');
    await press('j');
    expect((await focus()).name).toBe('The one thing to do now');
    await press('j', 'j');
    expect((await focus()).tag).toBe('h3');
  });

  it('downloads the report', async () => {
    const id = /incidents\/(\w+)/.exec(page.url())?.[1];
    await tabTo('Download', 'Shift+Tab');
    await press('Enter');
    await tabTo('SARIF');
    const [download] = await Promise.all([page.waitForEvent('download'), press('Enter')]);
    expect(download.suggestedFilename()).toBe(`incident-${id}.sarif`);
    const log = JSON.parse(readFileSync(await download.path(), 'utf8')) as { version: string };
    expect(log.version).toBe('2.1.0');
    await tabTo('Download', 'Shift+Tab');
    await press('Enter');
    expect(await page.getByRole('link', { name: 'SARIF' }).count()).toBe(0);
  });

  it('sets state and owner, writes a note, and takes back', async () => {
    await press('d');
    await focusIs(/^State/);
    await page.keyboard.type('mit');
    await tabTo('Save');
    await press('Enter');
    await page.locator('.facts .tag', { hasText: 'mitigated' }).waitFor();
    await focus();
    await press('z');
    await page.locator('.facts .tag', { hasText: 'open' }).waitFor();
    await press('o');
    await focusIs(/^Owner/);
    await page.keyboard.type('ana');
    await press('Enter');
    await page.getByText('owner: ana').waitFor();
    await press('n');
    await focusIs(/^Note/);
    await page.keyboard.type('The pod is cordoned.');
    await tabTo('Save');
    await press('Enter');
    await page.getByText('The pod is cordoned.').waitFor();
    await focus();
  });

  it('silences with a reason and an end, and ends the silence', async () => {
    await press('s');
    await page.getByText(/^Hides \d+ finding/).waitFor();
    await focusIs(/^Condition/);
    await tabTo('Reason');
    await page.keyboard.type('known test');
    await tabTo('For');
    await page.keyboard.type('3');
    await tabTo('Silence');
    await press('Enter');
    await page.getByText('Silenced until').waitFor();
    const silences = (await web.api('GET', '/api/v1/silences')) as { reason: string; expires: string }[];
    expect(silences.map(({ reason }) => reason)).toEqual(['known test']);
    const hours = (Date.parse(silences[0]?.expires ?? '') - Date.now()) / 3_600_000;
    expect(Math.round(hours)).toBe(72);
    await press('g', 's');
    await focusIs('Silences');
    await page.getByRole('button', { name: 'End now' }).waitFor();
    await tabTo('End now');
    await press('Enter');
    await page.getByText('Nothing is silenced').waitFor();
    await focusIs('Silences');
  });

  it('shows the keys, and goes anywhere by name', async () => {
    await press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await focus();
    await press('Escape', 'Control+k');
    await page.getByRole('dialog', { name: 'Go to, or do' }).waitFor();
    await page.keyboard.type('noise');
    await press('Enter');
    await focusIs('Noise');
    // The title follows in an effect of its own.
    await expect.poll(() => page.title()).toBe('Noise · Yarak');
  });

  it('can do without one-character keys', async () => {
    await press('?');
    await focusIs(/^Keys without/);
    await press('Space', 'Escape', 'g', 'f', '?');
    expect(page.url()).toContain('#/noise');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await press('Control+k');
    await page.keyboard.type('help');
    await press('Enter');
    await focusIs(/^Keys without/);
    await press('Space', 'Escape');
  });

  it('opens a rules file, finds a diagnostic and fixes it', async () => {
    await press('g', 'r');
    await focusIs('Rules');
    await page.getByText('0 errors, 0 warnings, 1 rule').waitFor();
    await tabTo(/^File/);
    await press('ArrowDown');
    await soon(() => page.url()).toContain('two.yaml');
    await page.getByText(/^0 errors, .*, 2 rules$/).waitFor();
    await tabTo(/^Rules file/);
    await press('Control+End');
    await page.keyboard.insertText(WRONG);
    await page.getByText(/[1-9] errors?,/).waitFor();
    await press('Escape');
    await tabTo(/^error/);
    await press('Enter');
    await soon(async () => (await focus()).name).toMatch(/^Rules file/);
    await tabTo('Fix: write proc.name');
    await press('Enter');
    await page.getByText(/^0 errors,/).waitFor();
    // The fix put the focus into the editor, where keys are text.
    await tabTo('Copy the file');
  });

  it('tells of new incidents without moving anything', async () => {
    await press('g', 'i');
    await page.locator('.rows tbody tr').nth(3).waitFor();
    await press('j');
    const before = await page.locator('.rows tbody tr').allInnerTexts();
    const row = await focus();
    const alert = {
      time: new Date().toISOString(),
      rule: 'Shell',
      priority: 'Notice',
      source: 'syscall',
      hostname: 'another-node',
      output: 'Shell',
      output_fields: { 'proc.name': 'zsh', 'proc.cmdline': 'zsh', 'user.name': 'root' },
    };
    // As Falco does: the service takes no alert from a page.
    const response = await fetch(`${web.origin}/ingest`, { method: 'POST', body: JSON.stringify(alert) });
    expect(response.ok).toBe(true);
    await page.getByRole('button', { name: '1 new incident: show' }).waitFor();
    expect(await page.locator('.rows tbody tr').allInnerTexts()).toEqual(before);
    expect((await focus()).name).toBe(row.name);
    await press('r');
    await soon(() => page.locator('.rows tbody tr').count()).toBe(before.length + 1);
  });

  it('moves nothing for those who asked for that', async () => {
    await web.open('incidents');
    expect(
      await page.evaluate(`[...document.querySelectorAll('*')].filter((one) => {
        const style = getComputedStyle(one);
        return parseFloat(style.transitionDuration) > 0 || parseFloat(style.animationDuration) > 0 || style.scrollBehavior === 'smooth';
      }).length`),
    ).toBe(0);
  });

  it('broke no policy and threw nothing', () => {
    expect(web.problems).toEqual([]);
  });
});
