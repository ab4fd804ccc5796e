// Unified diffs: made, and applied again to the text that they are for.

import { applyPatch, createTwoFilesPatch } from 'diff';
import type { Check } from '../types.ts';
import { ownCheck } from './toolbox.ts';

/** A diff that `patch -p1` and `git apply` take. `name` is a plain file name. */
export function unifiedDiff(name: string, before: string, after: string): string {
  return createTwoFilesPatch(`a/${name}`, `b/${name}`, before, after, undefined, undefined, {
    context: 3,
  }).replace(/^=+\n/, '');
}

export function checkDiff(patch: string, before: string, after: string): Check {
  const applied = applyPatch(before, patch);
  return ownCheck(
    'diff (npm)',
    '9',
    'parsed',
    'Does the diff apply to the manifest as given, and give the manifest that was checked?',
    applied === false ? ['it does not apply'] : applied === after ? [] : ['it gives another text'],
    'applies cleanly',
  );
}
