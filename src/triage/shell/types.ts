// What the shell parser makes of a command line. Everything here is attacker text: escape it where it is shown.

/** Where a command's text comes from, weakest first in how sure its word boundaries are. */
export type CommandOrigin =
  /** Falco's own print: arguments joined by blanks, so a blank inside an argument looks like two arguments. */
  | 'argv'
  /** A script given to a shell (`-c`), read with the shell's own quoting. */
  | 'script'
  /** Text that a decoder (base64, hex, escapes) in the same command line would yield. */
  | 'decoded'
  /** A command that an interpreter's program (`python -c`, `perl -e`) hands to a shell or executes. */
  | 'interpreter';

export interface Redirect {
  readonly op: '<' | '>' | '>>' | '<>' | '>|' | '<<' | '<<<' | '>&' | '<&' | '&>' | '&>>';
  /** The file descriptor written before the operator. */
  readonly fd?: number;
  readonly target: string;
}

/** One simple command. */
export interface Command {
  /** Base name of the program, without directory: `curl`. Empty for a bare assignment or redirection. */
  readonly name: string;
  /** The words after expansion of quotes only; `words[0]` is the program as written. */
  readonly words: readonly string[];
  readonly assignments: readonly string[];
  readonly redirects: readonly Redirect[];
  /** Programs that lead to this one, outermost first: `['sudo', 'env']`, `['sh -c']`, `['xargs']`. */
  readonly via: readonly string[];
  readonly origin: CommandOrigin;
  /** How many shells, decoders or substitutions deep it stands. */
  readonly depth: number;
  /** Index (in `ParsedCommandLine.commands`) of the command whose output it reads through a pipe. */
  readonly pipeFrom?: number;
  /** Inside `$(…)`, backquotes or `<(…)`. */
  readonly substituted: boolean;
}

export interface Decoded {
  readonly encoding: 'base64' | 'base32' | 'hex' | 'escapes';
  readonly text: string;
  /** The decoded text was handed to a shell or interpreter. */
  readonly executed: boolean;
}

export interface Endpoint {
  readonly protocol: 'tcp' | 'udp';
  readonly host: string;
  readonly port: string;
}

/** A program text given to an interpreter on its command line. */
export interface Program {
  readonly language: string;
  readonly text: string;
}

export interface ParsedCommandLine {
  readonly commands: readonly Command[];
  readonly decoded: readonly Decoded[];
  readonly programs: readonly Program[];
  /** `/dev/tcp/HOST/PORT` and `/dev/udp/…`: connections that bash itself opens. */
  readonly sockets: readonly Endpoint[];
  readonly urls: readonly string[];
  /** What was not read, and what is a guess: sentences without values. */
  readonly notes: readonly string[];
}

/** Bounds that keep hostile input cheap. */
export const LIMITS = {
  /** Characters of a command line that are read at all. */
  characters: 65_536,
  commands: 256,
  wordsPerCommand: 1_024,
  /** Nesting of shells, substitutions and decoders. */
  depth: 6,
  /** Characters of decoded text in all. */
  decodedCharacters: 65_536,
  urls: 64,
} as const;
