// Exceptions: their checks when they are collected, and the text that they add to a rule's condition. Their values
// are text, as in Falco: list names, quotes and transformers in them take effect.

import type { FieldCatalogue } from '../fields/index.ts';
import { ConditionChecker, MODIFIERS, OPERATORS, parseCondition } from '../lang/index.ts';
import { LoadFailure } from './findings.ts';
import type { ExceptionEntry, ExceptionInfo } from './items.ts';
import { quoteItem } from './lists.ts';
import { MappedText, type Piece } from './mapped-text.ts';
import type { RuleException } from './types.ts';
import { locationOf } from './yaml.ts';

const COMPARISONS: ReadonlySet<string> = new Set([...OPERATORS, 'exists']);
const LIST_OPERATORS: ReadonlySet<string> = new Set(['in', 'intersects', 'pmatch']);
const WORD_OPERATORS: ReadonlySet<string> = new Set(
  OPERATORS.filter((op) => !LIST_OPERATORS.has(op) && !/^[<>]/.test(op)),
);

/** `startswith oneof` and its like. */
function isModified(comp: string): boolean {
  const match = /^(\S+)\s+(\S+)$/.exec(comp);
  return match !== null && WORD_OPERATORS.has(match[1] as string) && MODIFIERS.some((m) => m === match[2]);
}

/** An entry that says something. */
export function isGiven(entry: ExceptionEntry | undefined): entry is ExceptionEntry {
  return (
    entry !== undefined && (entry.items !== undefined ? entry.items.length > 0 : (entry.item ?? '') !== '')
  );
}

/** Checks an exception and fills in its comparison operators. `catalogue` is absent for an unknown source. */
export function validateException(exception: ExceptionInfo, catalogue: FieldCatalogue | undefined): void {
  const { fields } = exception;
  const fail = (message: string, entry?: ExceptionEntry, help?: string): never => {
    const at = entry === undefined ? exception.at : locationOf(entry.node);
    throw new LoadFailure('LOAD_ERR_VALIDATE', message, at, help === undefined ? {} : { help });
  };
  if (fields === undefined) return;
  const listed = fields.items;
  if (listed !== undefined) {
    if (!isGiven(exception.comps)) {
      exception.comps = { node: fields.node, items: listed.map(() => ({ node: fields.node, item: '=' })) };
    }
    const comps = exception.comps.items ?? [];
    if (comps.length !== listed.length)
      fail('Fields and comps lists must have equal length', exception.comps);
    for (const comp of comps) {
      const name = (comp.item ?? '').trim();
      if (!COMPARISONS.has(name) && !isModified(name)) {
        fail(`'${name}' is not a supported comparison operator`, comp);
      }
    }
  } else {
    if (!isGiven(exception.comps)) exception.comps = { node: fields.node, item: 'in' };
    if (exception.comps.items !== undefined) fail('Fields and comps must both be strings', exception.comps);
    const name = (exception.comps.item ?? '').trim();
    if (!LIST_OPERATORS.has(name) && !isModified(name)) {
      fail(
        'When fields is a single value, comps must be one of (in, pmatch, intersects) or a modifier operator (e.g. startswith oneof)',
        exception.comps,
      );
    }
  }
  if (catalogue === undefined) return;
  for (const field of listed ?? [fields]) {
    const name = field.item ?? '';
    if (!fieldExists(name, catalogue)) {
      const near = catalogue.nearest(name);
      fail(`'${name}' is not a supported filter field`, field, near && `did you mean '${near}'?`);
    }
  }
}

function fieldExists(name: string, catalogue: FieldCatalogue): boolean {
  if (!name.includes('(')) return catalogue.resolve(name).ref !== undefined;
  const { expr } = parseCondition(`${name} exists`);
  return expr?.kind === 'exists' && new ConditionChecker(catalogue).leaf(expr).issue === undefined;
}

/** The condition with its exceptions: `(cond) and not E1 and not E2 …`. */
export function withExceptions(condition: MappedText, exceptions: readonly ExceptionInfo[]): MappedText {
  if (exceptions.length === 0) return condition;
  const pieces: Piece[] = [{ text: '(' }, ...condition.pieces, { text: ')' }];
  for (const exception of exceptions) {
    const added = exceptionPieces(exception);
    if (added.length === 0) continue;
    pieces.push({ text: ' and not ' });
    for (const piece of added) pieces.push(piece);
  }
  return new MappedText(pieces);
}

const from = (text: string, entry: ExceptionEntry): Piece => ({
  text,
  origin: { kind: 'node', node: entry.node },
});

function exceptionPieces(exception: ExceptionInfo): Piece[] {
  const { fields, comps, values } = exception;
  if (fields === undefined || comps === undefined || values.length === 0) return [];
  return fields.items === undefined
    ? oneField(exception, fields, comps)
    : severalFields(exception, fields.items, comps.items ?? []);
}

/** `(field comp (v1, v2))` */
function oneField(exception: ExceptionInfo, field: ExceptionEntry, comp: ExceptionEntry): Piece[] {
  const pieces: Piece[] = [{ text: '(' }, from(field.item ?? '', field), { text: ' ' }];
  pieces.push(from((comp.item ?? '').trim(), comp), { text: ' (' });
  for (const [i, value] of exception.values.entries()) {
    if (value.items !== undefined) {
      throw new LoadFailure(
        'LOAD_ERR_VALIDATE',
        'Expected values array to contain a list of strings',
        locationOf(value.node),
      );
    }
    if (i > 0) pieces.push({ text: ', ' });
    pieces.push(from(quoteItem(value.item ?? ''), value));
  }
  pieces.push({ text: '))' });
  return pieces;
}

/** `((f1 c1 v1 and f2 c2 v2) or (…))` */
function severalFields(
  exception: ExceptionInfo,
  fields: readonly ExceptionEntry[],
  comps: readonly ExceptionEntry[],
): Piece[] {
  const pieces: Piece[] = [{ text: '(' }];
  for (const [i, tuple] of exception.values.entries()) {
    const values = tuple.items ?? [];
    if (values.length !== fields.length) {
      throw new LoadFailure(
        'LOAD_ERR_VALIDATE',
        'Fields and values lists must have equal length',
        locationOf(tuple.node),
      );
    }
    pieces.push({ text: i > 0 ? ' or (' : '(' });
    for (const [k, field] of fields.entries()) {
      const comp = comps[k] ?? field;
      const name = (comp.item ?? '').trim();
      if (k > 0) pieces.push({ text: ' and ' });
      pieces.push({ text: ' ' }, from(field.item ?? '', field), { text: ' ' }, from(name, comp), {
        text: ' ',
      });
      pieces.push(...valuePieces(values[k] as ExceptionEntry, name));
    }
    pieces.push({ text: ')' });
  }
  pieces.push({ text: ')' });
  return pieces;
}

function valuePieces(value: ExceptionEntry, comp: string): Piece[] {
  if (value.items === undefined) {
    const text = value.item ?? '';
    if (!LIST_OPERATORS.has(comp) && !isModified(comp)) return [from(quoteItem(text), value)];
    return [from(text.startsWith('(') ? text : `(${text})`, value)];
  }
  const pieces: Piece[] = [{ text: '(' }];
  for (const [i, item] of value.items.entries()) {
    if (i > 0) pieces.push({ text: ', ' });
    pieces.push(from(quoteItem(item.item ?? ''), item));
  }
  pieces.push({ text: ')' });
  return pieces;
}

/** The exception as a plain value. */
export function plainException(exception: ExceptionInfo): RuleException {
  const names = (entry: ExceptionEntry | undefined) =>
    entry?.items?.map((item) => item.item ?? '') ?? entry?.item ?? '';
  return {
    name: exception.name,
    fields: names(exception.fields),
    comps: names(exception.comps),
    values: exception.values.map(plainEntry),
  };
}

function plainEntry(entry: ExceptionEntry): unknown {
  return entry.items?.map(plainEntry) ?? entry.item ?? '';
}
