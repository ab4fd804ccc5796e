// The parts of conditions, for colours.

import type { Span } from '../../base/diagnostic.ts';
import type { TokenKind } from '../../detect/lang/index.ts';
import type { FileModel, Workspace } from './workspace.ts';

export const TOKEN_TYPES = [
  'keyword',
  'macro',
  'property',
  'function',
  'operator',
  'string',
  'number',
  'variable',
] as const;
export type TokenType = (typeof TOKEN_TYPES)[number];

export interface SemanticToken extends Span {
  readonly type: TokenType;
}

/** Every token of a file's conditions that stands on one line, in order; names of lists are variables. */
export function semanticTokens(workspace: Workspace, file: FileModel): SemanticToken[] {
  const lists = new Set([...workspace.names('list')].map(({ name }) => name));
  const found: SemanticToken[] = [];
  for (const { item, base } of workspace.items(file)) {
    for (const token of item.tokens) {
      const { from, to, text, kind } = token;
      if (item.map.file.text.slice(from, to).includes('\n')) continue;
      const type =
        lists.has(text) && (kind === 'literal' || kind === 'macro') ? 'variable' : TYPES[kind](text);
      found.push({ from: base + from, to: base + to, type });
    }
  }
  return found.sort((a, b) => a.from - b.from);
}

const TYPES: Readonly<Record<TokenKind, (text: string) => TokenType>> = {
  keyword: () => 'keyword',
  macro: () => 'macro',
  field: () => 'property',
  transformer: () => 'function',
  operator: () => 'operator',
  modifier: () => 'keyword',
  literal: (text) => (/^[+-]?\d+$/.test(text) ? 'number' : 'string'),
};
