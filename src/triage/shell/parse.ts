// The shell-aware reading of a command line as Falco prints it (`proc.cmdline`: the process's name and its arguments,
// joined by blanks, quotes lost). The outermost argument boundaries are therefore guesses and marked so; the script
// behind a shell's `-c` is whole, because it is one argument, and is read with the shell's own grammar. Time is linear
// in the text (times the bounded depth), nothing throws, nothing is expanded or run.

import { decoderOf, decodeText, printed } from './decode.ts';
import {
  commandsInProgram,
  endpointInProgram,
  interpreterOf,
  opensSocket,
  payloadsInProgram,
  programIndex,
  SHELLS,
  scriptIndex,
} from './interpreters.ts';
import { lexScript, type Token } from './lexer.ts';
import type {
  Command,
  CommandOrigin,
  Decoded,
  Endpoint,
  ParsedCommandLine,
  Program,
  Redirect,
} from './types.ts';
import { LIMITS } from './types.ts';
import { unwrap } from './wrappers.ts';

interface Context {
  readonly origin: CommandOrigin;
  readonly depth: number;
  readonly via: readonly string[];
  readonly substituted: boolean;
}

/** Words that shell grammar puts before a command and that run nothing themselves. */
const KEYWORDS = new Set(['if', 'then', 'elif', 'else', 'while', 'until', 'do', '!', '{', 'time', 'coproc']);
const CLOSERS = new Set(['fi', 'done', 'esac', '}', 'in']);
const SKIP_TO_BODY = new Set(['for', 'select', 'case', 'function']);

/** Reads a command line (Falco's print, or a script when `form` says so). Never throws. */
export function parseCommandLine(text: string, form: 'argv' | 'script' = 'argv'): ParsedCommandLine {
  const reader = new Reader();
  const cut = text.length > LIMITS.characters ? text.slice(0, LIMITS.characters) : text;
  if (cut.length < text.length) reader.note('The command line is longer than what is read of it.');
  const context: Context = { origin: form, depth: 0, via: [], substituted: false };
  if (form === 'script') reader.script(cut, context);
  else
    reader.argv(
      cut.split(/[ \t\r\n]+/).filter((word) => word !== ''),
      context,
      cut,
    );
  return reader.result(cut);
}

class Reader {
  readonly #commands: Command[] = [];
  readonly #decoded: Decoded[] = [];
  readonly #programs: Program[] = [];
  readonly #sockets: Endpoint[] = [];
  readonly #notes = new Set<string>();
  readonly #urls = new Set<string>();
  #decodedCharacters = 0;

  note(text: string): void {
    this.#notes.add(text);
  }

  result(text: string): ParsedCommandLine {
    this.#collectUrls(text);
    return {
      commands: this.#commands,
      decoded: this.#decoded,
      programs: this.#programs,
      sockets: this.#sockets,
      urls: [...this.#urls],
      notes: [...this.#notes],
    };
  }

  /** A whole command line whose word boundaries are guesses; `raw` keeps the script behind `-c` byte for byte. */
  argv(words: readonly string[], context: Context, raw: string): void {
    if (words.length > 1) {
      this.note('Falco joins arguments by blanks: a blank inside an argument reads as two arguments.');
    }
    this.#add(words, [], [], context, undefined, raw);
  }

  script(text: string, context: Context): void {
    if (context.depth > LIMITS.depth) {
      this.note('Nested deeper than what is read.');
      return;
    }
    const tokens = lexScript(text);
    let words: string[] = [];
    let assignments: string[] = [];
    let redirects: Redirect[] = [];
    let subs: string[] = [];
    let skipping = false;
    let from: number | undefined;
    const finish = (piped: boolean) => {
      const before = this.#commands.length;
      if (words.length > 0 || assignments.length > 0 || redirects.length > 0) {
        this.#add(words, assignments, redirects, context, from, undefined);
      }
      from = piped && this.#commands.length > before ? before : undefined;
      for (const sub of subs) {
        this.script(sub, { ...context, depth: context.depth + 1, substituted: true });
      }
      words = [];
      assignments = [];
      redirects = [];
      subs = [];
      skipping = false;
    };
    for (let i = 0; i < tokens.length && this.#commands.length < LIMITS.commands; i++) {
      const token = tokens[i] as Token;
      if (token.kind === 'operator') {
        finish(token.text === '|');
      } else if (token.kind === 'redirect') {
        const target = tokens[i + 1];
        if (target?.kind === 'word') {
          redirects.push(redirectOf(token, target.text));
          subs.push(...target.subs);
          i++;
        }
      } else {
        subs.push(...token.subs);
        if (skipping) continue;
        if (words.length === 0 && !token.quoted) {
          if (KEYWORDS.has(token.text) || CLOSERS.has(token.text)) continue;
          if (SKIP_TO_BODY.has(token.text)) {
            skipping = true;
            continue;
          }
          if (/^[A-Za-z_][A-Za-z0-9_]*\+?=/.test(token.text)) {
            assignments.push(token.text);
            continue;
          }
        }
        if (words.length < LIMITS.wordsPerCommand) words.push(token.text);
      }
    }
    finish(false);
    if (this.#commands.length >= LIMITS.commands) this.note('Holds more commands than what is read.');
  }

  #add(
    words: readonly string[],
    assignments: readonly string[],
    redirects: readonly Redirect[],
    context: Context,
    pipeFrom: number | undefined,
    raw: string | undefined,
  ): void {
    if (this.#commands.length >= LIMITS.commands) return;
    const name = baseName(words[0] ?? '');
    const command: Command = {
      name,
      words,
      assignments,
      redirects,
      via: context.via,
      origin: context.origin,
      depth: context.depth,
      substituted: context.substituted,
      ...(pipeFrom === undefined ? {} : { pipeFrom }),
    };
    this.#commands.push(command);
    for (const redirect of redirects) this.#socketIn(redirect.target);
    for (const word of words) if (word.includes('/dev/')) this.#socketIn(word);
    this.#decodePipe(command);
    this.#inside(command, context, pipeFrom, raw);
  }

  /** What the command runs in turn: a shell's script, an interpreter's program, a wrapped command. */
  #inside(command: Command, context: Context, pipeFrom: number | undefined, raw: string | undefined): void {
    const { name, words } = command;
    const deeper = (label: string, origin: CommandOrigin): Context => ({
      origin,
      depth: context.depth + 1,
      via: [...context.via, label],
      substituted: context.substituted,
    });
    if (SHELLS.has(name)) {
      const at = scriptIndex(words);
      // In Falco's print the script is everything that follows; inside a script it is one word.
      if (at > 0) {
        const text = raw === undefined ? (words[at] as string) : afterWords(raw, at);
        this.script(text, deeper(`${name} -c`, 'script'));
      }
      for (const redirect of command.redirects) {
        if (redirect.op === '<<<') this.script(redirect.target, deeper(`${name} <<<`, 'script'));
      }
      return;
    }
    const language = interpreterOf(name);
    if (language !== undefined) {
      const at = programIndex(language, words);
      if (at > 0)
        this.#program(language, raw === undefined ? (words[at] as string) : afterWords(raw, at), deeper);
      return;
    }
    if (context.depth >= LIMITS.depth) return;
    const inner = unwrap(name, words);
    if (inner === undefined || inner.words.length === 0) return;
    const next = deeper(inner.label, context.origin);
    if (inner.script) this.script(inner.words.join(' '), { ...next, origin: 'script' });
    else {
      const skipped = words.length - inner.words.length;
      const rest = raw !== undefined && inner.label !== 'find -exec' ? afterWords(raw, skipped) : undefined;
      this.#add(inner.words, command.assignments, [], next, pipeFrom, rest);
    }
  }

  #program(language: string, text: string, deeper: (label: string, origin: CommandOrigin) => Context): void {
    this.#programs.push({ language, text });
    if (opensSocket(text)) {
      const endpoint = endpointInProgram(text);
      if (endpoint !== undefined) this.#sockets.push({ protocol: 'tcp', ...endpoint });
    }
    const context = deeper(language, 'interpreter');
    if (context.depth > LIMITS.depth) return;
    const executes = /\b(?:exec|eval|system|popen|Popen|run|spawn)\b/.test(text);
    for (const { encoding, payload } of payloadsInProgram(text)) {
      const decoded = this.#keepDecoded(encoding, payload, executes);
      if (decoded === undefined) continue;
      if (/[;{(]/.test(decoded) && /\b(?:import|require|def |function|socket)\b/.test(decoded)) {
        this.#program(language, decoded, deeper);
      } else this.script(decoded, { ...context, origin: 'decoded' });
    }
    for (const command of commandsInProgram(text)) this.script(command, context);
  }

  /** `echo PAYLOAD | base64 -d`, `base64 -d <<< PAYLOAD`, `printf '\x…'`, and what the next shell makes of it. */
  #decodePipe(command: Command): void {
    const source = command.pipeFrom === undefined ? undefined : this.#commands[command.pipeFrom];
    const encoding = decoderOf(command);
    if (encoding !== undefined) {
      const here = command.redirects.find((redirect) => redirect.op === '<<<')?.target;
      const payload = here ?? (source === undefined ? undefined : printed(source));
      if (payload !== undefined) this.#keepDecoded(encoding, payload, false);
      return;
    }
    if (source === undefined) return;
    const runs = SHELLS.has(command.name) || interpreterOf(command.name) !== undefined;
    if (!runs) return;
    const text = this.#outputOf(source);
    if (text === undefined) return;
    const last = this.#decoded.at(-1);
    if (last !== undefined && last.text === text)
      this.#decoded[this.#decoded.length - 1] = { ...last, executed: true };
    if (SHELLS.has(command.name)) {
      this.script(text, {
        origin: last?.text === text ? 'decoded' : 'script',
        depth: command.depth + 1,
        via: [...command.via, `| ${command.name}`],
        substituted: command.substituted,
      });
    } else this.#programs.push({ language: command.name, text });
  }

  /** What a command writes to its pipe, where the command line itself says so. */
  #outputOf(command: Command): string | undefined {
    const text = printed(command);
    if (text !== undefined) {
      const original = command.words.slice(1).join(' ');
      if (text !== original && /\\(?:x[0-9a-fA-F]|[0-7]{3}|u)/.test(original)) {
        this.#decoded.push({ encoding: 'escapes', text, executed: false });
      }
      return text;
    }
    return decoderOf(command) === undefined ? undefined : this.#decoded.at(-1)?.text;
  }

  #keepDecoded(encoding: Decoded['encoding'], payload: string, executed: boolean): string | undefined {
    if (this.#decodedCharacters + payload.length > LIMITS.decodedCharacters) {
      this.note('Holds more encoded text than what is decoded.');
      return undefined;
    }
    this.#decodedCharacters += payload.length;
    const text = decodeText(encoding, payload);
    if (text === undefined) return undefined;
    this.#decoded.push({ encoding, text, executed });
    this.#collectUrls(text);
    return text;
  }

  #socketIn(text: string): void {
    const match = /\/dev\/(tcp|udp)\/([^/\s"']{1,253})\/([^\s"'/;)]{1,32})/.exec(text.slice(0, 2_048));
    if (match === null || this.#sockets.length >= 32) return;
    const [, protocol, host, port] = match as unknown as [string, 'tcp' | 'udp', string, string];
    if (!this.#sockets.some((s) => s.host === host && s.port === port))
      this.#sockets.push({ protocol, host, port });
  }

  #collectUrls(text: string): void {
    for (const match of text.matchAll(/\b[a-z][a-z0-9+.-]{1,14}:\/\/[^\s"'<>|;)`\\]{1,2000}/gi)) {
      if (this.#urls.size >= LIMITS.urls) return;
      this.#urls.add(withoutTrailing(match[0], '.,]}'));
    }
  }
}

function redirectOf(token: Extract<Token, { kind: 'redirect' }>, target: string): Redirect {
  return token.fd === undefined ? { op: token.op, target } : { op: token.op, fd: token.fd, target };
}

/** The text after the first `count` blank-separated words. */
function afterWords(text: string, count: number): string {
  let i = 0;
  for (let seen = 0; ; seen++) {
    while (i < text.length && ' \t\r\n'.includes(text[i] as string)) i++;
    if (seen === count) return text.slice(i);
    if (i >= text.length) return '';
    while (i < text.length && !' \t\r\n'.includes(text[i] as string)) i++;
  }
}

function withoutTrailing(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text[end - 1] as string)) end--;
  return text.slice(0, end);
}

/** `/usr/bin/curl` → `curl`; login shells lose their dash (`-bash`). */
export function baseName(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name.startsWith('-') && name.length > 1 ? name.slice(1) : name;
}
