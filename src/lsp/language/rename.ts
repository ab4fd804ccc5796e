// Renaming rules, macros and lists everywhere. A name that Falco would not take, or that means something already, is
// refused with a sentence.

import type { Span } from '../../base/diagnostic.ts';
import type { ItemKind } from './item.ts';
import { shortName } from './text.ts';
import type { FileModel, Occurrence, Workspace } from './workspace.ts';

export interface TextEdit extends Span {
  readonly file: FileModel;
  readonly text: string;
}

export type RenameResult =
  | { readonly edits: readonly TextEdit[]; readonly problem?: undefined }
  | { readonly edits?: undefined; readonly problem: string };

const RESERVED: ReadonlySet<string> = new Set(['and', 'or', 'not', 'in', 'exists']);

/** The name that can be renamed at an offset. */
export function renameTarget(workspace: Workspace, file: string, offset: number): Occurrence | undefined {
  const place = workspace.at(file, offset);
  return place !== undefined && workspace.parts(place.kind, place.name).length > 0 ? place : undefined;
}

/** The edits that rename what stands at an offset. */
export function rename(workspace: Workspace, file: string, offset: number, to: string): RenameResult {
  const target = renameTarget(workspace, file, offset);
  if (target === undefined) return { problem: 'there is no name of a rule, a macro or a list here' };
  const { kind, name } = target;
  if (to === name) return { edits: [] };
  const problem = nameProblem(kind, to) ?? taken(workspace, kind, to);
  if (problem !== undefined) return { problem };
  const edits = new Map<string, TextEdit>();
  for (const place of workspace.occurrences(kind, name)) {
    if (place.file.content.slice(place.from, place.to) !== name)
      return {
        problem: `'${name}' is written in another way in ${shortName(place.file.name)}; change that place first`,
      };
    // Through an alias, one text stands for several places.
    edits.set(`${place.from} ${place.file.name}`, {
      file: place.file,
      ...(kind === 'rule' ? ruleText(place, to) : { from: place.from, to: place.to, text: to }),
    });
  }
  return { edits: [...edits.values()] };
}

function nameProblem(kind: ItemKind, to: string): string | undefined {
  if (to.trim() === '' || /[\r\n]/.test(to)) return 'a name has at least one character, on one line';
  if (kind === 'macro' && !/^[a-zA-Z][a-zA-Z0-9_]*$/.test(to))
    return `'${to}' is no name of a macro: it begins with a letter and goes on with letters, digits and _`;
  if (kind === 'list' && !/^[A-Za-z_][\w.\-/]*$/.test(to))
    return `'${to}' is no name of a list: letters, digits and _ . - / can stand in it, without blanks`;
  if (kind !== 'rule' && RESERVED.has(to)) return `'${to}' is a word of the condition language`;
  return undefined;
}

function taken(workspace: Workspace, kind: ItemKind, to: string): string | undefined {
  const kinds: readonly ItemKind[] = kind === 'rule' ? ['rule'] : ['macro', 'list'];
  for (const one of kinds) {
    if (workspace.parts(one, to).length > 0) return `there is a ${one} '${to}' already`;
  }
  if (kind === 'rule') return undefined;
  if (kind === 'macro' && workspace.occurrences('macro', to).length > 0)
    return `'${to}' is named in conditions already, as a macro that is not there`;
  const where = kind === 'list' ? wordUsed(workspace, to) : undefined;
  return where === undefined
    ? undefined
    : `the word '${to}' stands in the ${where}; Falco would put the list's items in its place`;
}

/** The item in whose text a word stands, where a list of that name would be put in place. */
function wordUsed(workspace: Workspace, word: string): string | undefined {
  for (const file of workspace.files)
    for (const { item } of workspace.items(file))
      if (item.words.some(({ text }) => text === word)) return `${item.kind} '${item.name}'`;
  return undefined;
}

/** A rule's name is any text: it is written in the quotes that it needs. */
function ruleText({ file, from, to }: Occurrence, name: string): Omit<TextEdit, 'file'> {
  const quote = file.content[from - 1];
  if (quote === '"' && file.content[to] === '"') return { from, to, text: JSON.stringify(name).slice(1, -1) };
  if (quote === "'" && file.content[to] === "'") return { from, to, text: name.replaceAll("'", "''") };
  return { from, to, text: isPlain(name) ? name : JSON.stringify(name) };
}

/** Whether YAML reads a text without quotes as itself, in block and flow collections. */
function isPlain(text: string): boolean {
  return (
    /^[A-Za-z0-9_(/.]/.test(text) &&
    !/: |:$| #|[[\]{},\t]|\s$/.test(text) &&
    !/^(?:true|false|yes|no|on|off|null|y|n|~|[\d.+-]+|0x[\da-f]+)$/i.test(text)
  );
}
