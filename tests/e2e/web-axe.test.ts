// axe-core on every screen, light and dark, on desktop and phone widths: no violation of WCAG 2.2 A and AA. axe is given
// to the page through the debugger, which the page's Content-Security-Policy does not concern: what is looked at is the
// page under the policy that users get.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../support/chromium.ts';
import { soon, startWeb, type Web } from '../support/web.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

interface Result {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
  readonly passes: readonly unknown[];
}

/** Within `selector`, or on the whole page. */
async function violations(page: Page, selector?: string): Promise<readonly string[]> {
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(AXE);
  const { violations: found, passes } = (await page.evaluate(
    `axe.run(${JSON.stringify(selector) ?? 'document'}, { runOnly: { type: 'tag', values: ${JSON.stringify(TAGS)} }, resultTypes: ['violations'] })`,
  )) as Result;
  expect(passes.length, 'rules that axe tried').toBeGreaterThan(5);
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)}\n${failureSummary}`),
  );
}

const WIDTHS = [
  { width: 1280, height: 800 },
  { width: 360, height: 740 },
] as const;
const THEMES = ['light', 'dark'] as const;

describe.skipIf(chromiumPath === undefined)('accessibility (needs Chromium)', () => {
  let web: Web;
  let incident = '';
  let finding = '';
  beforeAll(async () => {
    web = await startWeb();
  });
  afterAll(() => web?.stop());

  /** Tries the screen as it stands now in both themes and widths. */
  async function everywhere(page: Page, name: string, selector?: string): Promise<void> {
    for (const viewport of WIDTHS) {
      await page.setViewportSize(viewport);
      for (const colorScheme of THEMES) {
        await page.emulateMedia({ colorScheme });
        expect(await violations(page, selector), `${name}, ${viewport.width} px, ${colorScheme}`).toEqual([]);
      }
    }
    await page.setViewportSize(WIDTHS[0]);
  }

  it.each(['incidents', 'noise', 'silences', 'activity', 'tokens', 'drop'])('%s, empty', async (path) => {
    await web.open(path);
    await soon(() => web.page.locator('.skeleton').count()).toBe(0);
    await everywhere(web.page, `${path}, empty`);
  });

  it('the login', async () => {
    const page = await web.newPage();
    await page.context().clearCookies();
    await page.goto(`${web.origin}/#/login?expired`);
    await page.reload();
    await page.getByText('That link has expired').waitFor();
    await everywhere(page, 'login');
    await page.context().close();
  });

  it('has data to show', async () => {
    await web.loadExamples();
    const first = async (kind: string): Promise<string> => {
      const { items } = (await web.api('GET', `/api/v1/${kind}?sort=verdict`)) as { items: { id: string }[] };
      return (items[0] as { id: string }).id;
    };
    incident = await first('incidents');
    finding = await first('findings');
    const expires = new Date(Date.now() + 3_600_000).toISOString();
    await web.api('POST', '/api/v1/silences', { condition: 'proc.name = tar', reason: 'backup', expires });
    await web.api('POST', '/api/v1/tokens', { name: 'node 1', role: 'ingest' });
    await web.api('POST', `/api/v1/incidents/${incident}/decision`, {
      state: 'acknowledged',
      owner: 'ana',
      note: 'Looking at it.',
      reason: 'on call',
    });
    await web.api('POST', `/api/v1/findings/${finding}/decision`, { note: 'Seen.', reason: '' });
  });

  it.each([
    ['incidents', '.rows tbody tr'],
    ['findings', '.rows tbody tr'],
    ['findings?group=rule&verdict=benign&range=7d&sort=count', '.rows .group'],
    ['findings?search=nothing-has-this', '.state'],
    ['findings?filter=proc.name+~', '.state.error'],
    ['incidents/no-such-incident', '.state.error'],
    ['noise', '.noise tbody tr'],
    ['silences', '.plain tbody tr'],
    ['activity', '.plain tbody tr'],
    ['tokens', '.plain tbody tr'],
    ['nowhere', 'main a'],
  ])('%s', async (path, there) => {
    await web.open(path);
    await web.page.locator(there).first().waitFor();
    await everywhere(web.page, path);
  });

  it('an incident with its report', async () => {
    await web.open(`incidents/${incident}`);
    await web.page.locator('.report .do-now').waitFor();
    await web.page.getByText('Looking at it.').waitFor();
    await everywhere(web.page, 'incident');
    await web.page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
    expect(await violations(web.page), 'incident, all unfolded').toEqual([]);
  });

  it('a finding with its alerts', async () => {
    await web.open(`findings/${finding}`);
    await web.page.locator('.alerts details[open] table').first().waitFor();
    await everywhere(web.page, 'finding');
  });

  it('the rules, with diagnostics', async () => {
    await web.open('rules');
    await web.page.getByText('0 errors, 0 warnings').waitFor();
    await web.page.locator('.cm-content').click();
    await web.page.keyboard.press('Control+End');
    await web.page.keyboard.insertText('- rule: broken\n  condition: proc.nmae = x\n');
    await web.page.locator('.diagnostics li').first().waitFor();
    await everywhere(web.page, 'rules');
    await web.page.keyboard.type('  prio');
    await web.page.locator('.cm-tooltip-autocomplete').waitFor();
    expect(await violations(web.page), 'completion').toEqual([]);
  });

  it('a report on a file', async () => {
    await web.open('drop');
    await web.page.setInputFiles('input[type=file]', 'examples/reverse-shell.jsonl');
    await web.page.locator('.report .do-now').first().waitFor();
    expect(await violations(web.page)).toEqual([]);
  });

  it.each([
    ['d', 'Decide on 1 finding'],
    ['s', 'Silence'],
    ['?', 'Keys'],
    ['Control+k', 'Go to, or do'],
  ])('the dialog of %s', async (key, title) => {
    await web.open(`findings/${finding}`);
    await web.page.getByRole('link', { name: /Its incident/ }).waitFor();
    // What is behind it is looked at elsewhere, and takes long.
    await web.page.evaluate('for (const one of document.querySelectorAll("main > *")) one.remove()');
    await web.page.keyboard.press(key);
    await web.page.getByRole('dialog', { name: title }).waitFor();
    await everywhere(web.page, title, 'dialog');
    await web.page.reload();
  });

  it('a row that has the focus and is selected, and what was just done', async () => {
    await web.open('findings?verdict=malicious,benign,likely-benign,undetermined&group=verdict');
    await web.page.locator('.rows tbody tr').first().waitFor();
    for (const key of ['j', 'x', 'd']) await web.page.keyboard.press(key);
    await web.page.getByRole('combobox', { name: 'State' }).selectOption('acknowledged');
    await web.page.getByRole('button', { name: 'Save' }).click();
    await web.page.getByText('1 finding: acknowledged.').waitFor();
    await web.page.keyboard.press('x');
    await everywhere(web.page, 'row and message');
  });

  it('the menu', async () => {
    await web.open('noise');
    await web.page.setViewportSize(WIDTHS[1]);
    await web.page.getByRole('button', { name: 'Menu' }).click();
    expect(await violations(web.page)).toEqual([]);
  });

  it('broke no policy and threw nothing', () => {
    expect(web.problems).toEqual([]);
  });
});
