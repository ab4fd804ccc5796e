// Results as JUnit XML, as CI systems read it: a suite a test file. Without times: the same input gives the same bytes.

import type { Diagnostic, Location } from '../../base/diagnostic.ts';
import { htmlAttribute, htmlBlock } from '../../base/escape/html.ts';
import type { Failure } from '../judge.ts';
import type { FileResult, TestResult } from '../run.ts';
import { tally } from '../tally.ts';

// What `base/escape` makes for HTML is XML too: the same five entities, and no character that XML forbids.
const attribute = (name: string, value: string | number): string =>
  ` ${name}="${htmlAttribute(String(value))}"`;

/** The document, with a line feed at its end. */
export function renderJunit(results: readonly FileResult[]): string {
  const out = ['<?xml version="1.0" encoding="UTF-8"?>', `<testsuites${counts(results)}>`];
  for (const result of results) {
    out.push(`  <testsuite${attribute('name', result.file)}${counts([result])}>`);
    const errors = result.diagnostics.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) {
      out.push(...testcase(result.file, 'the test file', errors[0]?.at, errors.map(errorElement)));
    }
    for (const test of result.tests) out.push(...testcase(result.file, test.name, test.at, problems(test)));
    out.push('  </testsuite>');
  }
  out.push('</testsuites>');
  return `${out.join('\n')}\n`;
}

function counts(results: readonly FileResult[]): string {
  const { passed, failed, errors } = tally(results);
  return `${attribute('tests', passed + failed + errors)}${attribute('failures', failed)}${attribute('errors', errors)}`;
}

function testcase(
  file: string,
  name: string,
  at: Location | undefined,
  content: readonly string[],
): string[] {
  const line = at?.file === file ? attribute('line', at.line) : '';
  const head = `    <testcase${attribute('classname', file)}${attribute('name', name)}${attribute('file', file)}${line}`;
  return content.length === 0 ? [`${head}/>`] : [`${head}>`, ...content, '    </testcase>'];
}

function problems({ status, failures, diagnostics }: TestResult): string[] {
  if (status === 'passed') return [];
  const errors = status === 'error' ? diagnostics.filter(({ severity }) => severity === 'error') : [];
  return [...errors.map(errorElement), ...failures.map(failureElement)];
}

function errorElement({ code, message, at, help }: Diagnostic): string {
  const text = [`${placeText(at)}${message}`, ...(help === undefined ? [] : [help])].join('\n');
  return `      <error${attribute('type', code)}${attribute('message', message)}>${htmlBlock(text)}</error>`;
}

function failureElement({ kind, message, at, why }: Failure): string {
  const text = [`${placeText(at)}${message}`, ...why.map((one) => `${placeText(one.at)}${one.text}`)].join(
    '\n',
  );
  return `      <failure${attribute('type', kind)}${attribute('message', message)}>${htmlBlock(text)}</failure>`;
}

function placeText(at: Location | undefined): string {
  return at === undefined ? '' : `${at.file}:${at.line}:${at.column}: `;
}
