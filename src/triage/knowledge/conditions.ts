// `when:` texts to parsed conditions: macros and lists of the packs put in place, every field known to the catalogue
// or derived by us.

import { nearest } from '../../base/nearest.ts';
import { anySourceResolver } from '../../detect/engine/index.ts';
import {
  type Expr,
  type FieldExpr,
  type ListLiteral,
  parseCondition,
  type TransformArg,
} from '../../detect/lang/index.ts';
import { DERIVED } from '../derived/catalogue.ts';
import type { Condition } from './types.ts';

export interface Names {
  readonly lists: ReadonlyMap<string, readonly string[]>;
  readonly macros: ReadonlyMap<string, string>;
}

export type ParsedCondition =
  | { readonly condition: Condition; readonly error?: undefined }
  | { readonly condition?: undefined; readonly error: string; readonly help?: string };

/** Parses and resolves one condition. Never throws. */
export function resolveCondition(text: string, names: Names): ParsedCondition {
  const resolver = new Resolver(names);
  const expr = resolver.parse(text, []);
  const [problem] = resolver.problems;
  if (expr === undefined || problem !== undefined) {
    return {
      error: problem?.message ?? 'Not a condition',
      ...(problem?.help === undefined ? {} : { help: problem.help }),
    };
  }
  return { condition: { text, expr, fields: [...resolver.fields].sort() } };
}

class Resolver {
  readonly problems: { message: string; help?: string }[] = [];
  readonly fields = new Set<string>();
  readonly #names: Names;

  constructor(names: Names) {
    this.#names = names;
  }

  parse(text: string, within: readonly string[]): Expr | undefined {
    const { expr, error } = parseCondition(text.replace(/\s+/g, ' ').trim());
    if (error !== undefined) {
      this.problems.push({
        message: `Condition does not parse at column ${error.column}: ${error.reason ?? error.message}`,
      });
      return undefined;
    }
    return this.#expr(expr, within);
  }

  #expr(expr: Expr, within: readonly string[]): Expr {
    switch (expr.kind) {
      case 'and':
      case 'or':
        return { ...expr, items: expr.items.map((item) => this.#expr(item, within)) };
      case 'not':
        return { ...expr, item: this.#expr(expr.item, within) };
      case 'macro': {
        const body = within.includes(expr.name) ? undefined : this.#names.macros.get(expr.name);
        if (body !== undefined) return this.parse(body, [...within, expr.name]) ?? expr;
        const guess = nearest(expr.name, this.#names.macros.keys());
        this.problems.push({
          message: `No macro \`${expr.name}\`${within.includes(expr.name) ? ' that does not contain itself' : ''}`,
          ...(guess === undefined ? {} : { help: `Did you mean \`${guess}\`?` }),
        });
        return expr;
      }
      case 'exists':
        this.#field(expr.left);
        return expr;
      case 'compare':
        this.#field(expr.left);
        if (expr.right.kind === 'list') return { ...expr, right: this.#list(expr.right) };
        if (expr.right.kind !== 'literal') this.#field(expr.right);
        return expr;
    }
  }

  #list(list: ListLiteral): ListLiteral {
    return {
      ...list,
      items: list.items.flatMap((item) => {
        const values = item.form === 'bare' ? this.#names.lists.get(item.text) : undefined;
        return values === undefined
          ? [item]
          : values.map((text) => ({ ...item, text, form: 'quoted' as const }));
      }),
    };
  }

  #field(expr: FieldExpr | TransformArg): void {
    if (expr.kind === 'transform') for (const arg of expr.args) this.#field(arg);
    else if (expr.kind === 'arg-list') for (const arg of expr.items) this.#field(arg);
    else if (expr.kind === 'field') {
      if (!DERIVED.has(expr.name) && anySourceResolver(expr) === undefined) {
        const guess = nearest(expr.name, DERIVED.keys());
        this.problems.push({
          message: `No field \`${expr.name}\``,
          ...(guess === undefined ? {} : { help: `Did you mean \`${guess}\`?` }),
        });
      }
      this.fields.add(expr.arg === undefined ? expr.name : `${expr.name}[${expr.arg}]`);
    }
  }
}
