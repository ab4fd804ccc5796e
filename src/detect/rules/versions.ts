// Version numbers in rule files.

export type Version = readonly [major: number, minor: number, patch: number];

/** Three numbers; what follows them is ignored. */
export function parseVersion(text: string): Version | undefined {
  const match = /^\s*(\d{1,9})\.(\d{1,9})\.(\d{1,9})/.exec(text);
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3])];
}

export function compareVersions(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/** Falco's compatibility: the same major number, and at least as new. */
export function satisfies(has: Version, wants: Version): boolean {
  return has[0] === wants[0] && compareVersions(has, wants) >= 0;
}
