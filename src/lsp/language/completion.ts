// Completion: what can stand at the cursor. The YAML parser says which part of which item it is in, the condition
// parser what the condition asks for there.

import { ENGINE_VERSION, knownSources } from '../../detect/fields/index.ts';
import { attackTechniques, type YamlMap } from '../../detect/rules/index.ts';
import {
  completeCondition,
  completeFieldExpr,
  completeFieldName,
  completeOperator,
} from './completion-condition.ts';
import {
  type Candidates,
  type Completion,
  type CompletionKind,
  type Completions,
  listNames,
} from './completion-items.ts';
import { type Cursor, type CursorItem, cursorAt, type Step } from './cursor.ts';
import { kindOf, scalarsOf, scalarText } from './item.ts';
import { EXCEPTION_KEYS, ITEM_KEYS, ITEM_STARTS, type KeyInfo, PLUGIN_KEYS, PRIORITIES } from './keys.ts';
import { shortName } from './text.ts';
import type { Workspace } from './workspace.ts';

/** What can be written at an offset of a file of the workspace. */
export function complete(workspace: Workspace, name: string, offset: number): Completions | undefined {
  const file = workspace.file(name);
  const cursor = file === undefined ? undefined : cursorAt(file, offset);
  if (file === undefined || cursor === undefined) return undefined;
  const after = /^[\w.-]*/.exec(file.content.slice(offset, offset + 200))?.[0].length ?? 0;
  const found = itemsAt(workspace, cursor);
  if (found === undefined || found.items.length === 0) return undefined;
  // A word that is folded or escaped has no one place.
  if (file.content.slice(Math.max(0, offset - found.word.length), offset) !== found.word) return undefined;
  return { span: { from: offset - found.word.length, to: offset + after }, items: found.items };
}

function itemsAt(workspace: Workspace, cursor: Cursor): Candidates | undefined {
  switch (cursor.kind) {
    case 'item':
      return { word: cursor.prefix, items: itemStarts(cursor.dash) };
    case 'key':
      return { word: cursor.prefix, items: keysAt(cursor) };
    case 'value':
      return valueAt(workspace, cursor);
  }
}

function itemStarts(dash: boolean): Completion[] {
  const lead = dash ? '' : '- ';
  return ITEM_STARTS.map((key) => ({ ...asKey(key, false, lead), kind: 'item' }));
}

function asKey({ name, text, body }: KeyInfo, colon: boolean, lead = ''): Completion {
  const base = { label: name, kind: 'key', documentation: text, deprecated: name === 'append' } as const;
  if (colon) return base;
  const space = body?.startsWith('\n') ? '' : ' ';
  return {
    ...base,
    text: `${lead}${name}:${space}`,
    ...(body !== undefined && { snippet: `${lead}${name}:${space}${body}` }),
  };
}

function keysAt({ item: { kind }, path, taken, colon }: Extract<Cursor, { kind: 'key' }>): Completion[] {
  const offer = (keys: readonly KeyInfo[]) =>
    keys.filter(({ name }) => !taken.has(name)).map((key) => asKey(key, colon));
  const under = path[0]?.key;
  if (path.length === 0) {
    if (kind === undefined) return ITEM_STARTS.map((key) => asKey(key, colon));
    // A second kind of item in one map is no use.
    return offer(ITEM_KEYS[kind].filter(({ name }) => name !== kind));
  }
  if (under === 'override' && kind !== undefined && path.length === 1) {
    return ITEM_KEYS[kind]
      .filter(({ name, override }) => override !== undefined && !taken.has(name))
      .map(({ name, text, override = [] }) => ({
        label: name,
        kind: 'key',
        documentation: text,
        ...(!colon && {
          text: `${name}: ${override.length === 1 ? override[0] : ''}`,
          snippet: `${name}: ${override.length === 1 ? override[0] : `\${1|${override.join(',')}|}`}`,
        }),
      }));
  }
  if (under === 'exceptions') return offer(EXCEPTION_KEYS);
  if (under === 'required_plugin_versions') return offer(PLUGIN_KEYS);
  return [];
}

const plain = (kind: CompletionKind, names: Iterable<string>, detail?: string): Completion[] =>
  [...names].map((label) => ({ label, kind, ...(detail !== undefined && { detail }) }));

const FLAGS: ReadonlySet<string | number | undefined> = new Set([
  'enabled',
  'append',
  'capture',
  'warn_evttypes',
  'skip-if-unknown-filter',
]);

function valueAt(workspace: Workspace, cursor: Extract<Cursor, { kind: 'value' }>): Candidates | undefined {
  const { item, path, text, quoted } = cursor;
  const key = path[0]?.key;
  const single = (items: Completion[]): Candidates => ({ word: text, items });
  if (kindOf(item.map) === undefined) {
    return key === 'required_engine_version' ? single(plain('value', [ENGINE_VERSION])) : undefined;
  }
  const sources = sourcesOf(workspace, item);
  if (key === 'condition') return completeCondition(workspace, sources, text);
  if (key === 'output') return completeFieldExpr(sources, text);
  if (key === 'exceptions') return exceptionAt(workspace, sources, path, text, quoted);
  if (/[ \t\n]/.test(text) && key !== item.kind) return undefined;
  if (key === 'priority') return single(plain('value', PRIORITIES));
  if (key === 'source') return single(plain('value', knownSources()));
  if (key === 'tags') return single(tags(workspace).filter(({ label }) => label !== text));
  if (FLAGS.has(key)) return single(plain('value', ['true', 'false']));
  if (key === 'override') {
    const info =
      item.kind === undefined ? undefined : ITEM_KEYS[item.kind].find(({ name }) => name === path[1]?.key);
    return single(plain('value', info?.override ?? []));
  }
  if (key === 'items') return single(listNames(workspace, item.name));
  // The name of an item that is there already: its override.
  if (key === item.kind && item.kind !== undefined)
    return single(
      [...workspace.names(item.kind)]
        .filter(({ name, role }) => name !== text && role === 'defines')
        .map(({ name, file }) => ({
          label: name,
          kind: 'value',
          detail: `change the one of ${shortName(file.name)}`,
        })),
    );
  return undefined;
}

function sourcesOf(workspace: Workspace, { kind, name, map }: CursorItem): readonly string[] {
  const given = kind === 'rule' ? map.pairs.find(([key]) => scalarText(key) === 'source')?.[1] : undefined;
  if (given?.kind === 'scalar') return [given.value];
  const known = kind === undefined || name === undefined ? [] : [...workspace.sourcesOf(kind, name)];
  return known.length > 0 ? known : knownSources();
}

function tags(workspace: Workspace): Completion[] {
  const used = new Set<string>();
  for (const file of workspace.files)
    for (const { item } of workspace.items(file))
      if (item.kind === 'rule')
        for (const tag of scalarsOf(item.map.pairs.find(([key]) => scalarText(key) === 'tags')?.[1]))
          if (/^[\w.\-/]+$/.test(tag.value)) used.add(tag.value);
  const techniques = attackTechniques();
  for (const id of techniques) used.delete(id);
  return [
    ...plain('value', [...used].sort(), 'used in this workspace'),
    ...[...techniques].map((label): Completion => ({ label, kind: 'value', detail: 'ATT&CK', rank: 2 })),
  ];
}

function exceptionAt(
  workspace: Workspace,
  sources: readonly string[],
  path: readonly Step[],
  text: string,
  quoted: boolean,
): Candidates | undefined {
  const [, , part, place] = path;
  if (part?.key === 'fields') return completeFieldName(sources, text, quoted);
  if (part?.key === 'comps')
    return completeOperator(sources, text, fieldBeside(part.map, place?.key), quoted);
  if (part?.key === 'values') return { word: text, items: listNames(workspace) };
  return undefined;
}

/** The field that a comparison operator belongs to, and whether it is the only one. */
function fieldBeside(map: YamlMap | undefined, index: string | number | undefined) {
  const fields = map?.pairs.find(([key]) => scalarText(key) === 'fields')?.[1];
  if (fields?.kind === 'scalar') return { field: fields.value, single: true };
  const field = fields?.kind === 'seq' && typeof index === 'number' ? fields.items[index] : undefined;
  return { field: scalarText(field), single: false };
}
