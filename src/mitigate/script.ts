// Commands for people to run: built from words, each quoted by one function, so that what an attacker wrote in an
// alert stays one word. A name that only the reader knows is a word in angle brackets.

import { isShellWord, shellCommand, shellQuote } from '../base/escape/shell.ts';
import { checkCommands } from './checks/commands.ts';
import { checkShell } from './checks/shell.ts';
import type { Toolbox } from './checks/toolbox.ts';
import type { Artefact, Check } from './types.ts';

export class Script {
  readonly #lines: string[] = [];
  readonly #commands: (readonly string[])[] = [];

  /** A comment line; never holds text from an alert. */
  note(text: string): this {
    this.#lines.push(`# ${text}`);
    return this;
  }

  /** One command; `to`: the file that takes its output; `pipe`: commands that read it, in order. */
  run(
    words: readonly string[],
    options: { readonly to?: string; readonly pipe?: readonly (readonly string[])[] } = {},
  ): this {
    const all = [words, ...(options.pipe ?? [])];
    if (!all.flat().every(isShellWord)) return this.note('left out: a name from the alert holds a NUL byte');
    const line = all.map(shellCommand).join(' | ');
    this.#lines.push(options.to === undefined ? line : `${line} > ${shellQuote(options.to)}`);
    this.#commands.push(...all);
    return this;
  }

  get text(): string {
    return `${this.#lines.join('\n')}\n`;
  }

  artefact(filename: string): Artefact {
    return { kind: 'command', filename, language: 'sh', content: this.text };
  }

  /** Tools and flags against the table of real ones; the text by bash and shellcheck. */
  checks(tools: Toolbox): (Check | Promise<Check>)[] {
    return [checkCommands(this.#commands), ...checkShell(tools, this.text)];
  }
}
