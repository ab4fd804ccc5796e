// JavaScript source that a rule's text can never become part of. Source is a `Code`, and only this file makes one: from
// template literals written in this code base, from names that match an identifier's pattern, and from numbers. A plain
// string put into a template is quoted. Constants of rules do not travel as source at all: they go into a `Scope`, an
// array that the compiled function receives. (The idea is ajv's, https://ajv.js.org/codegen.html.)

const IDENTIFIER = /^[a-zA-Z_$][a-zA-Z0-9_$]*$/;

/** A piece of JavaScript source. Cannot be made outside of this file, other than through `js`, `join` and `name`. */
export class Code {
  readonly #text: string;
  private constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }

  /** Source from a template: the fixed parts as they are, `Code` as source, numbers and quoted strings as literals. */
  static template(parts: TemplateStringsArray, ...values: readonly CodeValue[]): Code {
    let text = parts[0] as string;
    for (let i = 0; i < values.length; i++) text += write(values[i] as CodeValue) + parts[i + 1];
    return new Code(text);
  }

  static name(text: string): Code {
    if (!IDENTIFIER.test(text)) throw new TypeError(`Not an identifier: ${JSON.stringify(text)}`);
    return new Code(text);
  }

  static join(items: readonly Code[], separator: Code): Code {
    return new Code(items.map((item) => item.#text).join(separator.#text));
  }
}

/** What a template takes. Objects, functions and the like belong into a `Scope`. */
export type CodeValue = Code | string | number | boolean;

function write(value: CodeValue): string {
  if (value instanceof Code) return value.toString();
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number' && Number.isFinite(value)) return value < 0 ? `(${value})` : String(value);
  if (typeof value === 'boolean') return String(value);
  throw new TypeError(`Not a code value: ${typeof value}`);
}

/** A string literal; U+2028 and U+2029 end lines in some readers, and `</script>` never appears whole. */
function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[\u2028\u2029<]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Tag for templates: `` js`${a} === ${b}` ``. */
export const js = Code.template;
/** A checked identifier: a letter and a number of our own. */
export const name = Code.name;
export const join = Code.join;
export const EMPTY: Code = js``;

/** Values that compiled code uses, by the name under which it sees them. Equal values share a name. */
export class Scope {
  readonly #values: unknown[] = [];
  readonly #names = new Map<unknown, Code>();

  /** A name for the value in the compiled function. */
  add(given: unknown): Code {
    // A constant cut out of a rule file is a slice to V8; parsed anew it is flat and internalised, and compares faster.
    const value = typeof given === 'string' ? (JSON.parse(JSON.stringify(given)) as string) : given;
    let known = this.#names.get(value);
    if (known === undefined) {
      known = name(`k${this.#values.length}`);
      this.#names.set(value, known);
      this.#values.push(value);
    }
    return known;
  }

  /** `const k0 = K[0], k1 = K[1], …;` */
  declarations(): Code {
    if (this.#values.length === 0) return EMPTY;
    const items = this.#values.map((_, i) => js`${name(`k${i}`)} = K[${i}]`);
    return js`const ${join(items, js`, `)};\n`;
  }

  values(): readonly unknown[] {
    return this.#values;
  }
}

/**
 * Compiles a function body in strict mode and runs it once with the scope; returns what it returns. The only place that
 * turns text into code. Throws `EvalError` where the runtime forbids that.
 */
export function evaluate(body: Code, scope: Scope): unknown {
  const make = new Function('K', `"use strict";\n${scope.declarations()}${body}`);
  return make(scope.values());
}
