// Expensive checks before the event type. Falco looks at a condition from left to right and stops at the first part of
// an `and` that does not hold; the event type costs next to nothing and rules most events out.

import type { Expr } from '../../lang/index.ts';
import type { AuthoredCondition } from './authored.ts';
import type { LintContext, LintFinding } from './types.ts';
import { conjunctsOf, plainField } from './walk.ts';

const EXPENSIVE_OPERATORS: ReadonlySet<string> = new Set(['regex', 'glob', 'iglob', 'icontains']);
/** Walk up the process tree. */
const ANCESTRY = /^proc\.(?:aname|aexe|aexepath|acmdline|aargs|apid|aenv)$/;

export function* lintOrder({ items }: LintContext): Generator<LintFinding> {
  for (const { condition } of items) {
    if (condition === undefined) continue;
    const parts = [...conjunctsOf(condition.expr)];
    const type = parts.find(isEventType);
    const first = parts[0];
    if (type === undefined || first === undefined || first === type) continue;
    const expensive = parts.slice(0, parts.indexOf(type)).find(isExpensive);
    if (expensive === undefined) continue;
    const fixes = swap(condition, expensive, type);
    yield {
      code: 'LINT_EXPENSIVE_FIRST',
      severity: 'hint',
      message: 'this check is expensive and is made before the event type is looked at',
      at: condition.locate(expensive),
      notes: [{ message: 'the event type is here', at: condition.locate(type) }],
      help: 'start the condition with `evt.type`',
      ...(fixes && { fixes }),
    };
  }
}

function isEventType(part: Expr): boolean {
  return (
    part.kind === 'compare' && plainField(part.left) === 'evt.type' && ['=', '==', 'in'].includes(part.op)
  );
}

function isExpensive(part: Expr): boolean {
  if (part.kind === 'not') return isExpensive(part.item);
  if (part.kind === 'or') return part.items.some(isExpensive);
  if (part.kind !== 'compare') return false;
  return EXPENSIVE_OPERATORS.has(part.op) || (part.left.kind === 'field' && ANCESTRY.test(part.left.name));
}

/** Two comparisons change places; more than that, or text that YAML writes otherwise, is left to the author. */
function swap(condition: AuthoredCondition, first: Expr, second: Expr) {
  if (first.kind !== 'compare') return undefined;
  const a = condition.sourceOf(first);
  const b = condition.sourceOf(second);
  if (a === undefined || b === undefined || /[\n#]/.test(a + b)) return undefined;
  return [
    {
      title: 'let the two change places',
      safe: true,
      edits: [
        { at: condition.locate(first), text: b },
        { at: condition.locate(second), text: a },
      ],
    },
  ];
}
