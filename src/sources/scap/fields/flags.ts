// Flag words and enumerations as text. The order is the table's; in a flag word the bits of a name that fits are taken
// away before the next is tried, so that O_RDWR (3) hides O_WRONLY and O_RDONLY.

import type { FlagTable } from '../../../detect/fields/index.ts';

/** Answers for values seen before: flag words of one parameter take few values, and rules ask for them on every open. */
const seen = new Map<FlagTable, Map<number, string>>();
const MOST_REMEMBERED = 4096;

/** A flag word → `O_RDONLY|O_CLOEXEC`; `''` when no name fits. */
export function flagsText(table: FlagTable, value: number): string {
  let texts = seen.get(table);
  if (texts === undefined) seen.set(table, (texts = new Map()));
  let text = texts.get(value);
  if (text === undefined) {
    text = combine(table, value >>> 0);
    if (texts.size < MOST_REMEMBERED) texts.set(value, text);
  }
  return text;
}

function combine(table: FlagTable, whole: number): string {
  const names: string[] = [];
  let left = whole;
  for (const [name, bits] of table.entries) {
    const fits = bits === 0 ? whole === 0 : left !== 0 && (left & bits) >>> 0 === bits;
    if (!fits) continue;
    left = (left & ~bits) >>> 0;
    names.push(name);
    if (bits === whole) break;
  }
  return names.join('|');
}

/** An enumeration's value → every name it has, `AF_LOCAL|AF_UNIX`; `''` when none. */
export function enumText(table: FlagTable, value: number): string {
  let text = '';
  for (const [name, number] of table.entries) {
    if (number === value) text += text === '' ? name : `|${name}`;
  }
  return text;
}

/** A file mode → `S_IRUSR|S_IWUSR`. Unlike a flag word, a name that is the whole value is added even if its bits are gone. */
export function modeText(table: FlagTable, value: number): string {
  const whole = value >>> 0;
  const names: string[] = [];
  let left = whole;
  for (const [name, bits] of table.entries) {
    if (bits === whole) {
      names.push(name);
      break;
    }
    if (bits === 0 || (left & bits) >>> 0 !== bits) continue;
    left = (left & ~bits) >>> 0;
    names.push(name);
  }
  return names.join('|');
}
