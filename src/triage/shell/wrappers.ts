// Programs that run another program given on their own command line. Each entry says which words are the wrapper's
// own, so that what is left is the wrapped command. Options as in the current manual pages of coreutils, util-linux,
// sudo, findutils, busybox, docker, kubectl.

/** What unwrapping found: the inner argv, and whether it is a script text for a shell. */
export interface Unwrapped {
  readonly label: string;
  readonly words: readonly string[];
  /** The inner words are one script for a shell (`su -c`, `ssh host …`), not an argv. */
  readonly script: boolean;
}

interface Wrapper {
  /** Short and long options that take a value as the next word. */
  readonly valued?: readonly string[];
  /** Positional words before the wrapped command: `chroot DIR`, `timeout 5`. */
  readonly positional?: number;
  /** Assignments (`A=B`) before the command are the wrapper's. */
  readonly assignments?: boolean;
}

const WRAPPERS: Readonly<Record<string, Wrapper>> = {
  sudo: {
    valued: [
      '-u',
      '--user',
      '-g',
      '--group',
      '-h',
      '--host',
      '-p',
      '--prompt',
      '-C',
      '-r',
      '-t',
      '-T',
      '-U',
      '-D',
      '-R',
    ],
    assignments: true,
  },
  doas: { valued: ['-u', '-C'] },
  env: { valued: ['-u', '--unset', '-C', '--chdir', '-S', '--split-string'], assignments: true },
  nice: { valued: ['-n', '--adjustment'] },
  ionice: { valued: ['-c', '--class', '-n', '--classdata'] },
  nohup: {},
  setsid: {},
  stdbuf: { valued: ['-i', '-o', '-e'] },
  timeout: { valued: ['-s', '--signal', '-k', '--kill-after'], positional: 1 },
  chroot: { valued: ['--userspec', '--groups'], positional: 1 },
  unshare: {
    valued: [
      '-R',
      '--root',
      '-w',
      '--wd',
      '-S',
      '--setuid',
      '-G',
      '--setgid',
      '--propagation',
      '--map-user',
      '--map-group',
    ],
  },
  nsenter: { valued: ['-t', '--target', '-S', '--setuid', '-G', '--setgid'] },
  setpriv: { valued: ['--reuid', '--regid', '--groups', '--inh-caps', '--ambient-caps', '--bounding-set'] },
  capsh: {},
  xargs: {
    valued: ['-I', '-n', '-P', '-L', '-s', '-d', '-E', '-a', '--arg-file', '--max-args', '--max-procs'],
  },
  time: {},
  exec: { valued: ['-a'] },
  command: {},
  builtin: {},
  eval: {},
  watch: { valued: ['-n', '--interval'] },
  busybox: {},
  toybox: {},
  tini: { valued: ['-p', '-e'] },
  'dumb-init': {},
  catatonit: {},
  flock: { valued: ['-w', '--timeout', '-E'], positional: 1 },
  gosu: { positional: 1 },
  'su-exec': { positional: 1 },
  systemd_run: { valued: ['-u', '--unit', '-p', '--property', '--uid', '--gid'] },
  runuser: { valued: ['-u', '--user', '-g', '--group'] },
  strace: { valued: ['-e', '-o', '-p', '-s', '-u', '-E', '-P'] },
  ltrace: { valued: ['-e', '-o', '-p', '-s', '-u'] },
};

/** Takes one wrapper off. `undefined`: the command wraps nothing. */
export function unwrap(name: string, words: readonly string[]): Unwrapped | undefined {
  const special = unwrapSpecial(name, words);
  if (special !== undefined) return special;
  const key = name === 'systemd-run' ? 'systemd_run' : name;
  const wrapper = Object.hasOwn(WRAPPERS, key) ? WRAPPERS[key] : undefined;
  if (wrapper === undefined) return undefined;
  let i = 1;
  let positional = wrapper.positional ?? 0;
  while (i < words.length) {
    const word = words[i] as string;
    if (word === '--') {
      i++;
      break;
    }
    if (word.startsWith('-') && word.length > 1) i += wrapper.valued?.includes(word) ? 2 : 1;
    else if (wrapper.assignments && /^[A-Za-z_][A-Za-z0-9_]*=/.test(word)) i++;
    else if (positional > 0) {
      positional--;
      i++;
    } else break;
  }
  if (i >= words.length) return undefined;
  return { label: name, words: words.slice(i), script: name === 'eval' || name === 'watch' };
}

function unwrapSpecial(name: string, words: readonly string[]): Unwrapped | undefined {
  if (name === 'su' || name === 'runuser') {
    const at = words.findIndex((word) => word === '-c' || word === '--command');
    if (at > 0 && at + 1 < words.length)
      return { label: `${name} -c`, words: words.slice(at + 1), script: true };
    return undefined;
  }
  if (name === 'find') {
    const at = words.findIndex((word) => ['-exec', '-execdir', '-ok', '-okdir'].includes(word));
    if (at < 0) return undefined;
    const rest = words.slice(at + 1);
    const end = rest.findIndex((word) => word === ';' || word === '+' || word === '\\;');
    return { label: 'find -exec', words: end < 0 ? rest : rest.slice(0, end), script: false };
  }
  if (name === 'ssh') return unwrapSsh(words);
  if (name === 'docker' || name === 'podman' || name === 'nerdctl' || name === 'crictl') {
    const at = words.indexOf('exec');
    return at > 0 ? afterTarget(`${name} exec`, words, at) : undefined;
  }
  if (name === 'kubectl' || name === 'oc') {
    const dashes = words.indexOf('--');
    return dashes > 0 && dashes + 1 < words.length
      ? { label: `${name} ${words[1] ?? ''}`.trimEnd(), words: words.slice(dashes + 1), script: false }
      : undefined;
  }
  return undefined;
}

const SSH_VALUED = new Set([...'BbcDEeFIiJLlmOopQRSWw'].map((letter) => `-${letter}`));

function unwrapSsh(words: readonly string[]): Unwrapped | undefined {
  let i = 1;
  while (i < words.length && (words[i] as string).startsWith('-'))
    i += SSH_VALUED.has(words[i] as string) ? 2 : 1;
  return i + 1 < words.length ? { label: 'ssh', words: words.slice(i + 1), script: true } : undefined;
}

/** `docker exec [options] CONTAINER command…`. */
function afterTarget(label: string, words: readonly string[], at: number): Unwrapped | undefined {
  const valued = ['-e', '--env', '-u', '--user', '-w', '--workdir', '--env-file'];
  let i = at + 1;
  while (i < words.length && (words[i] as string).startsWith('-'))
    i += valued.includes(words[i] as string) ? 2 : 1;
  return i + 1 < words.length ? { label, words: words.slice(i + 1), script: false } : undefined;
}
