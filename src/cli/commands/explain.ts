// `yarak explain`: what a rule, a macro, a list, a field or a diagnostic code means.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { nearest } from '../../base/nearest.ts';
import { CODE_PAGES, loadRules, type RuleSet } from '../../detect/rules/index.ts';
import { CliError, EXIT } from '../error.ts';
import { explainCode } from '../explain/code.ts';
import { explainField, nearestField } from '../explain/field.ts';
import { explainPart, explainRule } from '../explain/rule.ts';
import { readRuleFiles } from '../rule-files.ts';

export interface ExplainCommandOptions {
  readonly rules?: readonly string[];
  readonly emit?: string;
}

/** `src/cli/commands` and `dist/cli/commands` lie equally deep. */
const SHIPPED_RULES = join(import.meta.dirname, '../../../rules');

/** Runs the command. Throws `CliError` 2 with the nearest name for what there is not. */
export async function run(name: string, options: ExplainCommandOptions): Promise<number> {
  if (options.emit !== undefined && options.emit !== 'js') {
    throw new CliError(2, `unknown form ${JSON.stringify(options.emit)}; there is js`);
  }
  const code = name.toUpperCase();
  const page = CODE_PAGES.get(code);
  if (page !== undefined) return print(explainCode(code, page));
  const field = explainField(name);
  if (field !== undefined && options.emit === undefined) return print(field);
  const set = load(options.rules);
  const rule = set?.rules.find((one) => one.name === name) ?? set?.rules.find((one) => same(one.name, name));
  if (set !== undefined && rule !== undefined) {
    if (options.emit === 'js') {
      const { emitJs } = await import('../explain/emit.ts');
      return print(emitJs(rule));
    }
    const { shippedKnowledge } = await import('../../triage/index.ts');
    return print(explainRule(rule, set, shippedKnowledge()));
  }
  const part = set === undefined ? undefined : explainPart(name, set);
  if (part !== undefined) return print(part);
  throw new CliError(2, notFound(name, set));
}

/** The rules asked for, or those that ship with Yarak; rules that do not load are left out. */
function load(paths: readonly string[] | undefined): RuleSet | undefined {
  if (paths === undefined && !existsSync(SHIPPED_RULES)) return undefined;
  try {
    return loadRules(readRuleFiles(paths ?? [SHIPPED_RULES]), { partial: true });
  } catch (error) {
    if (paths === undefined && error instanceof CliError) return undefined;
    throw error;
  }
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function notFound(name: string, set: RuleSet | undefined): string {
  const named = set === undefined ? [] : [...set.rules, ...set.macros, ...set.lists].map((one) => one.name);
  const close =
    nearest(name, [...named, ...CODE_PAGES.keys()]) ?? (name.includes('.') ? nearestField(name) : undefined);
  const hint = close === undefined ? '' : `; did you mean ${JSON.stringify(close)}?`;
  const files = set === undefined ? ' (name rule files with -r)' : '';
  return `there is no rule, macro, list, field or code ${JSON.stringify(name)}${files}${hint}`;
}

function print(text: string): number {
  process.stdout.write(text);
  return EXIT.ok;
}
