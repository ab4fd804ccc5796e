// Diagnostics for a terminal: the place, the message, the author's line with carets under what is meant, notes, help.

import pc from 'picocolors';
import type { Diagnostic, Location } from '../base/diagnostic.ts';
import { terminalText } from '../base/escape/terminal.ts';

/** Gives a file's text by the name that locations carry. */
export type TextOf = (file: string) => string | undefined;

/** As much of a long line as is shown, in UTF-16 units. */
const WIDTH = 110;

const MARK = { error: 'error', warning: 'warning', info: 'info', hint: 'hint' } as const;

/** Columns that a text takes. */
type Width = (text: string) => number;

/**
 * Diagnostics as terminal text, an empty line between them, no line feed at the end. All of the author's text is
 * escaped. The library that knows how wide characters are costs a start 40 ms, so plain ASCII does without it.
 */
export async function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  textOf: TextOf,
  color: boolean,
): Promise<string> {
  const places = diagnostics.flatMap(({ at, notes = [] }) => [at, ...notes.map((note) => note.at)]);
  const files = new Set(places.flatMap((at) => (at === undefined ? [] : at.file)));
  const wide = [...files].some((file) => /[^\t\r\n -~]/.test(textOf(file) ?? ''));
  const width: Width = wide ? (await import('string-width')).default : (text) => text.length;
  return diagnostics.map((diagnostic) => render(diagnostic, textOf, color, width)).join('\n\n');
}

function render(diagnostic: Diagnostic, textOf: TextOf, color: boolean, width: Width): string {
  const colors = pc.createColors(color);
  const { code, severity, message, at, notes = [], help } = diagnostic;
  const paint = severity === 'error' ? colors.red : severity === 'warning' ? colors.yellow : colors.cyan;
  const head = `${placeText(at)}${paint(MARK[severity])} ${colors.bold(code)} ${terminalText(message)}`;
  const out = [head, ...frame(at, textOf, paint, width)];
  for (const note of notes) {
    out.push(`  ${colors.dim('note:')} ${placeText(note.at)}${terminalText(note.message)}`);
    out.push(...frame(note.at, textOf, colors.dim, width));
  }
  if (help !== undefined) out.push(`  ${colors.green('help:')} ${terminalText(help)}`);
  for (const fix of diagnostic.fixes ?? []) {
    out.push(`  ${colors.green('fix:')} ${terminalText(fix.title)}${fix.safe ? ' (--fix does it)' : ''}`);
  }
  return out.join('\n');
}

function placeText(at: Location | undefined): string {
  return at === undefined ? '' : `${terminalText(at.file)}:${at.line}:${at.column} `;
}

/** The line of a place, cut around it, and the carets. */
function frame(
  at: Location | undefined,
  textOf: TextOf,
  paint: (text: string) => string,
  width: Width,
): string[] {
  const text = at && textOf(at.file);
  if (at === undefined || text === undefined) return [];
  const lineStart = at.from - (at.column - 1);
  const rest = /[\r\n]/.exec(text.slice(lineStart, at.from + 4 * WIDTH));
  const lineEnd = rest === null ? Math.min(text.length, at.from + 4 * WIDTH) : lineStart + rest.index;
  if (lineEnd <= lineStart) return [];
  const from = Math.max(lineStart, Math.min(at.from - WIDTH / 2, lineEnd - WIDTH));
  const to = Math.min(lineEnd, from + WIDTH);
  const before = shown(text.slice(from, Math.min(at.from, to)));
  const meant = shown(text.slice(at.from, Math.max(at.from, Math.min(at.to, to))));
  const after = shown(text.slice(Math.max(at.from, Math.min(at.to, to)), to));
  const cutBefore = from > lineStart ? '…' : '';
  const cutAfter = to < lineEnd ? '…' : '';
  const number = String(at.line);
  const indent = ' '.repeat(width(cutBefore + before));
  return [
    `  ${number} │ ${cutBefore}${before}${meant}${after}${cutAfter}`,
    `  ${' '.repeat(number.length)} │ ${indent}${paint('^'.repeat(Math.max(1, width(meant))))}`,
  ];
}

/** A tab is one blank wide here, so that carets stand where they should. */
function shown(text: string): string {
  return terminalText(text.replaceAll('\t', ' '));
}
