// From conditions to something that runs fast on a stream of events. Events fall into kinds: by event code for system
// calls, by the values of one or two fields for other sources. Per kind, the rules are specialised once; a kind seen
// rarely is interpreted, a kind seen often gets generated code.

import {
  ASYNC_EVENT,
  EVENTS,
  GENERIC_ENTER,
  GENERIC_EXIT,
  PLUGIN_EVENT,
  type Value,
} from '../fields/index.ts';
import { generateProgram, type Program, type ProgramRule } from './codegen/emit.ts';
import { chooseIndexFields, type IndexField } from './index-fields.ts';
import { interpretTree } from './interpret.ts';
import type { FieldOperand, Reading } from './operand.ts';
import { type Given, Specialiser } from './specialise.ts';
import { type Node, type TreeBuilder, writtenSize } from './tree.ts';
import type { EventAccess } from './types.ts';

export type Generate = 'auto' | 'always' | 'never';

export interface PlanRule {
  readonly node: Node;
  /** Event codes that the rule can match; ignored for sources without event codes. */
  readonly codes: ReadonlySet<number>;
}

export interface PlanOptions {
  /** Stop at the first rule that matches. */
  readonly firstOnly: boolean;
  readonly generate: Generate;
}

/** Events of one kind after which generating code pays: it costs 1 to 50 ms. */
const WARM_EVENTS = 500;
/** Conditions that double with every level of macros are not interpreted: only generated code computes shares once. */
const MAX_INTERPRETED_SIZE = 50_000;

const NO_MATCH: readonly number[] = [];

/** One kind of events: how often it was seen, and what runs for it. */
interface Kind<E> {
  seen: number;
  readonly rules: readonly ProgramRule[];
  run: Program<E>;
  generated: boolean;
  source: string | undefined;
}

export class Plan<E> {
  readonly #access: EventAccess<E>;
  readonly #builder: TreeBuilder;
  readonly #rules: readonly PlanRule[];
  readonly #options: PlanOptions;
  readonly #kinds: (Kind<E> | undefined)[] = [];
  readonly #index: readonly IndexReader<E>[];
  /** Whether event codes tell events apart. */
  readonly #byCode: boolean;
  #canGenerate: boolean;

  constructor(
    access: EventAccess<E>,
    builder: TreeBuilder,
    rules: readonly PlanRule[],
    options: PlanOptions,
  ) {
    this.#access = access;
    this.#builder = builder;
    this.#rules = rules;
    this.#options = options;
    this.#byCode = access.source === 'syscall';
    this.#canGenerate = options.generate !== 'never';
    this.#index = this.#byCode
      ? []
      : chooseIndexFields(rules.map((rule) => rule.node)).map((f) => indexReader(f, access));
  }

  /** The positions of the rules that match, in order. `code` is the event's code, ignored where codes tell nothing. */
  match(event: E, code: number): readonly number[] {
    const key = this.#byCode ? code : this.#kindOf(event);
    const kind = this.#kinds[key] ?? this.#newKind(key);
    if (!kind.generated && ++kind.seen > WARM_EVENTS) this.#generate(kind, key);
    return kind.run(event) ?? NO_MATCH;
  }

  /** Whether any rule can match an event of this code: a source may skip decoding those that none can. */
  concerns(code: number): boolean {
    if (!this.#byCode) return this.#rules.length > 0;
    return (this.#kinds[code] ?? this.#newKind(code)).rules.length > 0;
  }

  /** The generated source for one event code, for people who want to read it. */
  source(code: number): string {
    const key = this.#byCode ? code : 0;
    const kind = this.#kinds[key] ?? this.#newKind(key);
    if (kind.source === undefined) this.#generate(kind, key);
    return kind.source ?? '';
  }

  #kindOf(event: E): number {
    let key = 0;
    for (const { read, numbers } of this.#index) {
      const value = read(event);
      const number = value === undefined ? 0 : (numbers.get(value as string) ?? 1);
      key = key * (numbers.size + 2) + number;
    }
    return key;
  }

  #newKind(key: number): Kind<E> {
    const specialiser = new Specialiser(this.#builder, this.#given(key));
    const rules: ProgramRule[] = [];
    let size = 0;
    const sizes = new Map<Node, number>();
    for (const [rule, { node, codes }] of this.#rules.entries()) {
      if (this.#byCode && !codes.has(key)) continue;
      const special = specialiser.run(node);
      if (special.kind === 'const' && !special.value) continue;
      rules.push({ rule, node: special });
      size += writtenSize(special, sizes);
    }
    const kind: Kind<E> = {
      seen: 0,
      rules,
      run: () => undefined,
      generated: rules.length === 0,
      source: undefined,
    };
    this.#kinds[key] = kind;
    if (rules.length === 0) return kind;
    if (this.#options.generate === 'always' || size > MAX_INTERPRETED_SIZE) this.#generate(kind, key);
    if (!kind.generated) kind.run = this.#interpreted(rules, key);
    return kind;
  }

  #given(key: number): Given {
    const access = this.#access;
    if (this.#byCode) {
      return (operand) => {
        const known = codeConstant(operand, key) ?? access.constant?.(operand.ref, key);
        if (known !== undefined) return { value: known };
        return lacksArgument(operand, key) || access.reader(operand.ref, key) === undefined
          ? { value: undefined }
          : undefined;
      };
    }
    const fixed = new Map<FieldOperand, { value: Value | undefined }>();
    let rest = key;
    for (const { operand, numbers } of [...this.#index].reverse()) {
      const number = rest % (numbers.size + 2);
      rest = Math.floor(rest / (numbers.size + 2));
      if (number === 0) fixed.set(operand, { value: undefined });
      for (const [value, n] of numbers) if (n === number) fixed.set(operand, { value });
    }
    return (operand) =>
      fixed.get(operand) ?? (access.reader(operand.ref) === undefined ? { value: undefined } : undefined);
  }

  #reader(key: number): (operand: FieldOperand) => Reading<E> | undefined {
    const code = this.#byCode ? key : undefined;
    return ({ ref }) => this.#access.reader(ref, code);
  }

  #interpreted(rules: readonly ProgramRule[], key: number): Program<E> {
    const memo = new Map<Node, (event: E) => boolean>();
    const compiled = rules.map(({ rule, node }) => ({
      rule,
      test: interpretTree(node, this.#reader(key), (event: E) => this.#access.timeNs(event), memo),
    }));
    const { firstOnly } = this.#options;
    return (event) => {
      let out: number[] | undefined;
      for (const { rule, test } of compiled) {
        if (!test(event)) continue;
        if (firstOnly) return [rule];
        (out ??= []).push(rule);
      }
      return out;
    };
  }

  #generate(kind: Kind<E>, key: number): void {
    kind.generated = true;
    if (!this.#canGenerate) return;
    try {
      const { run, source } = generateProgram(
        kind.rules,
        this.#access,
        this.#reader(key),
        this.#options.firstOnly,
      );
      kind.run = run;
      kind.source = source;
    } catch (error) {
      // A runtime started with --disallow-code-generation-from-strings: interpret instead.
      if (!(error instanceof EvalError)) throw error;
      this.#canGenerate = false;
      kind.generated = this.#options.generate !== 'always';
      if (!kind.generated) kind.run = this.#interpreted(kind.rules, key);
    }
  }
}

interface IndexReader<E> {
  readonly operand: FieldOperand;
  readonly read: Reading<E>;
  /** From 2; 0 is "absent", 1 any value that no rule asks for. */
  readonly numbers: ReadonlyMap<string, number>;
}

function indexReader<E>({ operand, values }: IndexField, access: EventAccess<E>): IndexReader<E> {
  return {
    operand,
    read: access.reader(operand.ref) ?? (() => undefined),
    numbers: new Map([...values].map((value, i) => [value, i + 2])),
  };
}

/** Names that an event code alone does not decide. */
const NAMELESS = new Set([GENERIC_ENTER, GENERIC_EXIT, ASYNC_EVENT, PLUGIN_EVENT]);

/** What the event table says about a field of a system call's events. */
function codeConstant({ ref }: FieldOperand, code: number): Value | undefined {
  const info = EVENTS[code];
  if (info === undefined || NAMELESS.has(code)) return undefined;
  if (ref.def.name === 'evt.type') return info.name;
  if (ref.def.name === 'evt.type.is') return info.name === ref.arg ? 1 : 0;
  return undefined;
}

/** `evt.arg.NAME` and `evt.rawarg.NAME` of events that have no parameter of that name. */
function lacksArgument({ ref }: FieldOperand, code: number): boolean {
  if (ref.def.name !== 'evt.arg' && ref.def.name !== 'evt.rawarg') return false;
  const params = EVENTS[code]?.params;
  if (params === undefined || ref.arg === undefined) return false;
  if (/^[0-9]+$/.test(ref.arg)) return Number(ref.arg) >= params.length;
  return !params.some((param) => param.name === ref.arg);
}
