// Test results for a terminal. Everything that rules, tests and events say is escaped.

import pc from 'picocolors';
import type { Location } from '../../base/diagnostic.ts';
import { terminalText } from '../../base/escape/terminal.ts';
import {
  type Count,
  type CoverageSummary,
  type Failure,
  type FileResult,
  type Missed,
  type PointKind,
  percentText,
  type TestResult,
  tally,
} from '../../rule-tests/index.ts';
import { renderDiagnostics } from '../source-frame.ts';

/** Results by file, then coverage if it was measured, and the counts as the last line. */
export async function renderTestText(
  results: readonly FileResult[],
  coverage: CoverageSummary | undefined,
  color: boolean,
): Promise<string> {
  const colors = pc.createColors(color);
  const out: string[] = [];
  for (const { file, tests, diagnostics, texts } of results) {
    // Nothing of it was chosen.
    if (tests.length + diagnostics.length === 0) continue;
    const textOf = (name: string) => texts.get(name);
    out.push(colors.bold(terminalText(file)));
    if (diagnostics.length > 0) out.push(indent(await renderDiagnostics(diagnostics, textOf, color), '  '));
    for (const test of tests) {
      out.push(`  ${mark(test, colors)} ${terminalText(test.name)}`);
      if (test.diagnostics.length > 0)
        out.push(indent(await renderDiagnostics(test.diagnostics, textOf, color), '      '));
      for (const failure of test.failures) out.push(...failureLines(failure, colors));
    }
    out.push('');
  }
  if (coverage !== undefined) out.push(...coverageLines(coverage, colors), '');
  const { passed, failed, errors } = tally(results);
  const parts = [
    `${passed} passed`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(errors > 0 ? [`${errors} could not be run`] : []),
  ];
  const paint = failed + errors > 0 ? colors.red : colors.green;
  out.push(paint(parts.join(', ')));
  return `${out.join('\n')}\n`;
}

type Colors = ReturnType<typeof pc.createColors>;

function mark({ status }: TestResult, colors: Colors): string {
  return status === 'passed' ? colors.green('✓') : colors.red(status === 'failed' ? '✗' : '!');
}

function failureLines({ message, at, why }: Failure, colors: Colors): string[] {
  const head = `      ${placeText(at, colors)} ${terminalText(message)}`;
  return [
    head,
    ...why.map(({ text, at: where }) =>
      where === undefined
        ? `        ${terminalText(text)}`
        : `          ${placeText(where, colors)} ${terminalText(text)}`,
    ),
  ];
}

function placeText({ file, line, column }: Location, colors: Colors): string {
  return colors.cyan(`${terminalText(file)}:${line}:${column}`);
}

function indent(text: string, by: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : by + line))
    .join('\n');
}

const KIND_NAMES: Readonly<Record<PointKind, string>> = {
  rule: 'rules',
  macro: 'macros',
  clause: 'outcomes of comparisons',
  'list-item': 'list items',
  exception: 'exception rows',
};

function coverageLines(coverage: CoverageSummary, colors: Colors): string[] {
  const out = [colors.bold('Coverage')];
  for (const file of coverage.files) {
    const kinds = (Object.entries(file.kinds) as [PointKind, Count][])
      .filter(([, { total }]) => total > 0)
      .map(([kind, { reached, total }]) => `${KIND_NAMES[kind]} ${reached}/${total}`);
    out.push(`  ${colors.bold(terminalText(file.file))} ${percentText(file)}: ${kinds.join(', ')}`);
    for (const [first, ...more] of together(file.missed)) {
      const { line, column } = first.at;
      out.push(`    ${colors.cyan(`${line}:${column}`)} ${terminalText(missedText(first, more))}`);
    }
  }
  out.push(`  ${percentText(coverage)} in all: ${coverage.reached} of ${coverage.total}`);
  return out;
}

/** A list's items that follow each other are told together. */
function together(missed: readonly Missed[]): [Missed, ...Missed[]][] {
  const out: [Missed, ...Missed[]][] = [];
  for (const one of missed) {
    const last = out.at(-1);
    if (one.kind === 'list-item' && last?.[0].kind === 'list-item' && last[0].name === one.name)
      last.push(one);
    else out.push([one]);
  }
  return out;
}

/** List items that are told by name. */
const MAX_ITEMS = 8;

function missedText({ kind, name, text, never }: Missed, more: readonly Missed[]): string {
  switch (kind) {
    case 'rule':
      return `rule "${name}" never fired`;
    case 'macro':
      return `macro ${name} was never asked`;
    case 'list-item': {
      const texts = [text, ...more.map((one) => one.text)].map((one) => JSON.stringify(one));
      const rest = texts.length > MAX_ITEMS ? ` and ${texts.length - MAX_ITEMS} more` : '';
      return `never met, of ${name}: ${texts.slice(0, MAX_ITEMS).join(', ')}${rest}`;
    }
    case 'exception':
      return `exception ${name} never applied: ${text}`;
    case 'clause':
      return never.length === 2 ? `never asked: ${text}` : `never ${never.join()}: ${text}`;
  }
}
