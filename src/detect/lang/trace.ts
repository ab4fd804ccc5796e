// The parser heard at its work, for editors: over a text that need not parse. Where it fails, it starts again behind
// what it could not read, so that the rest of the text is still seen.

import { DEFAULT_MAX_DEPTH } from './parse.ts';
import { ConditionParser, type ParseObserver } from './parser.ts';
import { SyntaxFailure } from './scanner.ts';

/** A text with more mistakes than this is no condition; the rest of it is left out. */
const MAX_FAILURES = 500;

/** Parses a condition for its observer alone; gives the places where parsing failed. Never throws. */
export function traceCondition(text: string, observer: ParseObserver): readonly number[] {
  const failures: number[] = [];
  if (text === '') observer.expect('operand', 0, undefined);
  let from = text.length - text.trimStart().length;
  while (failures.length < MAX_FAILURES) {
    const failed = attempt(() => new ConditionParser(text, DEFAULT_MAX_DEPTH, observer, from).condition());
    if (failed === undefined) break;
    failures.push(failed);
    const next = restart(text, from, failed);
    if (next >= text.length) break;
    from = next;
  }
  return failures;
}

/** Parses the field or transformer that `text` starts with, for its observer alone. Never throws. */
export function traceFieldExpr(text: string, observer: ParseObserver): void {
  attempt(() => new ConditionParser(text, DEFAULT_MAX_DEPTH, observer).fieldExpr());
}

/** Where it failed, if it did. */
function attempt(run: () => unknown): number | undefined {
  try {
    run();
    return undefined;
  } catch (failure) {
    if (!(failure instanceof SyntaxFailure)) throw failure;
    return failure.at;
  }
}

/** The next place where an operand can begin: a word behind a blank or a parenthesis that is no connective. */
function restart(text: string, before: number, failed: number): number {
  for (let at = Math.max(failed, before + 1); at < text.length; at++) {
    if (!/[A-Za-z]/.test(text[at] as string) || !/[\s()]/.test(text[at - 1] as string)) continue;
    const connective = /^(?:and|or)(?=[\s(])/.exec(text.slice(at, at + 4));
    if (connective === null) return at;
    at += connective[0].length - 1;
  }
  return text.length;
}
