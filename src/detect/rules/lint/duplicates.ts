// Things said twice: items that replace earlier ones silently, list entries and parts of conditions that are there
// already (falco-engine-spec 1.4: the same name again replaces the whole item, without a warning).

import type { Fix } from '../../../base/diagnostic.ts';
import { printExpr } from '../../lang/index.ts';
import { locationOf, mapValue, type YamlScalar, type YamlSeq } from '../yaml.ts';
import type { AuthoredCondition, AuthoredItem } from './authored.ts';
import type { LintContext, LintFinding } from './types.ts';
import { nodesOf } from './walk.ts';

export function* lintDuplicates({ items }: LintContext): Generator<LintFinding> {
  yield* redefined(items);
  for (const item of items) {
    if (item.kind === 'list') yield* listEntries(item);
    else if (item.condition !== undefined) yield* parts(item.condition);
  }
}

function* redefined(items: readonly AuthoredItem[]): Generator<LintFinding> {
  const first = new Map<string, AuthoredItem>();
  for (const item of items) {
    if (item.changes) continue;
    const key = `${item.kind} ${item.name}`;
    const before = first.get(key);
    first.set(key, item);
    if (before === undefined) continue;
    const sameFile = before.file === item.file;
    // Files that stand alone repeat the macros that they need; what says the same replaces nothing.
    if (
      !sameFile &&
      before.file.text.slice(before.map.from, before.map.to).trim() ===
        item.file.text.slice(item.map.from, item.map.to).trim()
    )
      continue;
    yield {
      code: 'LINT_REDEFINED',
      severity: sameFile ? 'warning' : 'info',
      message: `this ${item.kind} replaces the ${item.kind} '${item.name}' that is there already`,
      at: item.at,
      notes: [{ message: 'which is here', at: before.at }],
      help: sameFile
        ? 'rename one of the two, or take the first one away'
        : 'if only a part is meant to change, use `override`, so that updates of the rest still reach you',
    };
  }
}

function* listEntries(item: AuthoredItem): Generator<LintFinding> {
  const node = mapValue(item.map, 'items');
  if (node?.kind !== 'seq') return;
  const first = new Map<string, YamlScalar>();
  for (const [index, entry] of node.items.entries()) {
    if (entry.kind !== 'scalar' || entry.file !== item.file) continue;
    const before = first.get(entry.value);
    if (before === undefined) {
      first.set(entry.value, entry);
      continue;
    }
    const fix = removal(node, index);
    yield {
      code: 'LINT_DUPLICATE_ITEM',
      severity: 'hint',
      message: `'${entry.value}' is in the list '${item.name}' already`,
      at: locationOf(entry),
      notes: [{ message: 'the first one is here', at: locationOf(before) }],
      ...(fix !== undefined && { fixes: [fix] }),
    };
  }
}

/** Takes an entry out of a list, unless a comment or an anchor stands beside it. */
function removal(seq: YamlSeq, index: number): Fix | undefined {
  const entry = seq.items[index];
  const before = seq.items[index - 1];
  if (entry === undefined || before === undefined || before.to > entry.from) return undefined;
  const { text } = seq.file;
  const start = before.to;
  const between = text.slice(start, entry.from);
  // `range` may end behind blanks or a line break.
  const end = entry.from + text.slice(entry.from, entry.to).trimEnd().length;
  const trimmed = text.slice(before.from, start).trimEnd().length + before.from;
  if (!/^[\s]*(?:,|\r?\n[ ]*-)\s*$/.test(text.slice(trimmed, start) + between)) return undefined;
  if (/^[ \t]*#/.test(text.slice(end))) return undefined;
  return {
    title: 'take the second one away',
    safe: true,
    edits: [{ at: seq.file.locate(trimmed, end), text: '' }],
  };
}

/** Equal parts of one `and` or `or`, and equal constants of one list. */
function* parts(condition: AuthoredCondition): Generator<LintFinding> {
  for (const node of nodesOf(condition.expr)) {
    if (node.kind === 'and' || node.kind === 'or') {
      const seen = new Set<string>();
      for (const item of node.items) {
        const text = printExpr(item);
        if (seen.has(text)) {
          yield {
            code: 'LINT_DUPLICATE_CONDITION',
            severity: 'hint',
            message: `this part stands in the same \`${node.kind}\` before`,
            at: condition.locate(item),
            help: 'take one of the two away, or look whether another field was meant',
          };
        }
        seen.add(text);
      }
    } else if (node.kind === 'compare' && node.right.kind === 'list') {
      const seen = new Set<string>();
      for (const constant of node.right.items) {
        if (seen.has(constant.text)) {
          yield {
            code: 'LINT_DUPLICATE_ITEM',
            severity: 'hint',
            message: `'${constant.text}' is in this list already`,
            at: condition.locate(constant),
          };
        }
        seen.add(constant.text);
      }
    }
  }
}
