// Going from a name to where it is defined, changed and used, and the outline of files.

import type { Span } from '../../base/diagnostic.ts';
import { mapValue } from '../../detect/rules/index.ts';
import { type ItemKind, scalarText } from './item.ts';
import type { FileModel, Occurrence, Workspace } from './workspace.ts';

/** Where the name at an offset is defined and changed, in Falco's order. */
export function definitions(workspace: Workspace, file: string, offset: number): readonly Occurrence[] {
  const place = workspace.at(file, offset);
  return place === undefined ? [] : workspace.parts(place.kind, place.name);
}

/** Everywhere the name at an offset stands; `declarations`: also where it is defined and changed. */
export function references(
  workspace: Workspace,
  file: string,
  offset: number,
  declarations: boolean,
): readonly Occurrence[] {
  const place = workspace.at(file, offset);
  if (place === undefined) return [];
  return workspace.occurrences(place.kind, place.name).filter(({ role }) => declarations || role === 'uses');
}

export interface SymbolInfo {
  readonly kind: ItemKind;
  readonly name: string;
  /** A rule's priority; how an item changes another. */
  readonly detail: string;
  /** The whole item. */
  readonly span: Span;
  /** Its name. */
  readonly nameSpan: Span;
}

/** The items of a file, in order. */
export function documentSymbols(workspace: Workspace, file: FileModel): SymbolInfo[] {
  return [...workspace.items(file)].map(({ item, base }) => {
    const name = item.head.span(0, item.name.length);
    const details = [
      item.role === 'defines' ? '' : item.role,
      scalarText(mapValue(item.map, 'priority')) ?? '',
    ];
    // Through an alias, the name stands elsewhere.
    const inside = item.span.from <= name.from && name.to <= item.span.to;
    const { from, to } = inside ? name : { from: item.span.from, to: item.span.from };
    return {
      kind: item.kind,
      name: item.name,
      detail: details.filter((one) => one !== '').join(', '),
      span: { from: base + item.span.from, to: base + item.span.to },
      nameSpan: { from: base + from, to: base + to },
    };
  });
}

/** More than these are not shown at once. */
const MAX_SYMBOLS = 500;

/** Items of all files whose name holds the letters of the query in order, in any case. */
export function workspaceSymbols(
  workspace: Workspace,
  query: string,
): { readonly file: FileModel; readonly symbol: SymbolInfo }[] {
  const wanted = query.toLowerCase();
  const found = [];
  for (const file of workspace.files) {
    for (const symbol of documentSymbols(workspace, file)) {
      if (!holds(symbol.name.toLowerCase(), wanted)) continue;
      found.push({ file, symbol });
      if (found.length >= MAX_SYMBOLS) return found;
    }
  }
  return found;
}

function holds(text: string, letters: string): boolean {
  let at = 0;
  for (const letter of letters) {
    at = text.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}
