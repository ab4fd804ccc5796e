// From a process's cgroups to its container: the conventions of each runtime. Follows the container plugin's matchers
// (falcosecurity/plugins plugins/container/src/matchers): podman, docker, cri, containerd, lxc, libvirt-lxc, bpm.

const FULL_ID = 64;
const SHORT_ID = 12;

/** `subsystem=path` split, with the subsystem named as Falco names it. */
export function splitCgroup(entry: string): readonly [subsystem: string, path: string] | undefined {
  const at = entry.lastIndexOf('=');
  if (at < 0) return undefined;
  const subsystem = entry.slice(0, at).replace('_cgroup', '');
  return [RENAMED.get(subsystem) ?? subsystem, entry.slice(at + 1)];
}

const RENAMED: ReadonlyMap<string, string> = new Map([
  ['perf', 'perf_event'],
  ['mem', 'memory'],
  ['io', 'blkio'],
]);

/** The container that the cgroups of a process tell of: its short id, or `''` for the host. */
export function containerIdOf(cgroups: readonly string[]): string {
  for (const entry of cgroups) {
    const path = splitCgroup(entry)?.[1];
    if (path === undefined) break;
    for (const match of MATCHERS) {
      const id = match(path);
      if (id !== undefined) return id;
    }
  }
  return '';
}

type Matcher = (cgroup: string) => string | undefined;

const PODMAN = [
  ['/libpod-', '.scope'],
  ['/libpod-', '.scope/container'],
  ['/libpod-', ''],
] as const;
const DOCKER = [
  ['/', ''],
  ['/docker-', '.scope'],
] as const;
const CRI = [
  ['/', ''],
  ['/crio-', ''],
  ['/cri-containerd-', '.scope'],
  ['/crio-', '.scope'],
  [':cri-containerd:', ''],
  ['/docker-', '.scope'],
] as const;

const MATCHERS: readonly Matcher[] = [
  (cgroup) => matchLayouts(cgroup, PODMAN, false),
  (cgroup) => matchLayouts(cgroup, DOCKER, false),
  (cgroup) => matchLayouts(cgroup, CRI, false),
  containerd,
  lxc,
  libvirtLxc,
  bpm,
];

function matchLayouts(
  cgroup: string,
  layouts: readonly (readonly [prefix: string, suffix: string])[],
  isContainerd: boolean,
): string | undefined {
  for (const [prefix, suffix] of layouts) {
    const id = matchLayout(cgroup, prefix, suffix, isContainerd);
    if (id !== undefined) return id;
  }
  return undefined;
}

/** `…PREFIX ID SUFFIX`: 64 hex digits; containerd also takes shorter names, but not those of systemd's units. */
function matchLayout(
  cgroup: string,
  prefix: string,
  suffix: string,
  isContainerd: boolean,
): string | undefined {
  const found = cgroup.lastIndexOf(prefix);
  if (found < 0) return undefined;
  const from = found + prefix.length;
  const to = cgroup.lastIndexOf(suffix);
  const size = to - from;
  if (to < 0 || size <= 0) return undefined;
  if (size === FULL_ID && hexUpTo(cgroup, from) >= FULL_ID) return cgroup.slice(from, from + SHORT_ID);
  if (size > FULL_ID || !isContainerd) return undefined;
  if (cgroup.endsWith('.service') || cgroup.endsWith('.slice') || cgroup.endsWith('.scope')) return undefined;
  return cgroup.slice(from, from + Math.min(size, SHORT_ID));
}

/** Index in `text` of the first character from `from` on that is no hex digit; its length when all are. */
function hexUpTo(text: string, from: number): number {
  let at = from;
  while (at < text.length && /[0-9a-fA-F]/.test(text[at] as string)) at++;
  return at === text.length ? Number.MAX_SAFE_INTEGER : at;
}

/** `/NAMESPACE/ID`, as `ctr` makes them. */
function containerd(cgroup: string): string | undefined {
  const namespace = /\/[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*\//.exec(cgroup)?.[0];
  return namespace === undefined ? undefined : matchLayout(cgroup, namespace, '', true);
}

function lxc(cgroup: string): string | undefined {
  for (const layout of ['/lxc/', '/lxc.payload/', '/lxc.payload.']) {
    const at = cgroup.indexOf(layout);
    if (at < 0) continue;
    const from = at + layout.length;
    const to = cgroup.indexOf('/', from);
    return cgroup.slice(from, to < 0 ? cgroup.length : to);
  }
  return undefined;
}

function libvirtLxc(cgroup: string): string | undefined {
  const plain = '.libvirt-lxc';
  if (cgroup.endsWith(plain)) {
    const slash = cgroup.lastIndexOf('/');
    if (slash >= 0) return cgroup.slice(slash + 1, -plain.length);
  }
  const systemd = cgroup.indexOf('-lxc\\x2');
  if (systemd >= 0) {
    const suffix = cgroup.includes('.scope/libvirt') ? '.scope/libvirt' : '.scope';
    if (cgroup.endsWith(suffix)) return cgroup.slice(systemd + '-lxc\\x2d'.length, -suffix.length);
  }
  const legacy = cgroup.indexOf('/libvirt/lxc/');
  return legacy < 0 ? undefined : cgroup.slice(legacy + '/libvirt/lxc/'.length);
}

function bpm(cgroup: string): string | undefined {
  const at = cgroup.indexOf('bpm-');
  if (at < 0) return undefined;
  const from = at + 'bpm-'.length;
  const to = cgroup.indexOf('.scope', from);
  const id = cgroup.slice(from, to < 0 ? cgroup.length : to);
  return /^[A-Za-z0-9._-]+$/.test(id) ? id : undefined;
}
