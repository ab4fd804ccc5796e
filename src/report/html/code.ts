// Code boxes: commands, artefacts, diffs, raw records. The copy button copies what is shown, escapes included, so
// that nothing reaches a terminal that the reader did not see.

import type { Artefact } from '../../mitigate/index.ts';
import { bounded } from '../bounded.ts';
import { block, html, type Markup } from './markup.ts';

/** Longest text of one box, in characters. */
const MAX_CODE = 60_000;

const COPY = html`<button type="button" data-copy hidden>Copy</button>`;

/** A command on its own: wraps, with the button beside it. */
export function commandBox(command: string): Markup {
  return html`<div class="code one"><pre><code>${block(bounded(command.trimEnd(), MAX_CODE))}</code></pre>${COPY}</div>`;
}

/** A file with its name above it. */
export function artefactBox(artefact: Artefact): Markup {
  const text = bounded(artefact.content.trimEnd(), MAX_CODE);
  const body = artefact.language === 'diff' ? diff(text) : block(text);
  return html`<div class="code"><div class="bar"><span class="field">${artefact.filename}</span>${COPY}</div><pre tabindex="0"><code>${body}</code></pre></div>`;
}

/** Text with a caption, without a file name. */
export function textBox(caption: Markup, text: string): Markup {
  return html`<div class="code"><div class="bar"><span class="field">${caption}</span>${COPY}</div><pre tabindex="0"><code>${block(bounded(text, MAX_CODE))}</code></pre></div>`;
}

function diff(text: string): Markup {
  const lines = text.split('\n').map((line, index) => {
    const kind = /^(\+\+\+|---) /.test(line)
      ? 'field'
      : line.startsWith('+')
        ? 'added'
        : line.startsWith('-')
          ? 'removed'
          : line.startsWith('@@')
            ? 'hunk'
            : '';
    const end = index === 0 ? '' : '\n';
    return kind === ''
      ? html`${block(end)}${block(line)}`
      : html`${block(end)}<span class="${kind}">${block(line)}</span>`;
  });
  return html`${lines}`;
}
