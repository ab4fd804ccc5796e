// Explanations as text: sections with a title, and lines under it. Everything that is not ours is escaped.

import { terminalText } from '../../base/escape/terminal.ts';

const WIDTH = 96;

/** Collects the lines of one explanation. */
export class Page {
  readonly #lines: string[] = [];

  title(text: string): void {
    this.#lines.push(terminalText(text));
  }

  section(title: string): void {
    this.#lines.push('', title);
  }

  /** One paragraph, wrapped, `indent` levels in. */
  line(text: string, indent = 1, mark = ''): void {
    const lead = '  '.repeat(indent) + mark;
    const next = ' '.repeat(lead.length);
    let line = lead;
    let empty = true;
    for (const word of terminalText(text).split(' ')) {
      if (!empty && line.length + 1 + word.length > WIDTH) {
        this.#lines.push(line);
        line = next + word;
      } else line += empty ? word : ` ${word}`;
      empty = false;
    }
    this.#lines.push(line);
  }

  /** A text whose lines stay as they are. */
  block(text: string, indent = 1): void {
    for (const line of text.trimEnd().split('\n'))
      this.#lines.push(`${'  '.repeat(indent)}${terminalText(line)}`.trimEnd());
  }

  /** `name  value`. */
  pair(name: string, value: string): void {
    this.line(value, 1, `${name.padEnd(10)} `);
  }

  toString(): string {
    return `${this.#lines.join('\n')}\n`;
  }
}
