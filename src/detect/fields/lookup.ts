// How Falco finds a field: classes in a fixed order, the first whose prefix match succeeds decides, and then the whole
// text must be used up. Argument forms differ from field to field (libs, userspace/libsinsp/sinsp_filtercheck_*).

import { eventCodes, PARAM_TYPES } from './events.ts';
import type { FieldDef, FieldRef } from './types.ts';

/** What a class made of a text: how much of it it used, or what is wrong with it. */
export type ClassMatch =
  | { readonly def: FieldDef; readonly length: number; readonly arg?: string; readonly type?: string }
  | { readonly error: string };

/** Fields of one class, with an index of the names for prefix matches. */
export class FieldClass {
  readonly name: string;
  readonly #byName = new Map<string, FieldDef>();
  readonly #plugin: boolean;

  /** `plugin` classes declare their arguments, built-in ones parse each in its own way. */
  constructor(name: string, fields: readonly FieldDef[], plugin: boolean) {
    this.name = name;
    this.#plugin = plugin;
    for (const field of fields) this.#byName.set(field.name, field);
  }

  match(text: string): ClassMatch | undefined {
    const special = this.#plugin ? undefined : this.#special(text);
    if (special !== undefined) return special;
    const def = this.#longestPrefix(text);
    if (def === undefined) return undefined;
    if (this.#plugin) return pluginArgument(def, text);
    return { def, length: def.name.length };
  }

  #longestPrefix(text: string): FieldDef | undefined {
    for (let end = Math.min(text.length, 80); end > 0; end--) {
      const def = this.#byName.get(text.slice(0, end));
      if (def !== undefined) return def;
    }
    return undefined;
  }

  #special(text: string): ClassMatch | undefined {
    for (const [name, parse] of SPECIAL_FORMS) {
      if (!text.startsWith(name)) continue;
      const def = this.#byName.get(name);
      if (def === undefined) continue;
      const rest = text.slice(name.length);
      const found = parse(rest, text);
      if (found === undefined) return undefined;
      if (typeof found === 'string') return { error: found };
      return { ...found, def, length: name.length + found.length };
    }
    return undefined;
  }
}

type SpecialForm = (
  rest: string,
  text: string,
) => { length: number; arg: string; type?: string } | string | undefined;

const syntaxError = (text: string) => `filter syntax error: ${text}`;

/** `[N]`; anything else is not an argument, so that the bare field matches and the rest stays unused. */
const optionalIndex: SpecialForm = (rest) => {
  const match = /^\[(\d+)\]/.exec(rest);
  return match === null ? undefined : { length: match[0].length, arg: match[1] as string };
};
const optionalKey: SpecialForm = (rest) => {
  const match = /^\[([^\]]+)\]/.exec(rest);
  return match === null ? undefined : { length: match[0].length, arg: match[1] as string };
};

/** The longest parameter name, of any event, that the text starts with. */
function paramName(text: string): string | undefined {
  for (let end = Math.min(text.length, 40); end > 0; end--) {
    const name = text.slice(0, end);
    if (PARAM_TYPES.has(name)) return name;
  }
  return undefined;
}

const eventArgument =
  (raw: boolean): SpecialForm =>
  (rest, text) => {
    if (rest.startsWith('[')) {
      if (raw) return 'evt.arg fields must be expressed explicitly';
      const end = rest.indexOf(']');
      if (end === -1) return syntaxError(text);
      const arg = rest.slice(1, end);
      if (!/^[+-]?\d+$/.test(arg)) return `${arg} is not a valid number`;
      return { length: end + 1, arg };
    }
    if (!rest.startsWith('.')) return syntaxError(text);
    const name = paramName(rest.slice(1));
    if (name === undefined) return `unknown event argument ${rest.slice(1)}`;
    return { length: 1 + name.length, arg: name, ...(raw && { type: PARAM_TYPES.get(name) as string }) };
  };

const SPECIAL_FORMS: readonly (readonly [name: string, parse: SpecialForm])[] = [
  ['evt.args', () => undefined],
  ['evt.arg', eventArgument(false)],
  ['evt.rawarg', eventArgument(true)],
  [
    'evt.around',
    (rest, text) => {
      const match = /^\[([^\]]*)\]/.exec(rest);
      if (match === null) return syntaxError(text);
      const arg = match[1] as string;
      return /^\d+$/.test(arg) ? { length: match[0].length, arg } : `${arg} is not a valid number`;
    },
  ],
  [
    'evt.type.is',
    (rest, text) => {
      if (!rest.startsWith('.')) return syntaxError(text);
      const arg = rest.slice(1);
      return eventCodes(arg) === undefined ? `unknown event type ${arg}` : { length: rest.length, arg };
    },
  ],
  [
    'evt.abspath',
    (rest) => {
      const match = /^\.(src|dst)/.exec(rest);
      return match === null ? undefined : { length: match[0].length, arg: match[1] as string };
    },
  ],
  ['thread.cgroups', () => undefined],
  [
    'thread.cgroup',
    (rest, text) => {
      const match = /^\.([A-Za-z_]+)/.exec(rest);
      return match === null ? syntaxError(text) : { length: match[0].length, arg: match[1] as string };
    },
  ],
  ['proc.apid', optionalIndex],
  ['proc.aname', optionalIndex],
  ['proc.aexepath', optionalIndex],
  ['proc.aexe', optionalIndex],
  ['proc.acmdline', optionalIndex],
  ['proc.aargs', optionalIndex],
  ['proc.args', optionalIndex],
  ['proc.env', optionalKey],
  ['proc.aenv', optionalKey],
  ['fd.types', optionalIndex],
];

/** A plugin field's `[arg]`: index arguments are plain decimal numbers, keys run to the first bracket. */
function pluginArgument(def: FieldDef, text: string): ClassMatch {
  const fail = (what: string): ClassMatch => ({ error: `filter ${text} ${def.name} ${what}` });
  const rest = text.slice(def.name.length);
  if (!rest.startsWith('[')) {
    if (def.arg === 'required' && rest === '') return fail('requires an argument but none provided');
    return { def, length: def.name.length };
  }
  if (def.arg === 'none') return fail('does not allow nor require an argument but one is provided');
  const end = rest.indexOf(']');
  if (end === -1) return { def, length: def.name.length };
  const arg = rest.slice(1, end);
  if (def.argForm === 'index' && !/^(?:0|[1-9]\d*)$/.test(arg)) {
    return fail(`has an invalid index argument: ${arg}`);
  }
  return { def, length: def.name.length + end + 1, arg };
}

/** What looking a field up gives. `suggestion` is the nearest right name. */
export type FieldLookup =
  | { readonly ref: FieldRef; readonly error?: undefined }
  | { readonly ref?: undefined; readonly error: string };

/** Looks `text` (`proc.aname[2]`) up in classes, in their order. */
export function lookUp(classes: readonly FieldClass[], text: string): FieldLookup {
  for (const cls of classes) {
    const match = cls.match(text);
    if (match === undefined) continue;
    if ('error' in match) return { error: match.error };
    // A quirk of Falco's: no later class is asked.
    if (match.length !== text.length) break;
    const { def, arg } = match;
    return { ref: { def, text, type: match.type ?? def.type, ...(arg !== undefined && { arg }) } };
  }
  return { error: `filter_check called with nonexistent field ${text}` };
}
