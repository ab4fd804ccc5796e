// Compiles everything that was collected so far (rule_loader_compiler): lists, then macros, then rules. Falco stops at
// the first error; the rest is compiled too, so that an author sees all of it, but only the first counts as Falco's.

import type { Location, Note } from '../../base/diagnostic.ts';
import { nearest } from '../../base/nearest.ts';
import type { FieldCatalogue } from '../fields/index.ts';
import {
  type CheckHint,
  type CheckIssue,
  type ConditionChecker,
  EventCodeInference,
  type Expr,
  type LeafFinding,
  type MacroRef,
  parseCondition,
  parseFormat,
  printExpr,
} from '../lang/index.ts';
import type { Collector } from './collector.ts';
import { plainException, withExceptions } from './exceptions.ts';
import { type Findings, LoadFailure } from './findings.ts';
import type { MacroInfo, RuleInfo } from './items.ts';
import { ListTable } from './lists.ts';
import { resolveMacros } from './macros.ts';
import type { MappedText } from './mapped-text.ts';
import { byBytes, fieldNames } from './names.ts';
import type { ListItem, MacroItem, PlaceOf, Rule } from './types.ts';

/** More event codes than this make a syscall rule slow everywhere. */
const MANY_EVENT_CODES = 100;
const NO_CODES: ReadonlySet<number> = new Set();

/** Fields that Falco has given up, though they still compile. */
const DEPRECATED = [
  'evt.dir',
  'evt.latency',
  'evt.latency.s',
  'evt.latency.ns',
  'evt.latency.human',
  'evt.wait_latency',
];

/** Errors that `skip-if-unknown-filter` forgives. */
const UNKNOWN_FILTER = /nonexistent field|invalid formatting token|unknown event type|unknown filter:/;

export interface Compiled {
  readonly rules: readonly Rule[];
  readonly macros: readonly MacroItem[];
  readonly lists: readonly ListItem[];
  readonly placeOf: PlaceOf;
}

interface CompiledMacro {
  readonly info: MacroInfo;
  expr: Expr | undefined;
  used: boolean;
}

export class Compiler {
  readonly #collector: Collector;
  readonly #findings: Findings;
  readonly #checkerOf: (source: string) => ConditionChecker | undefined;
  readonly #lists: ListTable;
  readonly #macros = new Map<string, CompiledMacro>();
  readonly #inference = new EventCodeInference();
  /** The text that each leaf was parsed from: its offsets mean nothing elsewhere. */
  readonly #texts = new WeakMap<Expr, MappedText>();

  constructor(
    collector: Collector,
    findings: Findings,
    checkerOf: (source: string) => ConditionChecker | undefined,
  ) {
    this.#collector = collector;
    this.#findings = findings;
    this.#checkerOf = checkerOf;
    this.#lists = new ListTable(collector.lists.values());
  }

  compile(): Compiled {
    for (const info of inOrder(this.#collector.macros))
      this.#macros.set(info.name, { info, expr: undefined, used: false });
    for (const macro of this.#macros.values()) {
      macro.expr = this.#findings.attempt(() => this.#parse(macro.info.condition, macro.info.at));
    }
    for (const macro of this.#macros.values()) {
      if (macro.expr !== undefined)
        macro.expr = this.#findings.attempt(() =>
          this.#resolve(macro.expr as Expr, macro.info.visibility, macro.info),
        );
    }
    const rules: Rule[] = [];
    for (const info of inOrder(this.#collector.rules)) {
      const rule = info.unknownSource ? undefined : this.#findings.attempt(() => this.#rule(info));
      if (rule !== undefined) rules.push(rule);
    }
    if (!this.#findings.failed) this.#warnUnused();
    return {
      rules,
      macros: [...this.#macros.values()].map(({ info, expr, used }) => ({
        name: info.name,
        conditionText: info.condition.text,
        condition: expr,
        used,
        at: info.at,
      })),
      lists: [...this.#lists.entries()].map(({ info, items, used }) => ({
        name: info.name,
        items: items.map((item) => item.value),
        used,
        at: info.at,
      })),
      placeOf: (leaf, part = leaf) => this.#texts.get(leaf)?.locate(part.from, part.to),
    };
  }

  /** Expands lists and parses. The `at` of an item stands in where nothing of the text has a place. */
  #parse(condition: MappedText, at: Location): Expr {
    const text = this.#lists.expand(condition);
    const { expr, error } = parseCondition(text.text);
    if (error !== undefined) {
      const place = text.locate(error.span.from, error.span.to);
      throw new LoadFailure('LOAD_ERR_COMPILE_CONDITION', error.message, place?.at ?? at, {
        code: 'CONDITION_SYNTAX',
        ...(error.reason !== undefined && { message: `${error.message}: ${error.reason}` }),
        ...(place && { notes: place.notes }),
      });
    }
    this.#remember(expr, text);
    return expr;
  }

  #remember(expr: Expr, text: MappedText): void {
    const open: Expr[] = [expr];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (node.kind === 'and' || node.kind === 'or') for (const item of node.items) open.push(item);
      else if (node.kind === 'not') open.push(node.item);
      else this.#texts.set(node, text);
    }
  }

  #place(
    leaf: Expr,
    span: { readonly from: number; readonly to: number },
    at: Location,
  ): { at: Location; notes: readonly Note[] } {
    return this.#texts.get(leaf)?.locate(span.from, span.to) ?? { at, notes: [] };
  }

  /**
   * Puts macros in place. A macro sees those first defined before its own last change; a rule (`visibility` of
   * infinity) sees all.
   */
  #resolve(expr: Expr, visibility: number, within: { readonly at: Location }): Expr {
    const visible = (name: string) => {
      const macro = this.#macros.get(name);
      return macro !== undefined && macro.info.index < visibility ? macro : undefined;
    };
    const used: CompiledMacro[] = [];
    const result = resolveMacros(
      expr,
      (name) => visible(name)?.expr,
      (name) => {
        const macro = visible(name);
        if (macro !== undefined) used.push(macro);
      },
    );
    if ('kind' in result) {
      const { kind, name, ref } = result;
      if (kind === 'loop') throw this.#loop(ref);
      if (kind === 'undefined') {
        const hidden = visible(name) === undefined ? this.#macros.get(name)?.info : undefined;
        throw this.#undefined(ref, hidden, within);
      }
      const place = this.#place(ref, ref, within.at);
      throw new LoadFailure(
        'LOAD_ERR_COMPILE_CONDITION',
        'the condition is too large once its macros are put in place',
        place.at,
        { code: 'RULES_TOO_LARGE', notes: place.notes },
      );
    }
    for (const macro of used) macro.used = true;
    return result.expr;
  }

  #undefined(node: MacroRef, tooLate: MacroInfo | undefined, within: { readonly at: Location }): LoadFailure {
    const place = this.#place(node, node, within.at);
    const near = tooLate === undefined ? nearest(node.name, this.#macros.keys()) : undefined;
    const help =
      tooLate !== undefined
        ? `the macro '${node.name}' is defined after this one; a macro only sees macros before it`
        : near && `did you mean '${near}'?`;
    return new LoadFailure('LOAD_ERR_VALIDATE', `Undefined macro '${node.name}' used in filter.`, place.at, {
      notes:
        tooLate === undefined
          ? place.notes
          : [...place.notes, { message: 'it is defined here', at: tooLate.at }],
      ...(help !== undefined && { help }),
    });
  }

  #loop(node: MacroRef): LoadFailure {
    const info = this.#macros.get(node.name)?.info;
    const place = this.#place(node, node, info?.at ?? { file: '', from: 0, to: 0, line: 1, column: 1 });
    return new LoadFailure('LOAD_ERR_VALIDATE', `reference loop in macro '${node.name}'`, place.at, {
      notes: place.notes,
    });
  }

  #rule(info: RuleInfo): Rule | undefined {
    const checker = this.#checkerOf(info.source);
    if (checker === undefined) return undefined;
    const text = withExceptions(info.condition, info.exceptions);
    // Falco looks at the output before it parses the condition. Where that fails the author is told of both.
    const skipped = this.#findings.attempt(() => this.#output(info, checker.catalogue));
    if (skipped === true) return undefined;
    const condition = this.#resolve(this.#parse(text, info.at), Number.POSITIVE_INFINITY, info);
    const { issues, leaves } = checker.check(condition);
    for (const leaf of leaves)
      for (const hint of leaf.hints)
        if (hint.code === 'LOAD_UNSAFE_NA_CHECK') this.#hint(leaf.leaf, hint, info);
    const [first, ...others] = leaves.filter((leaf) => leaf.issue !== undefined);
    if (first?.issue !== undefined) {
      const { issue } = first;
      if (info.skipIfUnknownFilter && UNKNOWN_FILTER.test(issue.message)) {
        const place = this.#place(first.leaf, issue.at, info.at);
        this.#findings.warn(
          'LOAD_UNKNOWN_FILTER',
          issue.message,
          place.at,
          this.#details(issue, place.notes),
        );
        return undefined;
      }
      for (const one of [first, ...others]) {
        const found = one.issue as CheckIssue;
        const place = this.#place(one.leaf, found.at, info.at);
        this.#findings.fail(
          new LoadFailure(
            'LOAD_ERR_COMPILE_CONDITION',
            found.message,
            place.at,
            this.#details(found, place.notes),
          ),
        );
      }
      return undefined;
    }
    if (issues.length > 0 || skipped === undefined) return undefined;
    const eventCodes = info.source === 'syscall' ? this.#inference.codes(condition) : NO_CODES;
    this.#warnCondition(info, condition, leaves, eventCodes);
    return {
      index: info.index,
      name: info.name,
      source: info.source,
      priority: info.priority,
      desc: info.desc,
      tags: [...info.tags].sort(byBytes),
      output: info.output.text,
      enabled: info.enabled,
      capture: info.capture,
      captureDurationMs: info.captureDurationMs,
      condition,
      compiled: printExpr(condition),
      conditionText: info.condition.text,
      exceptions: info.exceptions.map(plainException),
      eventCodes,
      at: info.at,
    };
  }

  #details(issue: CheckIssue, notes: readonly Note[]) {
    return {
      code: issue.code,
      notes,
      ...(issue.suggestion !== undefined && { help: `did you mean '${issue.suggestion}'?` }),
    };
  }

  /** Checks the output. True if the rule is to be skipped. */
  #output(info: RuleInfo, catalogue: FieldCatalogue): boolean {
    // Falco puts nothing in its place; it stands for the fields that `suggested_output` adds now.
    const text = info.output.text.replaceAll('%container.info', '');
    const { error } = parseFormat(`*${text}`, catalogue);
    if (error !== undefined) {
      const offset = info.output.text === text ? -1 : 0;
      const place = info.output.locate(
        Math.max(0, error.at.from + offset),
        Math.max(0, error.at.to + offset),
      );
      const details = {
        ...(place && { notes: place.notes }),
        ...(error.reason !== undefined && { message: `${error.message} (${error.reason})` }),
        ...(error.suggestion !== undefined && { help: `did you mean '${error.suggestion}'?` }),
      };
      if (info.skipIfUnknownFilter && UNKNOWN_FILTER.test(error.message)) {
        this.#findings.warn('LOAD_UNKNOWN_FILTER', error.message, place?.at ?? info.at, details);
        return true;
      }
      throw new LoadFailure('LOAD_ERR_COMPILE_OUTPUT', error.message, place?.at ?? info.at, details);
    }
    for (const name of ['container.info', ...DEPRECATED]) {
      const at = info.output.text.indexOf(`%${name}`);
      if (at < 0) continue;
      const place = info.output.locate(at, at + name.length + 1);
      this.#findings.warn(
        'LOAD_DEPRECATED_ITEM',
        `usage of deprecated field '${name}' in the output`,
        place?.at ?? info.at,
        {},
      );
    }
    return false;
  }

  #warnCondition(
    info: RuleInfo,
    condition: Expr,
    leaves: readonly LeafFinding[],
    codes: ReadonlySet<number>,
  ): void {
    for (const leaf of leaves)
      for (const hint of leaf.hints)
        if (hint.code !== 'LOAD_UNSAFE_NA_CHECK') this.#hint(leaf.leaf, hint, info);
    if (info.source === 'syscall' && info.warnEvttypes && codes.size > MANY_EVENT_CODES) {
      this.#findings.warn(
        'LOAD_NO_EVTTYPE',
        'Rule matches too many evt.type values. This has a significant performance penalty.',
        info.at,
        {
          help: 'start the condition with the event types that it is about, as in `evt.type in (execve, execveat) and …`',
        },
      );
    }
    const named = fieldNames(condition);
    for (const name of DEPRECATED) {
      if (named.has(name))
        this.#findings.warn(
          'LOAD_DEPRECATED_ITEM',
          `usage of deprecated field '${name}' in the condition`,
          info.at,
        );
    }
  }

  #hint(leaf: Expr, hint: CheckHint, info: RuleInfo): void {
    const place = this.#place(leaf, hint.at, info.at);
    this.#findings.warn(
      hint.code === 'LOAD_UNSAFE_NA_CHECK' ? 'LOAD_UNSAFE_NA_CHECK' : 'LOAD_COMPILE_CONDITION',
      hint.message,
      place.at,
      { notes: place.notes },
    );
  }

  #warnUnused(): void {
    for (const { info, used } of this.#macros.values()) {
      if (!used)
        this.#findings.warn('LOAD_UNUSED_MACRO', 'Macro not referred to by any other rule/macro', info.at);
    }
    for (const { info, used } of this.#lists.entries()) {
      if (!used)
        this.#findings.warn('LOAD_UNUSED_LIST', 'List not referred to by any other rule/macro', info.at);
    }
  }
}

function inOrder<T extends { readonly index: number }>(table: ReadonlyMap<string, T>): T[] {
  return [...table.values()].sort((a, b) => a.index - b.index);
}
