// Which folders a container needs to write, as far as benign evidence shows: what the attacker wrote is no such
// evidence, so in a hostile incident only the conventional temporary folder is left.

import type { PlanContext } from '../context.ts';

const NEVER = /^\/(?:etc|usr|bin|sbin|lib\w*|boot|proc|sys|dev|root|opt|srv)?(?:\/|$)/;

/** Absolute folders, shortest first, none inside another; `/tmp` is always among them. */
export function writableFolders(context: PlanContext): string[] {
  const folders = new Set(['/tmp']);
  if (context.benign) {
    for (const view of context.views) {
      if (view.text('yarak.file.op') !== 'write') continue;
      const path = view.text('yarak.file.path');
      const folder = path.slice(0, path.lastIndexOf('/'));
      if (/^(?:\/[\w.-]+){1,8}$/.test(folder) && !folder.includes('/..') && !NEVER.test(folder))
        folders.add(folder);
    }
  }
  const sorted = [...folders].sort();
  return sorted.filter(
    (folder) => !sorted.some((other) => other !== folder && folder.startsWith(`${other}/`)),
  );
}
