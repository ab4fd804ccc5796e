// What completion offers, and the names of lists, which several places offer.

import type { Span } from '../../base/diagnostic.ts';
import { markdownCode } from '../../base/escape/markdown.ts';
import type { YamlMap } from '../../detect/rules/index.ts';
import { scalarsOf, scalarText } from './item.ts';
import { shortName } from './text.ts';
import type { Workspace } from './workspace.ts';

export type CompletionKind =
  | 'field'
  | 'macro'
  | 'list'
  | 'event'
  | 'operator'
  | 'transformer'
  | 'keyword'
  | 'key'
  | 'value'
  | 'item';

export interface Completion {
  readonly label: string;
  readonly kind: CompletionKind;
  readonly detail?: string;
  /** Markdown. */
  readonly documentation?: string;
  /** What is written, if not the label. */
  readonly text?: string;
  /** The same with places to fill in, for editors that can. */
  readonly snippet?: string;
  readonly deprecated?: boolean;
  /** Groups come in this order; 1 if it is not said. */
  readonly rank?: number;
}

export interface Completions {
  /** What is replaced: the word at the cursor. */
  readonly span: Span;
  readonly items: readonly Completion[];
}

/** Candidates, and the part of the word that stands before the cursor. */
export interface Candidates {
  readonly word: string;
  readonly items: readonly Completion[];
}

/** Lists that can be named, without the one that is being written. */
export function listNames(workspace: Workspace, except?: string): Completion[] {
  return [...workspace.names('list')]
    .filter(({ name }) => name !== except)
    .map(({ name, item, file }) => ({
      label: name,
      kind: 'list',
      detail: `list, ${shortName(file.name)}`,
      documentation: item === undefined ? '' : itemsText(item.map),
    }));
}

function itemsText(map: YamlMap): string {
  const items = [...scalarsOf(map.pairs.find(([key]) => scalarText(key) === 'items')?.[1])].map(
    ({ value }) => value,
  );
  const shown = items.slice(0, 12).join(', ');
  if (items.length === 0) return '';
  return markdownCode(items.length > 12 ? `${shown}, … ${items.length} in all` : shown);
}
