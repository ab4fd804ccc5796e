// What can stand at the cursor of a condition, asked of the condition parser itself over the text before the cursor.

import { type Expected, type FieldExpr, traceCondition, traceFieldExpr } from '../../detect/lang/index.ts';
import { joinerLength } from './item.ts';

export interface ConditionCursor {
  readonly expected: ReadonlySet<Expected>;
  /** The left side of the comparison that the cursor stands in. */
  readonly left: FieldExpr | undefined;
  /** What the word at the cursor holds before it. */
  readonly word: string;
}

const NOWHERE: ConditionCursor = { expected: new Set(), left: undefined, word: '' };

/** `before`: the condition up to the cursor. */
export function conditionCursor(before: string): ConditionCursor {
  const text = before.slice(joinerLength(before));
  return cursorOf(text, (observer) => traceCondition(text, observer));
}

/** `before`: an expression of a field, such as the one behind a `%`, up to the cursor. */
export function fieldCursor(before: string): ConditionCursor {
  return cursorOf(before, (observer) => traceFieldExpr(before, observer));
}

function cursorOf(
  text: string,
  trace: (observer: Parameters<typeof traceCondition>[1]) => void,
): ConditionCursor {
  const asked: { readonly what: Expected; readonly at: number; readonly left: FieldExpr | undefined }[] = [];
  trace({
    expect: (what, at, left) => asked.push({ what, at, left }),
    token() {},
  });
  let start: number | undefined;
  for (const { at } of asked) if (at > (start ?? -1) && reaches(text, at)) start = at;
  if (start === undefined) return NOWHERE;
  // What is asked for behind a restart of the parser counts only where nothing else is.
  const all = asked.filter(({ at }) => at === start);
  const restarted = all.findIndex(({ what }, index) => index > 0 && what === 'operand');
  const here = restarted === -1 ? all : all.slice(0, restarted);
  return {
    expected: new Set(here.map(({ what }) => what)),
    left: here.findLast(({ left }) => left !== undefined)?.left,
    word: text.slice(start),
  };
}

const WORD = /[A-Za-z0-9_.]/;

/** Whether one word, or an open quote, fills the text from `at` to its end, and none runs over `at`. */
function reaches(text: string, at: number): boolean {
  const rest = text.slice(at);
  if (/^["']/.test(rest)) return !rest.slice(1).includes(rest[0] as string);
  if (/[ \t\r\n\b()"',=]/.test(rest)) return false;
  return !(WORD.test(text[at - 1] ?? '') && (rest === '' || WORD.test(rest[0] as string)));
}
