// Text for Markdown (CommonMark and GitHub's dialect). Values from an alert belong in code spans or fences: hosts
// resolve @mentions and #numbers in plain text after parsing, where no escape reaches.

import { visible, visibleLines } from './visible.ts';

const PUNCTUATION = /[!-/:-@[-`{-~]/g;

/** Plain text on one line: no character of it is markup, a link, an image, HTML or a table border. */
export function markdownText(text: string): string {
  return visible(text).replace(PUNCTUATION, '\\$&').replace(/^ | $/g, '&#32;');
}

/** A code span on one line. The empty text gives a span with one blank. Not for table cells: see `markdownCellCode`. */
export function markdownCode(text: string): string {
  const shown = visible(text);
  if (shown === '') return '` `';
  const ticks = '`'.repeat(longestRun(shown) + 1);
  const pad = /^[` ]|[` ]$/.test(shown) && /[^ ]/.test(shown) ? ' ' : '';
  return `${ticks}${pad}${shown}${pad}${ticks}`;
}

/** A code span for a table cell, where a `|` would end the cell even inside backticks. */
export function markdownCellCode(text: string): string {
  if (!text.includes('|')) return markdownCode(text);
  return `<code>${visible(text).replace(PUNCTUATION, (c) => `&#${c.charCodeAt(0)};`)}</code>`;
}

/** A fenced block that no line of `text` can close. `info` (the language) keeps only letters, digits, `+`, `-`, `_`. */
export function markdownFence(text: string, info = ''): string {
  const shown = visibleLines(text);
  const ticks = '`'.repeat(Math.max(3, longestRun(shown) + 1));
  const end = shown === '' || shown.endsWith('\n') ? '' : '\n';
  return `${ticks}${info.replace(/[^\w+-]/g, '')}\n${shown}${end}${ticks}`;
}

/** Length of the longest run of backticks. */
function longestRun(text: string): number {
  let longest = 0;
  let run = 0;
  for (let i = 0; i < text.length; i++) {
    run = text.charCodeAt(i) === 0x60 ? run + 1 : 0;
    if (run > longest) longest = run;
  }
  return longest;
}
