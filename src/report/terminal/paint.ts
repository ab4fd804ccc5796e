// Terminal text: colours, values made visible, wrapping by the width that is really drawn (wide characters count two).

import pc from 'picocolors';
import { terminalText } from '../../base/escape/terminal.ts';
import type { VerdictWord } from '../../triage/index.ts';
import { bounded } from '../bounded.ts';
import { parts } from '../template.ts';
import { drawnWidth } from '../width.ts';

export interface TerminalOptions {
  /** Columns; text is wrapped to at most 100 of them. */
  readonly width: number;
  readonly color: boolean;
  /** Everything, instead of the first page of the worst incidents. */
  readonly full: boolean;
}

/** A run of text in one style; already free of control characters. */
export interface Run {
  readonly text: string;
  readonly style?: (text: string) => string;
}

/** Longest value shown on a terminal, in characters. */
const MAX_VALUE = 300;

/** Writes runs and lines for one terminal. */
export class Painter {
  readonly width: number;
  readonly full: boolean;
  readonly #colors: ReturnType<typeof pc.createColors>;

  constructor(options: TerminalOptions) {
    this.width = Math.max(40, Math.min(options.width, 100));
    this.full = options.full;
    this.#colors = pc.createColors(options.color);
  }

  bold = (text: string): string => this.#colors.bold(text);
  dim = (text: string): string => this.#colors.dim(text);
  value = (text: string): string => this.#colors.cyan(text);

  /** Small print. */
  note(text: string, indent = ''): string[] {
    return this.wrap([this.words(text, this.dim)], indent);
  }

  /** A section's title with a blank line before it. */
  heading(text: string): string[] {
    return ['', ...this.wrap([this.words(text, this.bold)], '  ')];
  }

  /** The colour of a verdict; its mark and word say the same. */
  verdict(word: VerdictWord): (text: string) => string {
    const colors = this.#colors;
    if (word === 'malicious' || word === 'likely-malicious') return (text) => colors.bold(colors.red(text));
    if (word === 'undetermined') return (text) => colors.bold(colors.yellow(text));
    return (text) => colors.bold(colors.green(text));
  }

  status(kind: 'good' | 'bad' | 'unsure'): (text: string) => string {
    const colors = this.#colors;
    return kind === 'good' ? colors.green : kind === 'bad' ? colors.red : colors.yellow;
  }

  /** Our own words. */
  words(text: string, style?: (text: string) => string): Run {
    return { text: terminalText(text), ...(style === undefined ? {} : { style }) };
  }

  /** Somebody else's text: coloured, and quoted wherever it could be taken for ours. */
  foreign(text: string, max = MAX_VALUE): Run {
    const shown = terminalText(bounded(text, max));
    return { text: /^[\w@%+=:,./-]+$/.test(shown) ? shown : `\`${shown}\``, style: this.value };
  }

  /** A sentence of ours with values in it. */
  sentence(
    template: { readonly text: string; readonly values: readonly string[] },
    style?: (text: string) => string,
  ): Run[] {
    return parts(template.text, template.values).map((part) =>
      part.kind === 'text' ? this.words(part.text, style) : this.foreign(part.text),
    );
  }

  /**
   * Runs broken into lines. The first line starts with `first` (already painted), the others with blanks of the same
   * width. A word that is longer than a line is cut.
   */
  wrap(runs: readonly Run[], first = ''): string[] {
    const indent = drawnWidth(first);
    const room = Math.max(16, this.width - indent);
    const lines: string[] = [];
    let line = '';
    let used = 0;
    const flush = () => {
      lines.push(line.trimEnd());
      line = '';
      used = 0;
    };
    for (const run of runs) {
      const paint = run.style ?? ((text: string) => text);
      for (const word of run.text.match(/ +|[^ ]+/g) ?? []) {
        const width = drawnWidth(word);
        if (word.startsWith(' ')) {
          if (used > 0 && used + width <= room) {
            line += word;
            used += width;
          }
          continue;
        }
        if (used > 0 && used + width > room) flush();
        for (const piece of width > room ? cut(word, room) : [word]) {
          const pieceWidth = drawnWidth(piece);
          if (used > 0 && used + pieceWidth > room) flush();
          line += paint(piece);
          used += pieceWidth;
        }
      }
    }
    if (line !== '' || lines.length === 0) flush();
    return lines.map((text, index) => (index === 0 ? first : ' '.repeat(indent)) + text);
  }
}

/** A long word in pieces that each fit `room` columns. */
function cut(word: string, room: number): string[] {
  const pieces: string[] = [];
  let piece = '';
  let width = 0;
  for (const character of word) {
    const one = drawnWidth(character);
    if (width + one > room) {
      pieces.push(piece);
      piece = '';
      width = 0;
    }
    piece += character;
    width += one;
  }
  if (piece !== '') pieces.push(piece);
  return pieces;
}
