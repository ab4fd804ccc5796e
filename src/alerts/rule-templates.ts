// Which rule printed this text? A rule's `output` is a template: its literal parts, in order, must all be there. The
// longest match wins; two equally long ones leave the rule unknown.

import type { FieldValue, Priority } from './alert.ts';
import { isFreeText, typedValue } from './text-keys.ts';

/** What is needed of a rule to recognise its text. Output formats as written in the rule file. */
export interface RuleOutput {
  readonly name: string;
  readonly output: string;
  readonly priority?: string;
  readonly source?: string;
  readonly tags?: readonly string[];
}

export interface TemplateMatch {
  readonly rule: RuleOutput;
  /** Fields read between the literals; only those whose ends are certain, and free texts in their longest reading. */
  readonly fields: ReadonlyMap<string, FieldValue>;
  readonly ambiguous: readonly string[];
  /** Keys of the template to its fields (`target` → `ka.target.name`), to read what follows. */
  readonly keys: ReadonlyMap<string, string>;
}

interface Template {
  readonly rule: RuleOutput;
  /** `literals[i]` stands before `tokens[i]`; the last literal ends the template. */
  readonly literals: readonly string[];
  readonly tokens: readonly (string | undefined)[];
  readonly weight: number;
  readonly keys: ReadonlyMap<string, string>;
}

const TOKEN =
  /%(?:\d{1,6})?(?:([a-z]+\([^%]{0,200}?\))|([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+(?:\[[^\]\s]{1,128}\])?))/g;
/** The field lists that Falco or an older `-pk` appends to every output. */
const SUFFIX = /(?: (?:k8s\.(?:ns|pod)|container(?:_id|_name|_image\w*)?|k8s_(?:pod|ns)_name)=[^\s]*)+\)?$/;

/** Recognises outputs of a set of rules. */
export class RuleTemplates {
  readonly #byStart = new Map<string, Template[]>();
  readonly #others: Template[] = [];

  constructor(rules: Iterable<RuleOutput>) {
    for (const rule of rules) {
      const template = compile(rule);
      if (template.weight < 8) continue;
      const start = startOf(template.literals[0] as string);
      if (start === undefined) this.#others.push(template);
      else {
        const list = this.#byStart.get(start);
        if (list === undefined) this.#byStart.set(start, [template]);
        else list.push(template);
      }
    }
  }

  /** The rule whose template `body` (an output without time and priority) fits; `undefined` if none or several do. */
  match(body: string, priority?: Priority): TemplateMatch | undefined {
    let best: Template | undefined;
    let tied = false;
    const start = startOf(body);
    for (const list of [start === undefined ? [] : (this.#byStart.get(start) ?? []), this.#others]) {
      for (const template of list) {
        if (best !== undefined && template.weight < best.weight) continue;
        if (!fits(template, body)) continue;
        if (best !== undefined && best.weight === template.weight && best.rule.name !== template.rule.name) {
          const samePriority = isPriority(template.rule, priority);
          if (isPriority(best.rule, priority) === samePriority) {
            tied = true;
            continue;
          }
          if (!samePriority) continue;
        }
        best = template;
        tied = false;
      }
    }
    if (best === undefined || tied) return undefined;
    return { rule: best.rule, keys: best.keys, ...extract(best, body) };
  }
}

function isPriority(rule: RuleOutput, priority: Priority | undefined): boolean {
  return rule.priority !== undefined && rule.priority.toLowerCase() === priority?.toLowerCase();
}

function startOf(text: string): string | undefined {
  return text.length < 8 ? undefined : text.slice(0, 8);
}

function compile(rule: RuleOutput): Template {
  const output = rule.output.trim().replace(/^\*/, '').replace(/\s+/g, ' ');
  const literals: string[] = [];
  const tokens: (string | undefined)[] = [];
  const keys = new Map<string, string>();
  let from = 0;
  for (const match of output.matchAll(TOKEN)) {
    const literal = output.slice(from, match.index);
    const field = match[2];
    literals.push(literal);
    tokens.push(field);
    const key = /(?:^|[\s(,|])([A-Za-z_][\w.[\]]*)=$/.exec(literal)?.[1];
    if (key !== undefined && field !== undefined) keys.set(key, field);
    from = match.index + match[0].length;
  }
  literals.push(output.slice(from));
  return { rule, literals, tokens, keys, weight: literals.join('').length };
}

/** Whether the literals appear in order, the first at the start. No backtracking: leftmost places suffice. */
function fits(template: Template, body: string): boolean {
  const [first, ...rest] = template.literals as [string, ...string[]];
  if (!body.startsWith(first)) return false;
  let at = first.length;
  for (const literal of rest) {
    const found = body.indexOf(literal, at);
    if (found === -1) return false;
    at = found + literal.length;
  }
  return true;
}

/**
 * The values between the literals, once with every literal as far left and once as far right as it goes. Where both
 * agree the value is certain. Where they do not, someone wrote a literal into a value: a free text keeps its longest
 * reading, anything else stays unknown.
 */
function extract(template: Template, body: string): { fields: Map<string, FieldValue>; ambiguous: string[] } {
  const { literals, tokens } = template;
  const end = body.length - (SUFFIX.exec(body.slice(-2048))?.[0].length ?? 0);
  const left: number[] = [0];
  for (let i = 1; i < literals.length; i++) {
    const from = (left[i - 1] as number) + (literals[i - 1] as string).length;
    left.push(
      i === literals.length - 1 && literals[i] === ''
        ? Math.max(end, from)
        : body.indexOf(literals[i] as string, from),
    );
  }
  const right: number[] = new Array(literals.length).fill(0);
  let limit = Math.max(end, (left[literals.length - 1] as number) + (literals.at(-1) as string).length);
  for (let i = literals.length - 1; i > 0; i--) {
    right[i] = body.lastIndexOf(literals[i] as string, limit - (literals[i] as string).length);
    if ((right[i] as number) < (left[i] as number)) right[i] = left[i] as number;
    limit = right[i] as number;
  }
  const fields = new Map<string, FieldValue>();
  const ambiguous: string[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const field = tokens[i];
    if (field === undefined) continue;
    const length = (literals[i] as string).length;
    const from = (left[i] as number) + length;
    const sure = left[i] === right[i] && left[i + 1] === right[i + 1];
    if (sure || isFreeText(field)) {
      const value = typedValue(field, body.slice(from, right[i + 1] as number).trim());
      const before = fields.get(field);
      if (before === undefined || before === null) fields.set(field, value);
    } else ambiguous.push(field);
  }
  for (const field of ambiguous) fields.delete(field);
  return { fields, ambiguous };
}
