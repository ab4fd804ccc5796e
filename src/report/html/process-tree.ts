// The process tree as inline SVG: one row a process, connectors on the left, the ones that raised an alert marked.

import { visible } from '../../base/escape/visible.ts';
import type { ProcessNode } from '../../triage/index.ts';
import { countProcesses, cutMiddle, processFacts, pruneProcesses } from '../format.ts';
import { drawnWidth } from '../width.ts';
import { html, type Markup } from './markup.ts';

const ROW = 24;
const INDENT = 18;
/** Advance of one cell of 12 px monospaced text, rounded up so that no font overflows. */
const CELL = 7.4;
const MAX_ROWS = 60;
const MAX_TEXT = 96;
const MAX_TEXT_WITH_LIFE = 56;

interface Row {
  readonly node: ProcessNode;
  readonly depth: number;
  /** Row index of the parent, -1 for a root. */
  readonly parent: number;
}

function flatten(nodes: readonly ProcessNode[]): Row[] {
  const rows: Row[] = [];
  const stack = nodes.map((node) => ({ node, depth: 0, parent: -1 })).reverse();
  for (let next = stack.pop(); next !== undefined && rows.length < MAX_ROWS; next = stack.pop()) {
    const index = rows.length;
    rows.push(next);
    const { node, depth } = next;
    for (const child of [...node.children].reverse())
      stack.push({ node: child, depth: depth + 1, parent: index });
  }
  return rows;
}

/** What is written beside a node: its name, and what else is known. */
function label(node: ProcessNode): { readonly name: string; readonly rest: string } {
  const name = cutMiddle(visible(node.name), 40);
  const details: string[] = [];
  if (node.cmdline !== undefined && node.cmdline !== node.name) details.push(visible(node.cmdline));
  else if (node.exepath !== undefined) details.push(visible(node.exepath));
  const facts = visible(processFacts(node).join(', '));
  // When it lived is worth more than the end of a long command line.
  const room = node.event === undefined ? MAX_TEXT : MAX_TEXT_WITH_LIFE;
  const rest = [cutMiddle(details.join(' '), room), facts].filter((text) => text !== '');
  return { name, rest: rest.join('  ') };
}

/** The tree, or `undefined` when nothing is known of any process. */
export function processTree(nodes: readonly ProcessNode[]): Markup | undefined {
  const shown = pruneProcesses(nodes, MAX_ROWS).nodes;
  const rows = flatten(shown);
  if (rows.length === 0) return undefined;
  const labels = rows.map((row) => label(row.node));
  const x = (row: Row) => 8 + Math.min(row.depth, 24) * INDENT;
  const y = (index: number) => 14 + index * ROW;
  let width = 0;
  for (const [index, row] of rows.entries()) {
    const text = labels[index] as { name: string; rest: string };
    const cells = drawnWidth(text.name) + drawnWidth(text.rest) + 2;
    width = Math.max(width, x(row) + 14 + cells * CELL);
  }
  const rails = rows.flatMap((row, index) => {
    if (row.parent < 0) return [];
    const from = rows[row.parent] as Row;
    return [html`<path class="rail" d="M${x(from)} ${y(row.parent) + 5}V${y(index)}H${x(row) - 6}"/>`];
  });
  const marks = rows.map((row, index) => {
    const raised = row.node.findingIds.length > 0;
    const kind = raised ? 'node raised' : row.node.seenOnlyAsAncestor ? 'node' : 'node seen';
    const cx = x(row);
    const cy = y(index);
    const shape = raised
      ? html`<path class="${kind}" d="M${cx} ${cy - 6}L${cx + 6} ${cy + 5}H${cx - 6}Z"/>`
      : html`<circle class="${kind}" cx="${cx}" cy="${cy}" r="4.5"/>`;
    const text = labels[index] as { name: string; rest: string };
    const rest = text.rest === '' ? undefined : html`<tspan class="dim">  ${text.rest}</tspan>`;
    return html`<g>${shape}<text x="${cx + 12}" y="${cy + 4}"><tspan class="strong">${text.name}</tspan>${rest}</text></g>`;
  });
  const height = rows.length * ROW + 4;
  const total = countProcesses(nodes);
  const left =
    total > rows.length
      ? html`<p class="legend">${total - rows.length} more processes are in the JSON report.</p>`
      : undefined;
  return html`<div class="figure" tabindex="0" role="group" aria-label="Process tree"><svg role="img" aria-label="${describe(rows)}" width="${Math.ceil(width)}" height="${height}" viewBox="0 0 ${Math.ceil(width)} ${height}">${rails}${marks}</svg></div><p class="legend">▲ raised an alert · ● seen · ○ known only as an ancestor</p>${left}`;
}

function describe(rows: readonly Row[]): string {
  return `Process tree: ${rows
    .slice(0, 20)
    .map((row) => {
      const parent = row.parent < 0 ? undefined : rows[row.parent];
      return parent === undefined ? row.node.name : `${row.node.name} under ${parent.node.name}`;
    })
    .join(', ')
    .slice(0, 400)}`;
}
