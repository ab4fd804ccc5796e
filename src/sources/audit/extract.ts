// How a field is read from a record, as data: which paths lead to it and what is done with what is there. Compiled to
// closures once; what data cannot say, a definition in code says with a function.

import type { Value } from '../../detect/fields/index.ts';
import { type Json, jsonText } from './event.ts';
import { collect, compilePath, follow, type Path } from './pointer.ts';
import type { JsonField } from './source.ts';

/** The types that a field can have, as Falco's plugins name them. */
export const FIELD_TYPES = ['string', 'uint64', 'bool'] as const;
export type FieldTypeName = (typeof FIELD_TYPES)[number];

/**
 * A test on a record: `/path` (there, and not null), `/path=value` (its text is `value`), or an object. The value of a
 * path that leads to several is the first one.
 */
export type Test =
  | string
  | {
      readonly path: string;
      /** Its text is one of these. */
      readonly equals?: readonly string[];
      /** Its text begins with one of these. */
      readonly starts_with?: readonly string[];
    };

/**
 * Where a value is. The first that applies: `cases`, `value`, `template`, `sum`, `path`. JSON's null is as if it were
 * not there. Texts stay as they are; anything else is its compact JSON.
 */
export interface Extraction {
  /** The path or paths; of several, the first that leads to a value. */
  readonly path?: string | readonly string[];
  /** This text. */
  readonly value?: string;
  /** Text with paths in braces, `s3://{/bucket}/{/key}`; absent if one of them is. */
  readonly template?: string;
  /** The sum of the numbers at these paths; absent if none is there. */
  readonly sum?: readonly string[];
  /** Other extractions, each under a test; the first whose test holds counts, and if none does, the value is absent. */
  readonly cases?: readonly (Extraction & { readonly when?: Test })[];
  /** Only texts count; other JSON values are as if they were not there. */
  readonly only?: 'string';
  /** Of several values, which one; default `first`. Lists take all. */
  readonly take?: 'first' | 'last';
  /** Puts several values together into one text with this between them; a list in the record joins its elements. */
  readonly join?: string;
  /** Cut off, if the text begins or ends with it and is longer. */
  readonly strip_prefix?: string;
  readonly strip_suffix?: string;
  /** For lists: absent as a whole if one element lacks the value. */
  readonly complete?: boolean;
  /** The text if there is no value. */
  readonly otherwise?: string;
}

export interface FieldShape {
  readonly type: FieldTypeName;
  readonly list: boolean;
}

type Read = (record: Json, index: number | undefined) => string | undefined;

/** Compiles the reader of one field. The paths have no `pathProblem`. */
export function compileExtraction(extraction: Extraction, shape: FieldShape): JsonField {
  if (shape.list) return listField(extraction, shape.type);
  const read = compileText(extraction);
  if (shape.type === 'string') return (record, arg) => read(record, indexOf(arg));
  return (record, arg) => {
    const text = read(record, indexOf(arg));
    return text === undefined ? undefined : typed(text, shape.type);
  };
}

export function indexOf(arg: string | undefined): number | undefined {
  return arg !== undefined && /^[0-9]{1,9}$/.test(arg) ? Number(arg) : undefined;
}

/** A text as a value of the type; `undefined` where it is none. */
function typed(text: string, type: FieldTypeName): string | number | bigint | boolean | undefined {
  if (type === 'string') return text;
  if (type === 'bool') return text === 'true' ? true : text === 'false' ? false : undefined;
  if (/^[0-9]{1,20}$/.test(text)) {
    const number = Number(text);
    if (Number.isSafeInteger(number)) return number;
    const big = BigInt(text);
    return big <= MAX_U64 ? big : undefined;
  }
  // Sizes are sometimes written as fractions: 33.0.
  const number = Number(text);
  return text.trim() !== '' && number >= 0 && number <= Number.MAX_SAFE_INTEGER
    ? Math.trunc(number)
    : undefined;
}

const MAX_U64 = 0xffff_ffff_ffff_ffffn;

function listField(extraction: Extraction, type: FieldTypeName): JsonField {
  const paths = pathsOf(extraction);
  const { complete = false, otherwise } = extraction;
  const change = compileChange(extraction);
  return (record, arg) => {
    const index = indexOf(arg);
    for (const path of paths) {
      const out: (string | number | bigint | boolean)[] = [];
      let whole = true;
      for (const value of collect(record, path.steps, index)) {
        const text = change(value);
        const item = text === undefined ? undefined : typed(text, type);
        if (item === undefined) whole = false;
        else out.push(item);
      }
      if (complete && !whole) continue;
      if (out.length > 0) return out as Value;
    }
    return otherwise === undefined ? undefined : [otherwise];
  };
}

function compileText(extraction: Extraction): Read {
  const { otherwise } = extraction;
  const read = compileFound(extraction);
  return otherwise === undefined ? read : (record, index) => read(record, index) ?? otherwise;
}

function compileFound(extraction: Extraction): Read {
  const { cases, value, template, sum } = extraction;
  if (cases !== undefined) {
    const compiled = cases.map((one) => ({
      test: one.when === undefined ? () => true : compileTest(one.when),
      read: compileText(one),
    }));
    return (record, index) => {
      for (const { test, read } of compiled) if (test(record)) return read(record, index);
      return undefined;
    };
  }
  if (value !== undefined) return () => value;
  if (template !== undefined) return compileTemplate(template);
  if (sum !== undefined) return compileSum(sum.map(compilePath));
  return compilePaths(extraction);
}

function pathsOf({ path }: Extraction): Path[] {
  return (path === undefined ? [] : typeof path === 'string' ? [path] : path).map(compilePath);
}

function compilePaths(extraction: Extraction): Read {
  const change = compileChange(extraction);
  const { take = 'first', join } = extraction;
  const reads = pathsOf(extraction).map(({ plain, steps }): Read => {
    if (plain !== undefined && join === undefined) return (record) => change(follow(record, plain));
    return (record, index) => {
      const texts: string[] = [];
      for (const found of collect(record, steps, index)) {
        const text = change(found);
        if (text !== undefined) texts.push(text);
      }
      if (texts.length === 0) return undefined;
      return join !== undefined ? texts.join(join) : take === 'first' ? texts[0] : texts[texts.length - 1];
    };
  });
  const [only] = reads;
  if (reads.length === 1 && only !== undefined) return only;
  return (record, index) => {
    for (const read of reads) {
      const text = read(record, index);
      if (text !== undefined) return text;
    }
    return undefined;
  };
}

/** What becomes of one value that was found. */
function compileChange({
  only,
  join,
  strip_prefix,
  strip_suffix,
}: Extraction): (value: Json | undefined) => string | undefined {
  return (value) => {
    if (value === undefined || value === null) return undefined;
    let text: string;
    if (typeof value === 'string') text = value;
    else if (only === 'string') return undefined;
    else if (join !== undefined && Array.isArray(value)) text = value.map(jsonText).join(join);
    else text = jsonText(value);
    if (strip_prefix !== undefined && text.length > strip_prefix.length && text.startsWith(strip_prefix))
      text = text.slice(strip_prefix.length);
    if (strip_suffix !== undefined && text.length > strip_suffix.length && text.endsWith(strip_suffix))
      text = text.slice(0, -strip_suffix.length);
    return text;
  };
}

const HOLE = /\{(\/[^{}]*)\}/;

/** The paths in a template's braces. */
export function templatePaths(template: string): string[] {
  return template.split(HOLE).filter((_, i) => i % 2 === 1);
}

function compileTemplate(template: string): Read {
  const parts = template
    .split(HOLE)
    .map((part, i) => (i % 2 === 1 ? compileFound({ path: part }) : () => part));
  return (record, index) => {
    let out = '';
    for (const part of parts) {
      const text = part(record, index);
      if (text === undefined) return undefined;
      out += text;
    }
    return out;
  };
}

function compileSum(paths: readonly Path[]): Read {
  return (record, index) => {
    let total: number | undefined;
    for (const { steps } of paths) {
      for (const value of collect(record, steps, index)) {
        if (typeof value !== 'number' && typeof value !== 'bigint') continue;
        total = (total ?? 0) + Math.trunc(Number(value));
      }
    }
    return total === undefined ? undefined : String(total);
  };
}

/** The path of a test, for checking it. */
export function testPath(test: Test): string {
  return typeof test === 'string' ? (test.split('=', 1)[0] as string) : test.path;
}

/** Compiles a test. */
export function compileTest(test: Test): (record: Json) => boolean {
  const read = compileFound({ path: testPath(test) });
  if (typeof test === 'string') {
    const at = test.indexOf('=');
    if (at < 0) return (record) => read(record, undefined) !== undefined;
    const wanted = test.slice(at + 1);
    return (record) => read(record, undefined) === wanted;
  }
  const { equals, starts_with } = test;
  return (record) => {
    const text = read(record, undefined);
    if (text === undefined) return false;
    if (equals !== undefined && !equals.includes(text)) return false;
    return starts_with === undefined || starts_with.some((start) => text.startsWith(start));
  };
}
