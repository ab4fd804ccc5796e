// Rules of one kind of event as one JavaScript function. Fields are read lazily and at most once per event, shared
// sub-expressions are computed once, and the rules are spread over functions of about a dozen, which V8 optimises much
// sooner than one large function. docs/performance.md tells what each of these gains.

import { applyFold, applyPair, interpretTree, isAround } from '../interpret.ts';
import type { FieldOperand, Operand, Reading } from '../operand.ts';
import { operandReader } from '../operand.ts';
import type { Scalar, Test } from '../ops/test.ts';
import type { CheckNode, Node, PairNode } from '../tree.ts';
import type { EventAccess } from '../types.ts';
import { type Code, EMPTY, evaluate, join, js, name, Scope } from './js.ts';

/** One rule of the program: what the engine calls it, and its specialised condition. */
export interface ProgramRule {
  readonly rule: number;
  readonly node: Node;
}

/** Runs the rules on one event; the numbers of those that match, in order. `undefined`: none. */
export type Program<E> = (event: E) => number[] | undefined;

const RULES_PER_FUNCTION = 12;
/** Nodes per function; a larger rule gets a function of its own, and one beyond `MAX_RULE_NODES` is interpreted. */
const NODES_PER_FUNCTION = 1500;
const MAX_RULE_NODES = 20_000;

/** Fields that have certainly been read when a condition came out true, or false. */
interface Emitted {
  readonly code: Code;
  readonly whenTrue: ReadonlySet<string>;
  readonly whenFalse: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

function union(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  return a.size === 0 ? b : b.size === 0 ? a : new Set([...a, ...b]);
}
function intersection(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  return a.size === 0 || b.size === 0 ? NONE : new Set([...a].filter((item) => b.has(item)));
}

class Emitter<E> {
  readonly #scope = new Scope();
  readonly #reader: (operand: FieldOperand) => Reading<E> | undefined;
  readonly #access: EventAccess<E>;
  /** Variables that hold operands: `null` is "not read yet". */
  readonly #operands = new Map<string, Code>();
  /** Variables that hold shared conditions: 0 not computed, 1 true, 2 false. */
  readonly #shared = new Map<Node, { readonly variable: Code; readonly compute: Code }>();
  /** The functions that compute the shared conditions. */
  readonly #functions: Code[] = [];
  readonly #uses: ReadonlyMap<Node, number>;
  readonly #sizes = new Map<Node, number>();

  constructor(
    access: EventAccess<E>,
    reader: (operand: FieldOperand) => Reading<E> | undefined,
    rules: readonly ProgramRule[],
  ) {
    this.#access = access;
    this.#reader = reader;
    this.#uses = countUses(rules.map((rule) => rule.node));
  }

  program(rules: readonly ProgramRule[], firstOnly: boolean): Code {
    const groups = this.#split(rules).map((group, i) => ({
      fn: name(`g${i}`),
      body: join(
        group.map((rule) => this.#rule(rule, firstOnly)),
        EMPTY,
      ),
    }));
    const functions = join(
      groups.map(({ fn, body }) => js`function ${fn}(e, out) {\n${body}return out;\n}\n`),
      EMPTY,
    );
    const stop = firstOnly ? js` if (out !== undefined) return out;` : EMPTY;
    const calls = join(
      groups.map(({ fn }) => js`out = ${fn}(e, out);${stop}\n`),
      EMPTY,
    );
    const reset = (variables: Iterable<Code>, value: Code): Code => {
      const list = [...variables];
      return list.length === 0 ? EMPTY : js`${join(list, js` = `)} = ${value};\n`;
    };
    const declare = (variables: Iterable<Code>): Code => {
      const list = [...variables];
      return list.length === 0 ? EMPTY : js`let ${join(list, js`, `)};\n`;
    };
    const operands = [...this.#operands.values()];
    const shared = [...this.#shared.values()].map(({ variable }) => variable);
    return js`${declare(operands)}${declare(shared)}${join(this.#functions, EMPTY)}${functions}return function run(e) {
${reset(operands, js`null`)}${reset(shared, js`0`)}let out;
${calls}return out;
};`;
  }

  get scope(): Scope {
    return this.#scope;
  }

  #rule({ rule, node }: ProgramRule, firstOnly: boolean): Code {
    const condition =
      this.#size(node) > MAX_RULE_NODES ? this.#interpreted(node) : this.#node(node, NONE).code;
    const found = firstOnly ? js`return [${rule}]` : js`(out ??= []).push(${rule})`;
    return js`if (${condition}) ${found};\n`;
  }

  /** A condition too large to compile: a call to its closure. */
  #interpreted(node: Node): Code {
    const run = interpretTree(node, this.#reader, (event: E) => this.#access.timeNs(event));
    return js`${this.#scope.add(run)}(e)`;
  }

  #node(node: Node, read: ReadonlySet<string>): Emitted {
    if (this.#isShared(node)) {
      let shared = this.#shared.get(node);
      if (shared === undefined) {
        const n = this.#shared.size;
        shared = { variable: name(`c${n}`), compute: name(`s${n}`) };
        this.#shared.set(node, shared);
        const { variable, compute } = shared;
        const body =
          this.#size(node) > MAX_RULE_NODES ? this.#interpreted(node) : this.#plain(node, NONE).code;
        this.#functions.push(js`function ${compute}(e) { return ${variable} = ${body} ? 1 : 2; }\n`);
      }
      const { variable, compute } = shared;
      // Whoever asked first may have read the fields, or somebody before: nothing is certain afterwards.
      const code = js`((${variable} === 0 ? ${compute}(e) : ${variable}) === 1)`;
      return { code, whenTrue: NONE, whenFalse: NONE };
    }
    return this.#plain(node, read);
  }

  #isShared(node: Node): boolean {
    return (this.#uses.get(node) ?? 0) > 1 && isWorthSharing(node);
  }

  /** Nodes that a condition's own code has: shared parts are calls. */
  #size(node: Node): number {
    let size = this.#sizes.get(node);
    if (size === undefined) {
      const of = (item: Node): number => (this.#isShared(item) ? 1 : this.#size(item));
      if (node.kind === 'and' || node.kind === 'or') size = node.items.reduce((n, item) => n + of(item), 1);
      else size = node.kind === 'not' ? 1 + of(node.item) : 1;
      this.#sizes.set(node, size);
    }
    return size;
  }

  /** Rules in functions of about a dozen, fewer where they are large. */
  #split(rules: readonly ProgramRule[]): ProgramRule[][] {
    const groups: ProgramRule[][] = [];
    let weight = 0;
    for (const rule of rules) {
      const nodes = this.#size(rule.node);
      const group = groups[groups.length - 1];
      if (group === undefined || group.length >= RULES_PER_FUNCTION || weight + nodes > NODES_PER_FUNCTION) {
        groups.push([rule]);
        weight = nodes;
      } else {
        group.push(rule);
        weight += nodes;
      }
    }
    return groups;
  }

  #plain(node: Node, read: ReadonlySet<string>): Emitted {
    switch (node.kind) {
      case 'const':
        return { code: js`${node.value}`, whenTrue: NONE, whenFalse: NONE };
      case 'not': {
        const item = this.#node(node.item, read);
        return { code: js`!${item.code}`, whenTrue: item.whenFalse, whenFalse: item.whenTrue };
      }
      case 'and':
      case 'or':
        return this.#junction(node.kind, node.items, read);
      case 'check':
        return this.#check(node, read);
      case 'pair':
        return this.#pair(node, read);
      case 'around': {
        const { ts, withinNs } = node;
        const access = this.#access;
        const near = this.#scope.add((event: E) => isAround(access.timeNs(event), ts, withinNs));
        return { code: js`${near}(e)`, whenTrue: NONE, whenFalse: NONE };
      }
    }
  }

  /** `and`: what all items have read when it is true, what some prefix has certainly read when it is false. */
  #junction(kind: 'and' | 'or', items: readonly Node[], read: ReadonlySet<string>): Emitted {
    let through: ReadonlySet<string> = NONE;
    let out: ReadonlySet<string> | undefined;
    const codes: Code[] = [];
    for (const item of items) {
      const emitted = this.#node(item, union(read, through));
      const [next, left] =
        kind === 'and' ? [emitted.whenTrue, emitted.whenFalse] : [emitted.whenFalse, emitted.whenTrue];
      const leaving = union(through, left);
      out = out === undefined ? leaving : intersection(out, leaving);
      through = union(through, next);
      codes.push(emitted.code);
    }
    const code = js`(${join(codes, kind === 'and' ? js` && ` : js` || `)})`;
    const rest = out ?? NONE;
    return kind === 'and'
      ? { code, whenTrue: through, whenFalse: rest }
      : { code, whenTrue: rest, whenFalse: through };
  }

  #check(node: CheckNode, read: ReadonlySet<string>): Emitted {
    const value = this.#operand(node.operand, read);
    if (node.test.op === 'false') return { code: js`false`, whenTrue: NONE, whenFalse: NONE };
    const certain = new Set([node.operand.key]);
    const again = this.#variable(node.operand);
    let code: Code;
    if (node.fold === 'one') code = this.#test(node.test, value, again);
    else {
      const { fold, run } = node;
      code = js`${this.#scope.add((v: Parameters<typeof applyFold>[2]) => applyFold(fold, run, v))}(${value})`;
    }
    return { code: js`(${code})`, whenTrue: certain, whenFalse: certain };
  }

  #pair(node: PairNode, read: ReadonlySet<string>): Emitted {
    const left = this.#operand(node.left, read);
    const right = this.#operand(node.right, union(read, new Set([node.left.key])));
    const { fold, run } = node;
    type V = Parameters<typeof applyPair>[2];
    const compare = this.#scope.add((a: V, b: V) => applyPair(fold, run, a, b));
    const certain = new Set([node.left.key, node.right.key]);
    return { code: js`${compare}(${left}, ${right})`, whenTrue: certain, whenFalse: certain };
  }

  /**
   * A test on one value. `value` reads it, and must be evaluated first and once; `again` is the variable that holds it
   * afterwards. Comparisons with `undefined` are false by themselves, except `!==`.
   */
  #test(test: Test, value: Code, again: Code): Code {
    switch (test.op) {
      case 'true':
        return js`${value} !== undefined`;
      case 'false':
        return js`false`;
      case 'eq':
        return js`${value} === ${this.#constant(test.value)}`;
      case 'int-eq':
        return js`${value} == ${this.#constant(test.value)}`;
      case 'in':
        return js`${this.#scope.add(test.values)}.has(${value})`;
      case 'lt':
        return js`${value} < ${this.#constant(test.value)}`;
      case 'le':
        return js`${value} <= ${this.#constant(test.value)}`;
      case 'gt':
        return js`${value} > ${this.#constant(test.value)}`;
      case 'ge':
        return js`${value} >= ${this.#constant(test.value)}`;
      default:
        return js`${value} !== undefined && ${this.#extracted(test, again)}`;
    }
  }

  /** A test on a value that is known to be extracted, and is in the variable `v`. */
  #extracted(test: Test, v: Code): Code {
    switch (test.op) {
      case 'true':
        return js`true`;
      case 'ne':
        return js`${v} !== ${this.#constant(test.value)}`;
      case 'int-ne':
        return js`${v} != ${this.#constant(test.value)}`;
      case 'contains':
        return js`${v}.includes(${this.#scope.add(test.value)})`;
      case 'startswith':
        return js`${v}.startsWith(${this.#scope.add(test.value)})`;
      case 'endswith':
        return js`${v}.endsWith(${this.#scope.add(test.value)})`;
      case 'call':
        return js`${this.#scope.add(test.run)}(${v})`;
      case 'not':
        return js`!(${this.#extracted(test.item, v)})`;
      case 'and':
      case 'or': {
        const items = test.items.map((item) => js`(${this.#extracted(item, v)})`);
        return js`(${join(items, test.op === 'and' ? js` && ` : js` || `)})`;
      }
      case 'one': {
        const items = test.items.map((item) => js`(${this.#extracted(item, v)} ? 1 : 0)`);
        return js`(${join(items, js` + `)}) === 1`;
      }
      default:
        return this.#test(test, v, v);
    }
  }

  /** Small integers and booleans as literals, everything else through the scope. */
  #constant(value: Scalar): Code {
    if (typeof value === 'boolean') return js`${value}`;
    return typeof value === 'number' ? js`${value}` : this.#scope.add(value);
  }

  #variable(operand: Operand): Code {
    let variable = this.#operands.get(operand.key);
    if (variable === undefined) {
      variable = name(`f${this.#operands.size}`);
      this.#operands.set(operand.key, variable);
    }
    return variable;
  }

  /** The operand's value: its variable, filled on first use. */
  #operand(operand: Operand, read: ReadonlySet<string>): Code {
    const variable = this.#variable(operand);
    if (read.has(operand.key)) return variable;
    return js`(${variable} === null ? (${variable} = ${this.#compute(operand, read)}) : ${variable})`;
  }

  #compute(operand: Operand, read: ReadonlySet<string>): Code {
    if (operand.kind === 'field') {
      const reader = this.#reader(operand);
      return reader === undefined ? js`undefined` : js`${this.#scope.add(reader)}(e)`;
    }
    if (operand.kind === 'transform' && operand.args.length === 1) {
      const { apply } = operand;
      type V = Parameters<typeof apply>[0][number];
      const run = this.#scope.add((v: V | undefined) => (v === undefined ? undefined : apply([v])));
      return js`${run}(${this.#operand(operand.args[0] as Operand, read)})`;
    }
    return js`${this.#scope.add(operandReader(operand, this.#reader))}(e)`;
  }
}

/** Leaf checks that cost no more than looking up a remembered answer are not shared. */
function isWorthSharing(node: Node): boolean {
  if (node.kind === 'const') return false;
  if (node.kind === 'not') return false;
  if (node.kind !== 'check') return true;
  const { op } = node.test;
  return (
    node.fold !== 'one' || op === 'call' || op === 'contains' || op === 'and' || op === 'or' || op === 'one'
  );
}

function countUses(roots: readonly Node[]): ReadonlyMap<Node, number> {
  const uses = new Map<Node, number>();
  const visit = (node: Node): void => {
    const seen = uses.get(node) ?? 0;
    uses.set(node, seen + 1);
    if (seen > 0) return;
    if (node.kind === 'and' || node.kind === 'or') for (const item of node.items) visit(item);
    else if (node.kind === 'not') visit(node.item);
  };
  for (const root of roots) visit(root);
  return uses;
}

/** Compiles the rules of one kind of event. Throws `EvalError` where the runtime forbids generated code. */
export function generateProgram<E>(
  rules: readonly ProgramRule[],
  access: EventAccess<E>,
  reader: (operand: FieldOperand) => Reading<E> | undefined,
  firstOnly: boolean,
): { readonly run: Program<E>; readonly source: string } {
  const emitter = new Emitter(access, reader, rules);
  const code = emitter.program(rules, firstOnly);
  return { run: evaluate(code, emitter.scope) as Program<E>, source: String(code) };
}
