// Hostile alerts through every renderer: nothing breaks out of its place, nothing unseen reaches a screen, every
// document stays valid.

import fc from 'fast-check';
import { marked } from 'marked';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../src/base/json.ts';
import { HOSTILE, UNSEEN } from '../support/hostile.ts';
import {
  renderHtml,
  renderJson,
  renderMarkdown,
  renderOcsf,
  renderSarif,
  renderStix,
  renderTerminal,
} from '../support/renderers.ts';
import { fixtureReport } from '../support/report-fixture.ts';
import { validateOcsf, validateReport, validateSarif, validateStix } from '../support/schema.ts';

/** Hostile text: pieces of the list, mixed with anything that UTF-16 can hold. */
const hostileText = fc
  .array(fc.oneof(fc.constantFrom(...Object.values(HOSTILE)), fc.string({ unit: 'binary', maxLength: 40 })), {
    minLength: 1,
    maxLength: 4,
  })
  .map((pieces) => pieces.join(''));

const named = Object.entries(HOSTILE);
const replaced = (text: string) => fixtureReport(() => text);
const appended = (text: string) => fixtureReport((value) => `${value}${text}`);
/** A blank value may rightly leave out what would show it, so it says nothing about the skeleton. */
const notBlank = (text: string) => (text.trim() === '' ? 'x' : text);

/** Tags in order, without their attributes: the skeleton that no value may change. */
function skeleton(page: string): string[] {
  const body = page
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replace(/<script>[\s\S]*?<\/script>\s*<\/body>/, '');
  return [...body.matchAll(/<[/!]?[A-Za-z-]+/g)].map((match) => match[0]);
}

const plainSkeleton = skeleton(renderHtml(fixtureReport()));

function checkHtml(text: string): void {
  for (const report of [replaced(notBlank(text)), appended(text)]) checkPage(renderHtml(report));
}

function checkPage(page: string): void {
  expect(skeleton(page)).toEqual(plainSkeleton);
  // Blocks of text and a tool's words keep their tabs, as they keep their line ends.
  const shown = page.replace(/<(pre|p class="said")[^>]*>[\s\S]*?<\/(pre|p)>/g, (block) =>
    block.replaceAll('\t', ''),
  );
  expect(shown.replaceAll('\n', '')).not.toMatch(UNSEEN);
}

/** What a Markdown host makes of it: no element that the plain report does not have. */
function elements(markdown: string): Set<string> {
  const page = marked.parse(markdown, { async: false, gfm: true });
  return new Set(
    [...page.matchAll(/<([a-z][a-z0-9]*)/gi)].map((match) => (match[1] as string).toLowerCase()),
  );
}

const plainElements = elements(renderMarkdown(fixtureReport()));

function checkMarkdown(value: string): void {
  for (const report of [replaced(value), appended(value)]) checkDocument(renderMarkdown(report));
}

function checkDocument(text: string): void {
  expect(text.replaceAll('\n', '').replaceAll('\t', '')).not.toMatch(UNSEEN);
  const more = [...elements(text)].filter((name) => !plainElements.has(name));
  expect(more).toEqual([]);
}

function checkTerminal(text: string): void {
  const report = replaced(text);
  for (const full of [false, true]) {
    const plain = renderTerminal(report, { width: 72, color: false, full });
    expect(plain.replaceAll('\n', '').replaceAll('\t', '')).not.toMatch(UNSEEN);
    const colored = renderTerminal(report, { width: 72, color: true, full });
    const withoutColors = colored.replace(/\x1b\[\d{1,2}m/g, '');
    expect(withoutColors.replaceAll('\n', '').replaceAll('\t', '')).not.toMatch(UNSEEN);
  }
}

function checkData(text: string): void {
  const report = replaced(text);
  expect(validateReport(renderJson(report))).toEqual([]);
  expect(validateOcsf(renderOcsf(report))).toEqual([]);
  expect(validateStix(renderStix(report))).toEqual([]);
  expect(validateSarif(renderSarif(report))).toEqual([]);
}

const checks = {
  HTML: checkHtml,
  Markdown: checkMarkdown,
  terminal: checkTerminal,
  'data formats': checkData,
};

describe.each(Object.entries(checks))('%s', (_format, check) => {
  it.each(named)('%s', (_name, text) => {
    check(text);
  });

  it('anything', () => {
    check('\ttab');
    fc.assert(
      fc.property(hostileText, (text) => {
        check(text);
      }),
      { numRuns: 60 },
    );
  });
});

it('JSON gives back exactly what the alert said', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const document = parseJson(renderJson(replaced(text)));
      if (!document.ok) throw new Error(document.error.message);
      const first = (map: unknown, key: string) => ((map as Map<string, unknown>).get(key) as unknown[])[0];
      const indicator = first(first(document.value, 'incidents'), 'indicators') as Map<string, unknown>;
      expect(indicator.get('value')).toBe(text);
    }),
    { numRuns: 60 },
  );
});
