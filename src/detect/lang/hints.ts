// Constants that compile but probably do not mean what their author thinks (libs, userspace/libsinsp/filter; Falco's
// LOAD_COMPILE_CONDITION and LOAD_UNSAFE_NA_CHECK).

import type { FieldCatalogue } from '../fields/index.ts';
import { type Compare, type Literal, TRANSFORMERS } from './ast.ts';
import type { CheckHint } from './check.ts';

const TRANSFORMER_SHAPE = new RegExp(`^(?:val|${TRANSFORMERS.join('|')})\\(.*\\)$`, 's');
const NA_OPERATORS: ReadonlySet<string> = new Set(['=', '==', '!=', 'in', 'intersects', 'pmatch']);

/** What to tell about one constant on the right of a comparison. */
export function literalHints(leaf: Compare, value: Literal, catalogue: FieldCatalogue): CheckHint[] {
  const hints: CheckHint[] = [];
  const at = { from: value.from, to: value.to };
  const { text } = value;
  if (leaf.op === 'regex' && isPlain(text)) {
    hints.push({
      code: 'LOAD_COMPILE_CONDITION',
      message: `the regular expression '${text}' has no special characters: '=', 'startswith', 'endswith' or 'contains' say the same and are faster`,
      at,
    });
  }
  const packed = text.length < 200 ? text.replace(/[ \t\r\n\b]/g, '') : '';
  if (/^[a-zA-Z][a-zA-Z0-9_]*\./.test(packed) && catalogue.resolve(packed).ref !== undefined) {
    hints.push({
      code: 'LOAD_COMPILE_CONDITION',
      message: `'${text}' may be a valid field misused as a const string value`,
      at,
    });
  }
  if (TRANSFORMER_SHAPE.test(packed)) {
    hints.push({
      code: 'LOAD_COMPILE_CONDITION',
      message: `'${text}' may be a valid field transformer misused as a const string value`,
      at,
    });
  }
  if (
    text === '<NA>' &&
    NA_OPERATORS.has(leaf.op) &&
    leaf.left.kind === 'field' &&
    /^(?:ka|jevt)\./.test(leaf.left.name)
  ) {
    hints.push({
      code: 'LOAD_UNSAFE_NA_CHECK',
      message: `${leaf.left.name} is absent, not <NA>, when it has no value: use 'exists'`,
      at,
    });
  }
  return hints;
}

/** Whether a pattern says no more than a string operator could: `^`, `$` and one `.*` at either end aside. */
function isPlain(pattern: string): boolean {
  const inner = pattern
    .replace(/^\^/, '')
    .replace(/\$$/, '')
    .replace(/^\.[+*?]/, '')
    .replace(/\.[+*?]$/, '');
  return !/[\\^$.|?*+()[\]{}]/.test(inner);
}
