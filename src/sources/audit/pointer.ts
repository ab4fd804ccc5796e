// JSON pointers (RFC 6901), and paths through lists.

import { isRecord, type Json, own } from './event.ts';

/** The pointer's steps; the leading `/` is optional, as in Falco's json plugin. */
export function pointerSteps(pointer: string): string[] {
  const text = pointer.startsWith('/') ? pointer.slice(1) : pointer;
  return text === '' ? [] : text.split('/').map((step) => step.replace(/~1/g, '/').replace(/~0/g, '~'));
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

/**
 * All values at a path in which `*` stands for every element of a list. With `index`, each `*` takes that element
 * only. `undefined` in the result: an element that lacks the rest of the path.
 */
export function collect(
  value: Json | undefined,
  path: readonly string[],
  index: number | undefined,
): (Json | undefined)[] {
  let current: (Json | undefined)[] = [value];
  for (const step of path) {
    current =
      step === '*'
        ? current.flatMap((item) => {
            if (!Array.isArray(item)) return [];
            if (index === undefined) return [...item];
            return index < item.length ? [item[index]] : [];
          })
        : current.map((item) => (isRecord(item) ? own(item, step) : undefined));
  }
  return current;
}
