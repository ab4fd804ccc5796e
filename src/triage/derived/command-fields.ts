// What parsed command lines do: what they fetch, send, write, delete, decode, and whether they hand a shell to the net.
// Each function takes one or more parsed command lines (a process's, or those of its whole shown ancestry).

import { decoderOf } from '../shell/decode.ts';
import { interpreterOf, opensSocket, SHELLS, scriptIndex } from '../shell/interpreters.ts';
import type { Command, ParsedCommandLine } from '../shell/types.ts';

type Lines = readonly ParsedCommandLine[];

const DOWNLOADERS = new Set([
  'curl',
  'wget',
  'fetch',
  'aria2c',
  'axel',
  'lwp-download',
  'lwp-request',
  'GET',
  'lynx',
  'links',
  'tftp',
  'ftpget',
  'httpie',
  'http',
]);
const NETCATS = new Set([
  'nc',
  'ncat',
  'netcat',
  'nc.openbsd',
  'nc.traditional',
  'cryptcat',
  'pwncat',
  'nc.exe',
]);

export function allCommands(lines: Lines): Command[] {
  return lines.flatMap((line) => line.commands);
}

export function commandNames(lines: Lines): string[] {
  return unique(allCommands(lines).map((command) => command.name));
}

export function commandTexts(lines: Lines): string[] {
  return unique(allCommands(lines).map((command) => [command.name, ...command.words.slice(1)].join(' ')));
}

/** Everything that runs, as one text: commands, interpreter programs, decoded payloads, one a line. */
export function commandText(lines: Lines): string {
  return [
    ...commandTexts(lines),
    ...lines.flatMap((line) => line.programs.map((program) => program.text)),
    ...decodedTexts(lines),
  ].join('\n');
}

export function urls(lines: Lines): string[] {
  return unique(lines.flatMap((line) => line.urls));
}

/** Hosts of URLs, of `/dev/tcp` and of netcat's arguments. */
export function hosts(lines: Lines): string[] {
  const found = urls(lines).map(hostOfUrl);
  for (const line of lines) for (const socket of line.sockets) found.push(socket.host);
  for (const command of allCommands(lines)) {
    if (NETCATS.has(command.name)) found.push(...netcatHosts(command));
    // curl and wget take a host without a scheme too.
    if (command.name === 'curl' || command.name === 'wget') {
      for (const word of command.words.slice(1)) {
        const match = /^((?:\d{1,3}\.){3}\d{1,3})(?::\d{1,5})?(?:\/|$)/.exec(word);
        if (match !== null) found.push(match[1] as string);
      }
    }
  }
  return unique(found.filter((host) => host !== ''));
}

export function decodedTexts(lines: Lines): string[] {
  return unique(lines.flatMap((line) => line.decoded.map((decoded) => decoded.text)));
}

/** A decoder feeds a shell or interpreter, whether or not the payload itself is on the command line. */
export function decodedIsRun(lines: Lines): boolean {
  return lines.some(
    (line) =>
      line.decoded.some((decoded) => decoded.executed) ||
      line.commands.some((command) => {
        const source = command.pipeFrom === undefined ? undefined : line.commands[command.pipeFrom];
        return source !== undefined && decoderOf(source) !== undefined && runsInput(command);
      }),
  );
}

function runsInput(command: Command): boolean {
  return SHELLS.has(command.name) || interpreterOf(command.name) !== undefined || command.name === 'xargs';
}

function isDownload(command: Command): boolean {
  if (!DOWNLOADERS.has(command.name)) return false;
  const target = command.words.find((word) => /:\/\//.test(word)) ?? command.words.at(-1) ?? '';
  return !isLoopback(hostOfUrl(target.includes('://') ? target : `x://${target}`));
}

export function downloads(lines: Lines): boolean {
  return allCommands(lines).some(isDownload);
}

/** Something fetched is run: piped or substituted into a shell, or its file is made executable or started. */
export function fetchedIsRun(lines: Lines): boolean {
  for (const line of lines) {
    const fetched = line.commands.flatMap((command) => (isDownload(command) ? outputFiles(command) : []));
    for (const [index, command] of line.commands.entries()) {
      let source = command.pipeFrom === undefined ? undefined : line.commands[command.pipeFrom];
      for (let hops = 0; source !== undefined && hops < 8; hops++) {
        if (isDownload(source) && runsInput(command)) return true;
        source = source.pipeFrom === undefined ? undefined : line.commands[source.pipeFrom];
      }
      const runner = SHELLS.has(command.name) || ['eval', 'source', '.'].includes(command.name);
      const next = line.commands[index + 1];
      if (runner && next?.substituted && isDownload(next) && /[`(]/.test(command.words.join(' ')))
        return true;
      if (fetched.length === 0) continue;
      const runs =
        fetched.includes(command.words[0] ?? '') || fetched.some((f) => `./${f}` === command.words[0]);
      const opens = [
        'chmod',
        'sh',
        'bash',
        'source',
        '.',
        'python3',
        'python',
        'perl',
        'insmod',
        'install',
      ].includes(command.name);
      // A script behind `-c` mentions files; its own commands are looked at one by one.
      if (SHELLS.has(command.name) && scriptIndex(command.words) > 0) continue;
      if (
        runs ||
        (opens && command.words.slice(1).some((word) => fetched.includes(word.replace(/^\.\//, ''))))
      )
        return true;
    }
  }
  return false;
}

/** Files that a downloader names with `-o`, `-O` or a redirection. */
function outputFiles(command: Command): string[] {
  const files = command.redirects.filter((r) => r.op.startsWith('>') && r.fd !== 2).map((r) => r.target);
  for (const [i, word] of command.words.entries()) {
    if (word === '-o' || word === '--output' || word === '-O' || word === '--output-document') {
      const next = command.words[i + 1];
      if (next !== undefined && !next.startsWith('-') && !next.includes('://')) files.push(next);
      else if (word === '-O') files.push(baseOfUrl(command.words.find((w) => w.includes('://')) ?? ''));
    } else if (/^-[A-Za-z]*[oO]$/.test(word.slice(0, 12)) && word.length > 2 && word.length < 12) {
      const next = command.words[i + 1];
      if (next !== undefined && !next.startsWith('-') && !next.includes('://')) files.push(next);
    }
  }
  if (command.name === 'wget' && files.length === 0)
    files.push(baseOfUrl(command.words.find((w) => w.includes('://')) ?? ''));
  return files.filter((file) => file !== '' && file !== '-' && file !== '/dev/null');
}

/** A shell whose input and output are a network connection, in the usual ways to make one. */
export function handsShellToNet(lines: Lines): boolean {
  return lines.some((line) => {
    const names = line.commands.map((command) => command.name);
    const shell = names.some((name) => SHELLS.has(name));
    if (line.sockets.length > 0 && line.commands.some(attachesSocket)) return true;
    if (
      line.programs.some(
        (program) =>
          opensSocket(program.text) &&
          /\/bin\/(?:ba|da|z)?sh|\bpty\b|cmd\.exe|subprocess|exec/.test(program.text),
      )
    ) {
      return true;
    }
    return line.commands.some((command) => {
      if (NETCATS.has(command.name)) {
        const execs = command.words.some(
          (word, i) =>
            /^(?:-[a-z]{0,6}[ec]|--exec|--sh-exec|--lua-exec)$/.test(word.slice(0, 16)) &&
            command.words[i + 1] !== undefined,
        );
        const piped =
          command.pipeFrom !== undefined && SHELLS.has(line.commands[command.pipeFrom]?.name ?? '');
        return execs || piped || (shell && names.includes('mkfifo'));
      }
      if (command.name === 'socat') return /\b(?:exec|system|shell):/i.test(command.words.join(' '));
      if (command.name === 'openssl')
        return command.words[1] === 's_client' && shell && names.includes('mkfifo');
      if (command.name === 'telnet') return command.pipeFrom !== undefined && shell;
      return false;
    });
  });
}

/** A shell, or `exec`, redirected to `/dev/tcp`. */
function attachesSocket(command: Command): boolean {
  // Without a shell that is known as one (a renamed copy), the redirections stand among the words.
  if (command.origin === 'argv' && command.words.some((word) => word.includes('/dev/tcp/'))) {
    return command.words.some((word) => /^(?:\d?>&|&>|\d?<&|\d<>|<>)/.test(word.slice(0, 4)));
  }
  const toSocket = command.redirects.some(
    (redirect) => redirect.target.includes('/dev/tcp/') || redirect.target.includes('/dev/udp/'),
  );
  return toSocket && (SHELLS.has(command.name) || command.name === 'exec' || /^\d*$/.test(command.name));
}

/** Something is sent out: an upload option, a file fed to netcat, a copy to a remote host or bucket. */
export function uploads(lines: Lines): boolean {
  return lines.some((line) =>
    line.commands.some((command) => {
      const { name, words } = command;
      if (name === 'curl') {
        return words.some((word, i) => {
          if (/^(?:-T|--upload-file|-F|--form)$/.test(word)) return true;
          const data = /^(?:-d|--data|--data-binary|--data-raw|--data-urlencode)$/.test(word);
          return (
            data &&
            (words[i + 1]?.includes('@') === true ||
              /[$`]\(|`/.test(words[i + 1] ?? '') ||
              words[i + 1] === '@-')
          );
        });
      }
      if (name === 'wget') return words.some((word) => /^--(?:post-file|body-file|post-data)/.test(word));
      if (NETCATS.has(name)) {
        const fed = command.redirects.some((redirect) => redirect.op === '<');
        const piped =
          command.pipeFrom !== undefined &&
          /^(?:tar|cat|gzip|zip|dd|base64|openssl)$/.test(line.commands[command.pipeFrom]?.name ?? '');
        return (fed || piped) && !netcatHosts(command).every(isLoopback);
      }
      if (name === 'scp' || name === 'rsync' || name === 'sftp') {
        const last = words.at(-1) ?? '';
        return /^[^/]+:/.test(last) || last.startsWith('rsync://');
      }
      if (name === 'aws' || name === 's5cmd' || name === 'gsutil' || name === 'rclone' || name === 'mc') {
        return (
          words.some((word) => /^(?:cp|sync|mv|copy|rsync)$/.test(word)) &&
          /^(?:s3|gs):\/\/|:/.test(words.at(-1) ?? '')
        );
      }
      return name === 'ftpput' || name === 'sendmail' || name === 'dnscat' || name === 'dnscat2';
    }),
  );
}

/** Paths that the commands write: redirections, `tee`, `-o`, the target of `cp`, `mv`, `ln`, `install`, `dd of=`, `sed -i`. */
export function writtenPaths(lines: Lines): string[] {
  const found: string[] = [];
  for (const command of allCommands(lines)) {
    for (const redirect of command.redirects) {
      if (redirect.op.startsWith('>') || redirect.op.startsWith('&>')) {
        if (!/^&?\d$|^\/dev\/(?:null|tcp|udp|stdout|stderr)/.test(redirect.target))
          found.push(redirect.target);
      }
    }
    const plain = command.words.slice(1).filter((word) => !word.startsWith('-'));
    if (command.name === 'tee') found.push(...plain);
    else if (/^(?:cp|mv|ln|install|rsync)$/.test(command.name) && plain.length > 1)
      found.push(plain.at(-1) as string);
    else if (command.name === 'dd')
      found.push(...plain.filter((w) => w.startsWith('of=')).map((w) => w.slice(3)));
    else if (
      command.name === 'sed' &&
      command.words.some((w) => w === '-i' || w.startsWith('-i.') || w === '--in-place')
    )
      found.push(...plain.slice(1));
    else if (command.name === 'touch') found.push(...plain);
    else if (DOWNLOADERS.has(command.name)) found.push(...outputFiles(command));
  }
  return unique(found);
}

export function deletedPaths(lines: Lines): string[] {
  return unique(
    allCommands(lines).flatMap((command) =>
      /^(?:rm|unlink|shred|srm|wipe|truncate|rmdir)$/.test(command.name)
        ? command.words.slice(1).filter((word) => !word.startsWith('-'))
        : [],
    ),
  );
}

/** Every word that looks like a path, redirections included. */
export function mentionedPaths(lines: Lines): string[] {
  return unique(
    allCommands(lines).flatMap((command) =>
      [...command.words, ...command.redirects.map((redirect) => redirect.target)].filter((word) =>
        /^(?:\/|~\/|\.\.?\/)/.test(word),
      ),
    ),
  );
}

/** All hosts that the commands speak to are the loopback; `undefined` when they name none. */
export function loopbackOnly(lines: Lines): boolean | undefined {
  const all = hosts(lines);
  return all.length === 0 ? undefined : all.every(isLoopback);
}

export function isLoopback(host: string): boolean {
  return (
    host === 'localhost' || host === '::1' || host === '[::1]' || host === '0.0.0.0' || /^127\./.test(host)
  );
}

function netcatHosts(command: Command): string[] {
  if (command.words.some((word) => /^-[a-z]*l/.test(word.slice(0, 8)))) return [];
  const valued = /^-[A-Za-z]*[wpsiqXxIOVTemCcg]$/;
  const plain: string[] = [];
  for (let i = 1; i < command.words.length; i++) {
    const word = command.words[i] as string;
    if (word.startsWith('-')) {
      if (valued.test(word.slice(0, 12)) && !/^-[a-z]*z/.test(word.slice(0, 8))) i++;
    } else plain.push(word);
  }
  return plain.length > 0 ? [plain[0] as string] : [];
}

function hostOfUrl(url: string): string {
  const match = /^[a-z0-9+.-]+:\/\/(?:[^/@\s]{0,256}@)?(\[[0-9a-fA-F:.]+\]|[^/:?#\s]+)/i.exec(url);
  return match?.[1] ?? '';
}

function baseOfUrl(url: string): string {
  const path = url.replace(/[?#].*$/s, '');
  return path.slice(path.lastIndexOf('/') + 1);
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)].slice(0, 512);
}
