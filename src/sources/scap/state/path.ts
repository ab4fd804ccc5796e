// Joining a path with a directory the way Falco does it, and the two names that a descriptor has for it.
// Follows libs userspace/libsinsp/utils.cpp (concatenate_paths) in what is visible.

const MAX_PATH = 1024;
const TOO_LONG = '/DIR_TOO_LONG/FILENAME_TOO_LONG';

/** `path` made absolute by `base` (which ends in `/`) and freed of `.`, `..` and doubled slashes. */
export function joinPath(base: string, path: string): string {
  if (base.length + path.length > MAX_PATH) return TOO_LONG;
  if (path === '') return base;
  const from = path.charCodeAt(0) === 47 ? '' : base;
  return normalise(from, path);
}

/** `path` as given, only made absolute by `base`. */
export function joinRaw(base: string, path: string): string {
  return path.charCodeAt(0) === 47 ? path : base + path;
}

/** Only `path` is normalised; `..` may eat into `base`. */
function normalise(base: string, path: string): string {
  if (base === '' && isClean(path)) return path;
  const parts = base === '' ? [] : base.split('/');
  if (parts.length > 0 && parts[parts.length - 1] === '') parts.pop();
  const absolute = base === '' || base.startsWith('/');
  const out = absolute ? parts.filter((part, at) => at > 0 || part !== '') : parts;
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') out.pop();
    else out.push(part);
  }
  return (absolute ? '/' : '') + out.join('/');
}

/** Absolute, without empty, `.` or `..` components, no trailing slash. */
function isClean(path: string): boolean {
  let last = 47;
  const length = path.length;
  for (let at = 1; at < length; at++) {
    const char = path.charCodeAt(at);
    if (last === 47 && (char === 47 || char === 46)) return false;
    last = char;
  }
  return path.charCodeAt(0) === 47 && (last !== 47 || length === 1);
}
