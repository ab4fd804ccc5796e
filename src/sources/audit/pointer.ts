// Ways into a record: JSON pointers (RFC 6901), and paths, which are pointers with two more kinds of step: `*` for every
// element of a list, `[key=value]` for every element whose `key` is `value`.

import { isRecord, type Json, own } from './event.ts';

/** The pointer's steps; the leading `/` is optional, as in Falco's json plugin. */
export function pointerSteps(pointer: string): string[] {
  const text = pointer.startsWith('/') ? pointer.slice(1) : pointer;
  return text === '' ? [] : text.split('/').map(unescapeStep);
}

function unescapeStep(step: string): string {
  return step.replace(/~1/g, '/').replace(/~0/g, '~');
}

/** The value that steps lead to. */
export function follow(value: Json | undefined, steps: readonly string[]): Json | undefined {
  let current = value;
  for (const step of steps) {
    if (Array.isArray(current)) current = /^(0|[1-9]\d{0,9})$/.test(step) ? current[Number(step)] : undefined;
    else current = own(current, step);
    if (current === undefined) return undefined;
  }
  return current;
}

/** One step of a path: a key, every element, or the elements whose `key` is `value`. */
export type PathStep =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'all' }
  | { readonly kind: 'where'; readonly key: string; readonly value: string };

/** A compiled path. */
export interface Path {
  readonly text: string;
  readonly steps: readonly PathStep[];
  /** The plain pointer's steps; `undefined` for a path that can lead to several values. */
  readonly plain: readonly string[] | undefined;
}

/** Why a text is no path, in words; `undefined` if it is one. */
export function pathProblem(text: string): string | undefined {
  if (!text.startsWith('/')) return `a path begins with \`/\`, found \`${text}\``;
  for (const step of text.slice(1).split('/')) {
    if (/~(?![01])/.test(step))
      return `\`~\` in a path is written \`~0\` (and \`/\` in a key \`~1\`), found \`${text}\``;
    if (step.startsWith('[') && !WHERE.test(step)) return `expected \`[key=value]\`, found \`${step}\``;
  }
  return undefined;
}

const WHERE = /^\[([^=\]]+)=([^\]]*)\]$/;

/** Compiles a path; `text` has no `pathProblem`. */
export function compilePath(text: string): Path {
  const steps = text
    .slice(1)
    .split('/')
    .map((step): PathStep => {
      if (step === '*') return { kind: 'all' };
      const where = WHERE.exec(step);
      if (where === null) return { kind: 'key', key: unescapeStep(step) };
      return {
        kind: 'where',
        key: unescapeStep(where[1] as string),
        value: unescapeStep(where[2] as string),
      };
    });
  const plain = steps.every((step) => step.kind === 'key') ? pointerSteps(text) : undefined;
  return { text, steps, plain };
}

/**
 * All values at a path. With `index`, each `*` takes that element only. `undefined` in the result: an element that
 * lacks the rest of the path.
 */
export function collect(
  value: Json | undefined,
  steps: readonly PathStep[],
  index: number | undefined,
): (Json | undefined)[] {
  let current: (Json | undefined)[] = [value];
  for (const step of steps) {
    const next: (Json | undefined)[] = [];
    for (const item of current) {
      if (step.kind === 'key') {
        next.push(Array.isArray(item) ? follow(item, [step.key]) : own(item, step.key));
      } else if (Array.isArray(item)) {
        if (step.kind === 'where') {
          for (const element of item) {
            if (isRecord(element) && scalarText(own(element, step.key)) === step.value) next.push(element);
          }
        } else if (index === undefined) for (const element of item) next.push(element);
        else if (index < item.length) next.push(item[index]);
      }
    }
    current = next;
  }
  return current;
}

function scalarText(value: Json | undefined): string | undefined {
  return value === undefined || typeof value === 'object' ? undefined : String(value);
}
