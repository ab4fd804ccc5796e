// Recursive descent over one condition (libs, userspace/libsinsp/filter/parser, EBNF; behaviour of engine 0.63.0).
// Syntax only: fields, types and literals are the checker's. Failures are thrown inside this room, see parse.ts.
// One grammar in one file, so that it can be read beside its EBNF.

import {
  type Compare,
  type Expr,
  type Field,
  type FieldExpr,
  type ListLiteral,
  type Literal,
  MODIFIERS,
  type Modifier,
  type Operator,
  TRANSFORMERS,
  type TransformArg,
  type TransformerName,
} from './ast.ts';
import { Scanner, SyntaxFailure } from './scanner.ts';

/** In the order in which they are tried, which decides when one is another's prefix; word operators need a blank. */
const NUMBER_OPERATORS = ['<=', '<', '>=', '>'] as const;
const SYMBOL_OPERATORS = ['==', '=', '!='] as const;
const WORD_OPERATORS = [
  'glob',
  'iglob',
  'contains',
  'icontains',
  'bcontains',
  'startswith',
  'bstartswith',
  'endswith',
  'regex',
] as const;
const LIST_OPERATORS = ['intersects', 'in', 'pmatch'] as const;
const ALL_OPERATORS = [
  'exists',
  ...NUMBER_OPERATORS,
  ...SYMBOL_OPERATORS,
  ...WORD_OPERATORS,
  ...LIST_OPERATORS,
];

const quotedList = (names: readonly string[]) => names.map((name) => `'${name}'`).join(', ');
const OPERATOR_EXPECTED = `expected a valid check operator: one of ${quotedList(ALL_OPERATORS)}`;
const OR_TRANSFORMER = `a field with a valid transformer: ${quotedList(['val', ...TRANSFORMERS])}`;
const TRANSFORMER_OPENINGS = TRANSFORMERS.map((name) => `${name}(` as const);

type RightSide = Compare['right'];

/** What the parser asks for at a place; several may be asked for at one. */
export type Expected =
  | 'operand'
  | 'field'
  | 'argument'
  | 'field-argument'
  | 'operator'
  | 'modifier'
  | 'number'
  | 'value'
  | 'list'
  | 'item'
  | 'connective';

export type TokenKind = 'keyword' | 'macro' | 'field' | 'transformer' | 'operator' | 'modifier' | 'literal';

/** Hears what the parser asks for and takes, for editors. What is taken may be given back and taken again. */
export interface ParseObserver {
  /** `left` is the left side of the comparison that the place belongs to. */
  expect(what: Expected, at: number, left: FieldExpr | undefined): void;
  token(kind: TokenKind, from: number, to: number): void;
}

export class ConditionParser {
  readonly #scan: Scanner;
  readonly #maxDepth: number;
  readonly #observer: ParseObserver | undefined;
  #left: FieldExpr | undefined;
  #depth = 0;

  /** `from`: where to begin in the text. */
  constructor(text: string, maxDepth: number, observer?: ParseObserver, from = 0) {
    this.#scan = new Scanner(text);
    this.#scan.pos = from;
    this.#maxDepth = maxDepth;
    this.#observer = observer;
  }

  #expect(what: Expected): void {
    this.#observer?.expect(what, this.#scan.pos, this.#left);
  }

  #took(kind: TokenKind, from: number, to = this.#scan.pos): void {
    this.#observer?.token(kind, from, to);
  }

  condition(): Expr {
    if (this.#scan.text === '') throw new SyntaxFailure('filter input string is empty', 0);
    const expr = this.#or();
    if (!this.#scan.atEnd) {
      throw this.#fail(`unexpected token after '${this.#scan.last}', expecting 'or', 'and'`);
    }
    return expr;
  }

  /** The field or transformer at the start of the text. */
  fieldExpr(): FieldExpr {
    this.#expect('field');
    const found = this.#fieldOrTransform();
    if (found === undefined) throw this.#fail('expected a field or a transformer');
    return found;
  }

  #fail(message: string): SyntaxFailure {
    const { text, pos } = this.#scan;
    const rest = /^[^\s()]+|^./.exec(text.slice(pos, pos + 200));
    return new SyntaxFailure(message, pos, { from: pos, to: pos + (rest?.[0].length ?? 0) });
  }

  /** Runs one grammar level; every recursion of the parser goes through here. */
  #nested<T>(run: () => T): T {
    if (++this.#depth >= this.#maxDepth) {
      throw this.#fail(`exceeded max depth limit of ${this.#maxDepth}`);
    }
    const result = run();
    this.#depth--;
    return result;
  }

  #or(): Expr {
    return this.#nary('or', () => this.#and());
  }

  #and(): Expr {
    return this.#nary('and', () => this.#not());
  }

  #nary(kind: 'or' | 'and', operand: () => Expr): Expr {
    return this.#nested(() => {
      this.#scan.blanks();
      const from = this.#scan.pos;
      const items = [operand()];
      this.#scan.blanks();
      this.#expect('connective');
      while (this.#scan.take(kind)) {
        this.#took('keyword', this.#scan.pos - kind.length);
        if (this.#scan.blanks()) items.push(operand());
        // Without a blank, the parenthesis is the whole operand: `a or(b) and c` does not parse.
        else if (this.#scan.take('(')) items.push(this.#closeParenthesis());
        else throw this.#fail(`expected blank or '(' after '${kind}'`);
        this.#scan.blanks();
        this.#expect('connective');
      }
      const [only, second] = items;
      if (only !== undefined && second === undefined) return only;
      return { kind, items, from, to: items[items.length - 1]?.to ?? from };
    });
  }

  #not(): Expr {
    return this.#nested(() => {
      this.#scan.blanks();
      const from = this.#scan.pos;
      let negated = false;
      for (let at = from; this.#scan.notKeyword(); at = this.#scan.pos) {
        this.#took('keyword', at, at + 3);
        negated = !negated;
      }
      let item: Expr;
      if (this.#scan.take('not(')) {
        this.#took('keyword', this.#scan.pos - 4, this.#scan.pos - 1);
        negated = !negated;
        item = this.#closeParenthesis();
      } else {
        item = this.#check();
      }
      return negated ? { kind: 'not', item, from, to: this.#endOf(item) } : item;
    });
  }

  /** The end of what was just parsed, without blanks behind it but with its closing parenthesis. */
  #endOf(item: Expr): number {
    const { text, pos } = this.#scan;
    let end = pos;
    while (end > item.to && /\s|[\b]/.test(text[end - 1] as string)) end--;
    return end;
  }

  /** The rest of a parenthesis whose opening was taken. */
  #closeParenthesis(): Expr {
    return this.#nested(() => {
      this.#scan.blanks();
      const expr = this.#or();
      this.#scan.blanks();
      if (!this.#scan.take(')')) throw this.#fail("expected a ')' token");
      return expr;
    });
  }

  #check(): Expr {
    return this.#nested(() => {
      this.#scan.blanks();
      const from = this.#scan.pos;
      this.#left = undefined;
      this.#expect('operand');
      if (this.#scan.take('(')) return this.#closeParenthesis();
      const left = this.#fieldOrTransform();
      if (left !== undefined) return this.#comparison(left);
      const name = this.#scan.identifier();
      if (name !== undefined) {
        this.#took('macro', from);
        return { kind: 'macro', name, from, to: this.#scan.pos };
      }
      throw this.#fail("expected a '(' token, a field check, or an identifier");
    });
  }

  #fieldOrTransform(): FieldExpr | undefined {
    const from = this.#scan.pos;
    const name = this.#scan.fieldName();
    return name === undefined ? this.#transform() : this.#field(name, from);
  }

  #field(name: string, from: number): Field {
    this.#took('field', from);
    const arg = this.#fieldArg();
    return { kind: 'field', name, ...(arg !== undefined && { arg }), from, to: this.#scan.pos };
  }

  /** `[arg]`, if the cursor is at one. */
  #fieldArg(): string | undefined {
    return this.#nested(() => {
      if (!this.#scan.take('[')) return undefined;
      this.#expect('field-argument');
      const arg = this.#scan.quoted() ?? this.#scan.fieldArg();
      if (arg === undefined) {
        throw this.#fail('expected a valid field argument: a quoted string or a bare string');
      }
      if (!this.#scan.take(']')) throw this.#fail("expected a ']' token");
      return arg;
    });
  }

  #transform(): FieldExpr | undefined {
    const from = this.#scan.pos;
    const opening = this.#scan.takeFirst(TRANSFORMER_OPENINGS);
    if (opening === undefined) return undefined;
    this.#took('transformer', from, this.#scan.pos - 1);
    return this.#nested(() => {
      const args: TransformArg[] = [];
      do {
        this.#scan.blanks();
        args.push(this.#transformArg());
        this.#scan.blanks();
      } while (this.#scan.take(','));
      if (!this.#scan.take(')')) throw this.#fail("expected a ')' token closing the transformer");
      const arg = this.#fieldArg();
      const name = opening.slice(0, -1) as TransformerName;
      return { kind: 'transform', name, args, ...(arg !== undefined && { arg }), from, to: this.#scan.pos };
    });
  }

  #transformArg(): TransformArg {
    const from = this.#scan.pos;
    this.#expect('argument');
    const simple = this.#simpleArg();
    if (simple !== undefined) return simple;
    if (!this.#scan.take('(')) {
      throw this.#fail(
        'expected field transformer argument: field, transformer, quoted string, number, or transformer list',
      );
    }
    return this.#nested(() => {
      const items: (FieldExpr | Literal)[] = [];
      this.#scan.blanks();
      if (!this.#scan.take(')')) {
        do {
          this.#scan.blanks();
          this.#expect('argument');
          const item = this.#simpleArg();
          if (item === undefined) {
            throw this.#fail(
              'expected transformer list argument: field, transformer, quoted string, or number',
            );
          }
          items.push(item);
          this.#scan.blanks();
        } while (this.#scan.take(','));
        if (!this.#scan.take(')')) throw this.#fail("expected ')'");
      }
      return { kind: 'arg-list', items, from, to: this.#scan.pos };
    });
  }

  #simpleArg(): FieldExpr | Literal | undefined {
    return this.#numberLiteral() ?? this.#quotedLiteral() ?? this.#fieldOrTransform();
  }

  #comparison(left: FieldExpr): Expr {
    return this.#nested(() => {
      this.#scan.blanks();
      const { from } = left;
      const at = this.#scan.pos;
      this.#left = left;
      this.#expect('operator');
      if (this.#scan.take('exists')) {
        this.#took('operator', at);
        return { kind: 'exists', left, from, to: this.#scan.pos };
      }
      const { op, modifier, right } = this.#operatorAndValue();
      return { kind: 'compare', left, op, ...(modifier && { modifier }), right, from, to: this.#scan.pos };
    });
  }

  #operatorAndValue(): { op: Operator; modifier?: Modifier; right: RightSide } {
    const at = this.#scan.pos;
    const numeric = this.#scan.takeFirst(NUMBER_OPERATORS);
    if (numeric !== undefined) {
      this.#took('operator', at);
      return { op: numeric, right: this.#numberValue() };
    }
    const textual = this.#scan.takeFirst(SYMBOL_OPERATORS) ?? this.#wordOperator();
    if (textual !== undefined) {
      this.#took('operator', at);
      const modified = this.#modifiedList();
      return modified === undefined
        ? { op: textual, right: this.#stringValue() }
        : { op: textual, ...modified };
    }
    const listed = this.#scan.takeFirst(LIST_OPERATORS);
    if (listed !== undefined) {
      this.#took('operator', at);
      return { op: listed, right: this.#listValue() };
    }
    throw this.#fail(OPERATOR_EXPECTED);
  }

  #wordOperator(): Operator | undefined {
    const start = this.#scan.pos;
    for (const word of WORD_OPERATORS) {
      if (!this.#scan.take(word)) continue;
      if (isBlank(this.#scan.text, this.#scan.pos)) return word;
      this.#scan.pos = start;
    }
    return undefined;
  }

  /** `oneof (a, b)` or `anyof list`; anything else there is an ordinary string that merely looks like one. */
  #modifiedList(): { modifier: Modifier; right: RightSide } | undefined {
    const { pos, last } = this.#scan;
    if (this.#scan.blanks()) {
      const at = this.#scan.pos;
      this.#expect('modifier');
      const modifier = this.#scan.takeFirst(MODIFIERS);
      if (modifier !== undefined && this.#scan.blanks()) {
        this.#took('modifier', at, at + modifier.length);
        this.#expect('list');
        const list = this.#list();
        if (list !== undefined) return { modifier, right: list };
        const from = this.#scan.pos;
        const name = this.#scan.identifier();
        if (name !== undefined && name !== 'and' && name !== 'or' && name !== 'not') {
          this.#took('literal', from);
          return { modifier, right: { kind: 'literal', text: name, form: 'bare', from, to: this.#scan.pos } };
        }
      }
    }
    this.#scan.pos = pos;
    this.#scan.last = last;
    return undefined;
  }

  #numberValue(): RightSide {
    return this.#nested(() => {
      this.#scan.blanks();
      this.#expect('number');
      const value = this.#valOrTransform() ?? this.#numberLiteral();
      if (value === undefined) throw this.#fail(`expected a number value or ${OR_TRANSFORMER}`);
      return value;
    });
  }

  #stringValue(): RightSide {
    return this.#nested(() => {
      this.#scan.blanks();
      this.#expect('value');
      const value = this.#valOrTransform() ?? this.#stringLiteral();
      if (value === undefined) throw this.#fail(`expected a string value or ${OR_TRANSFORMER}`);
      return value;
    });
  }

  #listValue(): RightSide {
    return this.#nested(() => {
      this.#scan.blanks();
      this.#expect('list');
      const value = this.#list() ?? this.#valOrTransform();
      if (value !== undefined) return value;
      const from = this.#scan.pos;
      const name = this.#scan.identifier();
      if (name === undefined) throw this.#fail(`expected a list, an identifier, or ${OR_TRANSFORMER}`);
      this.#took('literal', from);
      return { kind: 'literal', text: name, form: 'bare', from, to: this.#scan.pos };
    });
  }

  #list(): ListLiteral | undefined {
    const from = this.#scan.pos;
    if (!this.#scan.take('(')) return undefined;
    return this.#nested(() => {
      const items: Literal[] = [];
      this.#scan.blanks();
      this.#expect('item');
      const first = this.#firstOfList();
      const malformed = first instanceof SyntaxFailure ? first : undefined;
      if (first !== undefined && !(first instanceof SyntaxFailure)) {
        items.push(first);
        this.#scan.blanks();
        while (this.#scan.take(',')) {
          this.#scan.blanks();
          this.#expect('item');
          const item = this.#stringLiteral();
          if (item === undefined) throw this.#fail('expected a string value');
          items.push(item);
          this.#scan.blanks();
        }
      }
      if (!this.#scan.take(')')) {
        const failure = this.#fail("expected a ')' token");
        throw malformed === undefined
          ? failure
          : new SyntaxFailure(failure.message, failure.at, malformed.span, malformed.message);
      }
      const lost = malformed && { lost: { ...malformed.span, message: malformed.message } };
      return { kind: 'list', items, from, to: this.#scan.pos, ...lost };
    });
  }

  /** A quirk of Falco's: a malformed first string is skipped, and what is left must be an empty list. */
  #firstOfList(): Literal | SyntaxFailure | undefined {
    try {
      return this.#stringLiteral();
    } catch (failure) {
      if (!(failure instanceof SyntaxFailure)) throw failure;
      this.#scan.pos = failure.at;
      return failure;
    }
  }

  #valOrTransform(): FieldExpr | undefined {
    const from = this.#scan.pos;
    if (!this.#scan.take('val(')) return this.#transform();
    this.#took('transformer', from, from + 3);
    this.#scan.blanks();
    this.#expect('field');
    const fieldFrom = this.#scan.pos;
    const name = this.#scan.fieldName();
    if (name === undefined) throw this.#fail("expected a field within 'val' transformer");
    const field = this.#field(name, fieldFrom);
    this.#scan.blanks();
    if (!this.#scan.take(')')) throw this.#fail("expected a ')' token closing the transformer");
    return { ...field, val: true, from, to: this.#scan.pos };
  }

  #numberLiteral(): Literal | undefined {
    return this.#literal('number', this.#scan.pos, this.#scan.number());
  }

  #quotedLiteral(): Literal | undefined {
    return this.#literal('quoted', this.#scan.pos, this.#scan.quoted());
  }

  #stringLiteral(): Literal | undefined {
    return this.#quotedLiteral() ?? this.#literal('bare', this.#scan.pos, this.#scan.bare());
  }

  #literal(form: Literal['form'], from: number, text: string | undefined): Literal | undefined {
    if (text === undefined) return undefined;
    if (text.includes('\0')) throw this.#fail('filter value cannot contain a NUL byte');
    this.#took('literal', from);
    return { kind: 'literal', text, form, from, to: this.#scan.pos };
  }
}

function isBlank(text: string, at: number): boolean {
  return at < text.length && ' \t\n\r\b'.includes(text[at] as string);
}
