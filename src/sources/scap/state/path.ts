// Joining a path with its directory the way Falco does it: the directory stays as it is, the path is freed of `.`,
// `..` and doubled slashes. Follows libs userspace/libsinsp/utils.cpp (concatenate_paths) in what is visible.

const MAX_PATH = 1024;
const TOO_LONG = '/DIR_TOO_LONG/FILENAME_TOO_LONG';
const SLASH = 47;
const DOT = 46;

/** `path` put after directory `base` (which ends in `/`), or alone when it is absolute. No trailing slash. */
export function joinPath(base: string, path: string): string {
  if (base.length + path.length >= MAX_PATH) return TOO_LONG;
  const isAbsolute = path.charCodeAt(0) === SLASH;
  if (isPlain(path)) return isAbsolute ? path : base + path;
  let out = isAbsolute ? '/' : base;
  const length = path.length;
  for (let at = 0; at < length; ) {
    let end = path.indexOf('/', at);
    if (end < 0) end = length;
    const size = end - at;
    if (size === 2 && path.charCodeAt(at) === DOT && path.charCodeAt(at + 1) === DOT) {
      if (out.length > 1) out = out.slice(0, out.lastIndexOf('/', out.length - 2) + 1);
    } else if (size > 0 && !(size === 1 && path.charCodeAt(at) === DOT)) {
      out += path.slice(at, Math.min(end + 1, length));
    }
    at = end + 1;
  }
  return out.length > 1 && out.charCodeAt(out.length - 1) === SLASH ? out.slice(0, -1) : out;
}

/** Nothing to normalise: no empty, `.` or `..` component, no trailing slash. May err to false. */
function isPlain(path: string): boolean {
  const length = path.length;
  if (length === 0) return false;
  let last = path.charCodeAt(0);
  if (last === DOT || (last === SLASH && length === 1)) return false;
  for (let at = 1; at < length; at++) {
    const char = path.charCodeAt(at);
    if (last === SLASH && (char === SLASH || char === DOT)) return false;
    last = char;
  }
  return last !== SLASH;
}

/** A working directory ends in `/`. */
export function withSlash(directory: string): string {
  return directory.charCodeAt(directory.length - 1) === SLASH ? directory : `${directory}/`;
}
