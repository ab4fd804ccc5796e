// fs.path.*: the paths of calls that work on files by name. Present when the call succeeded: `res` is 0, or, for the
// open calls, the descriptor is not -1 (so that most failed opens have it too). The opens show the descriptor's name;
// elsewhere Falco prepends the working directory to relative paths, also where the call names another one. Follows libs
// userspace/libsinsp/sinsp_filtercheck_fspath.cpp in what is visible.

import { EVENTS, type EventInfo } from '../../../detect/fields/index.ts';
import type { ScapEvent } from '../event.ts';
import { joinPath } from '../state/path.ts';
import type { Family, FieldSource } from './define.ts';
import { nameOf } from './fd.ts';
import { fdOf } from './fd-access.ts';

interface PathCall {
  /** The one path that it works on: a parameter, or the name of its descriptor. */
  readonly path?: string;
  readonly source?: string;
  readonly target?: string;
}

/** Stands for the descriptor's name. */
const FD_NAME = 'fd.name';

const CALLS: Readonly<Record<string, PathCall>> = {
  mkdir: { path: 'path' },
  mkdirat: { path: 'path' },
  rmdir: { path: 'path' },
  unlink: { path: 'path' },
  unlinkat: { path: 'name' },
  open: { path: 'name' },
  openat: { path: 'name' },
  openat2: { path: 'name' },
  chmod: { path: 'filename' },
  fchmodat: { path: 'filename' },
  fchmod: { path: FD_NAME },
  chown: { path: 'path' },
  lchown: { path: 'path' },
  fchown: { path: FD_NAME },
  fchownat: { path: 'pathname' },
  quotactl: { path: 'special' },
  umount: { path: 'name' },
  umount2: { path: 'name' },
  rename: { source: 'oldpath', target: 'newpath' },
  renameat: { source: 'oldpath', target: 'newpath' },
  renameat2: { source: 'oldpath', target: 'newpath' },
  // A link's new name is the source, what it points at the target.
  link: { source: 'newpath', target: 'oldpath' },
  linkat: { source: 'newpath', target: 'oldpath' },
  symlink: { source: 'linkpath', target: 'target' },
  symlinkat: { source: 'linkpath', target: 'target' },
  mount: { source: 'dev', target: 'dir' },
};

/** Calls whose path is shown as the descriptor's name, but raw as the parameter. */
const SHOWN_AS_FD = /^(open|openat|openat2)$/;

function callOf(info: EventInfo): PathCall | undefined {
  return info.direction === 'X' && !info.flags.has('OLD_VERSION') ? CALLS[info.name] : undefined;
}

/** By event code: index of the parameter, -2 for the descriptor's name, -1 for none. */
function indexes(which: keyof PathCall, isRaw: boolean): Int8Array {
  return Int8Array.from(EVENTS, (info) => {
    const name = callOf(info)?.[which];
    if (name === undefined) return -1;
    return name === FD_NAME || (!isRaw && SHOWN_AS_FD.test(info.name))
      ? -2
      : info.params.findIndex((param) => param.name === name);
  });
}

const OPENS: ReadonlySet<number> = new Set(
  EVENTS.filter((info) => SHOWN_AS_FD.test(info.name)).map((info) => info.code),
);

function hasSucceeded(event: ScapEvent): boolean {
  const result = event.i64(0);
  return OPENS.has(event.code) ? result !== -1 : result === 0;
}

function ofPath(which: keyof PathCall, isRaw: boolean): FieldSource {
  const at = indexes(which, isRaw);
  return {
    reader(_ref, info) {
      if (info !== undefined && at[info.code] === -1) return undefined;
      return (event) => {
        const index = at[event.code] as number;
        if (index === -1 || !hasSucceeded(event)) return undefined;
        const { thread } = event;
        if (index === -2)
          return thread === undefined ? undefined : nameOf(fdOf(event, thread), event, thread);
        const path = event.textAt(event.from(index), event.size(index));
        if (isRaw || path === '' || path.startsWith('/')) return path;
        return thread === undefined ? undefined : joinPath(thread.processCwd, path);
      };
    },
  };
}

export const FS_PATH_FIELDS: Family = {
  'fs.path.name': ofPath('path', false),
  'fs.path.nameraw': ofPath('path', true),
  'fs.path.source': ofPath('source', false),
  'fs.path.sourceraw': ofPath('source', true),
  'fs.path.target': ofPath('target', false),
  'fs.path.targetraw': ofPath('target', true),
};
