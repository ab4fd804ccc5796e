// Shells and script interpreters: which option carries a program on the command line, and what of that program is a
// command for the system (`os.system("…")`), an encoded payload, or a connection. No language is parsed: string
// literals after well-known calls are read, the rest stays text.

/** Shells of Unix systems, by base name. */
export const SHELLS: ReadonlySet<string> = new Set([
  'sh',
  'bash',
  'dash',
  'ash',
  'zsh',
  'ksh',
  'ksh93',
  'mksh',
  'csh',
  'tcsh',
  'fish',
  'rbash',
  'busybox-sh',
]);

/** Script interpreters, by base name without version: the options that carry a program. */
const PROGRAM_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  python: ['-c'],
  pypy: ['-c'],
  perl: ['-e', '-E'],
  ruby: ['-e'],
  node: ['-e', '--eval', '-p', '--print'],
  nodejs: ['-e', '--eval', '-p', '--print'],
  deno: ['eval'],
  bun: ['-e'],
  php: ['-r'],
  lua: ['-e'],
  luajit: ['-e'],
  tclsh: ['-c'],
  osascript: ['-e'],
  pwsh: ['-c', '-Command', '-EncodedCommand', '-enc'],
  awk: [],
  gawk: [],
  mawk: [],
};

/** `python3.11` → `python`; `undefined` when the program is no interpreter. */
export function interpreterOf(name: string): string | undefined {
  if (name.length > 32) return undefined;
  const base = name.replace(/[\d.]+$/, '').replace(/-$/, '');
  return Object.hasOwn(PROGRAM_OPTIONS, base) ? base : undefined;
}

/** Index of the word that starts the program text, or -1. For awk the first word that is no option. */
export function programIndex(language: string, words: readonly string[]): number {
  if (language.endsWith('awk')) {
    let i = 1;
    while (i < words.length && (words[i] as string).startsWith('-')) {
      if (words[i] === '-f') return -1;
      i += words[i] === '-v' || words[i] === '-F' ? 2 : 1;
    }
    return i < words.length ? i : -1;
  }
  const options = PROGRAM_OPTIONS[language] ?? [];
  for (let i = 1; i < words.length; i++) {
    const word = words[i] as string;
    if (options.includes(word)) return i + 1 < words.length ? i + 1 : -1;
    // Clusters such as `perl -ne` and `python3 -Ic`.
    if (
      word.length < 16 &&
      /^-[A-Za-z0-9]+$/.test(word) &&
      options.some((o) => o.length === 2 && word.endsWith(o[1] as string))
    ) {
      return i + 1 < words.length ? i + 1 : -1;
    }
    if (!word.startsWith('-')) return -1;
  }
  return -1;
}

/** Index of the word after a shell's `-c` (also `-lc`, `-exc`), or -1. Stops at the script's file name. */
export function scriptIndex(words: readonly string[]): number {
  for (let i = 1; i < words.length; i++) {
    const word = words[i] as string;
    if (word.length < 16 && /^-[A-Za-z]*c[A-Za-z]*$/.test(word)) return i + 1 < words.length ? i + 1 : -1;
    if (word === '-o' || word === '+o' || word === '--rcfile' || word === '--init-file') i++;
    else if (!word.startsWith('-') && !word.startsWith('+')) return -1;
  }
  return -1;
}

/** Calls whose first string argument the system runs, over the languages above. */
const RUN_CALLS =
  /\b(?:os\.system|os\.popen|popen|system|shell_exec|passthru|proc_open|exec|execSync|spawn|spawnSync|execFile|call|run|check_output|check_call|Popen|subprocess\.\w+|pty\.spawn|execl|execlp|execv|execvp|execve|Process\.run|IO\.popen|qx)\s{0,4}[({]?\s{0,4}\[?\s{0,4}(["'`])/g;

/** Strings that a program hands to the system as commands; bounded to 16. */
export function commandsInProgram(text: string): string[] {
  const found: string[] = [];
  for (const match of text.matchAll(RUN_CALLS)) {
    if (found.length >= 16) break;
    const quote = match[1] as string;
    const from = match.index + match[0].length;
    let end = from;
    while (end < text.length && text[end] !== quote) end += text[end] === '\\' ? 2 : 1;
    const first = text.slice(from, Math.min(end, text.length));
    found.push([first, ...listRest(text, Math.min(end + 1, text.length), match[0].includes('['))].join(' '));
  }
  return found.filter((command) => command.trim() !== '');
}

/** The further strings of an argv list: `["/bin/sh", "-i"]`. */
function listRest(text: string, at: number, inList: boolean): string[] {
  if (!inList) return [];
  const end = text.indexOf(']', at);
  const body = text.slice(at, end < 0 ? Math.min(text.length, at + 1_000) : end);
  return [...body.matchAll(/["']([^"']*)["']/g)].map((match) => match[1] as string);
}

/** Payload strings next to a decoding call; bounded to 8. */
export function payloadsInProgram(text: string): { encoding: 'base64' | 'hex'; payload: string }[] {
  const encoding =
    /b64decode|decode_base64|base64_decode|from_base64|Base64|'base64'|"base64"|atob|EncodedCommand|-enc\b/.test(
      text,
    )
      ? 'base64'
      : /fromhex|unhexlify|hex2bin|'hex'|"hex"|pack\(["']H\*/.test(text)
        ? 'hex'
        : undefined;
  if (encoding === undefined) return [];
  const found: { encoding: 'base64' | 'hex'; payload: string }[] = [];
  for (const match of text.matchAll(/[A-Za-z0-9+/_-]{16,}={0,2}/g)) {
    if (found.length >= 8) break;
    found.push({ encoding, payload: match[0] });
  }
  return found;
}

/** The program opens a connection itself. */
export function opensSocket(text: string): boolean {
  return /\bsocket\b|IO::Socket|TCPSocket|fsockopen|net\.connect|createConnection|net\.Socket|\/inet\/(?:tcp|udp)\//.test(
    text,
  );
}

/** Address and port of a connection that the program opens, where both stand as literals. */
export function endpointInProgram(text: string): { host: string; port: string } | undefined {
  const inet = /\/inet\/(?:tcp|udp)\/\d*\/([\w.:-]+)\/(\d{1,5})/.exec(text);
  if (inet !== null) return { host: inet[1] as string, port: inet[2] as string };
  const pair =
    /["']((?:\d{1,3}\.){3}\d{1,3}|[A-Za-z0-9][A-Za-z0-9.-]{1,253})["']\s*[,:]\s*["']?(\d{1,5})\b/.exec(text);
  if (pair !== null) return { host: pair[1] as string, port: pair[2] as string };
  const perl = /\$i=["']([\w.-]+)["'];\$p=(\d{1,5})/.exec(text);
  return perl === null ? undefined : { host: perl[1] as string, port: perl[2] as string };
}
