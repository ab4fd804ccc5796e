// Watches files for changes. Editors replace files rather than write into them, so what is watched are their folders.

import { type FSWatcher, watch } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Changes that come together are told once, after this long without another. */
const SETTLE_MS = 60;

/**
 * Calls `onChange` after one or more of the files changed, came or went; `isNew` says of other files in the watched
 * folders whether they count too. Gives the function that ends it.
 */
export function watchFiles(
  files: Iterable<string>,
  isNew: (path: string) => boolean,
  onChange: () => void,
): () => void {
  const wanted = new Set([...files].map((file) => resolve(file)));
  const folders = new Set([...wanted].map((file) => dirname(file)));
  let timer: NodeJS.Timeout | undefined;
  const watchers: FSWatcher[] = [];
  for (const folder of folders) {
    try {
      const watcher = watch(folder, (_event, name) => {
        const path = name === null ? undefined : resolve(folder, name);
        if (path !== undefined && !wanted.has(path) && !isNew(path)) return;
        clearTimeout(timer);
        timer = setTimeout(onChange, SETTLE_MS);
      });
      // A folder that goes away ends its watcher; the others go on.
      watcher.on('error', () => watcher.close());
      watchers.push(watcher);
    } catch {
      // The folder is not there (yet): the run has said so.
    }
  }
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}
