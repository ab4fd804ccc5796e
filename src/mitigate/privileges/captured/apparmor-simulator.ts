// What an AppArmor profile says to a demand: reads the rules of a profile as this project writes them (file, network,
// capability, mount, ptrace; deny before allow) and matches paths as apparmor.d(5) says. Rules that it does not know
// are problems, not guesses. Patterns are run by RE2, in linear time.

import { RE2JS } from 're2js';
import type { Demand } from '../../../triage/index.ts';

interface PathRule {
  readonly deny: boolean;
  readonly modes: string;
  readonly matches: (path: string) => boolean;
}

/** A profile that answers. */
export class AppArmorSimulator {
  /** Rules that were not understood; with any, the answers mean nothing. */
  readonly problems: readonly string[];
  readonly #paths: readonly PathRule[];
  readonly #words: readonly {
    readonly deny: boolean;
    readonly kind: string;
    readonly rest: readonly string[];
  }[];

  constructor(profile: string) {
    const problems: string[] = [];
    const paths: PathRule[] = [];
    const words: { deny: boolean; kind: string; rest: readonly string[] }[] = [];
    for (const raw of profile.split('\n')) {
      const line = raw.trim();
      if (
        line === '' ||
        line === '}' ||
        line.startsWith('#') ||
        line.startsWith('abi ') ||
        line.startsWith('profile ')
      )
        continue;
      const rule = /^(deny )?(.+),$/.exec(line);
      if (rule === null) {
        problems.push(`not understood: ${line.slice(0, 100)}`);
        continue;
      }
      const deny = rule[1] !== undefined;
      const body = rule[2] as string;
      const path = /^("(?:[^"\\]|\\.)*"|(?:\/|@\{)\S*) ([rwalkmixPpCcUu]+)$/.exec(body);
      if (path !== null) {
        const pattern = (path[1] as string).replace(/^"|"$/g, '');
        const matches = globMatcher(pattern);
        if (matches === undefined) problems.push(`pattern not understood: ${pattern.slice(0, 100)}`);
        else paths.push({ deny, modes: path[2] as string, matches });
        continue;
      }
      const [kind = '', ...rest] = body.split(/\s+/);
      if (KNOWN.has(kind)) words.push({ deny, kind, rest });
      else problems.push(`not understood: ${line.slice(0, 100)}`);
    }
    this.problems = problems;
    this.#paths = paths;
    this.#words = words;
  }

  /** Whether the profile grants it. */
  grants(demand: Demand): boolean {
    switch (demand.kind) {
      case 'file':
        return this.#grantsFile(demand.path, demand.mode, demand.folder);
      case 'network':
        return this.#grantsWord('network', (rest) => {
          const [family, type] = rest;
          return (
            (family === undefined || family === demand.family) && (type === undefined || type === demand.type)
          );
        });
      case 'capability':
        return this.#grantsWord('capability', (rest) => rest.length === 0 || rest.includes(demand.name));
      case 'mount':
        return this.#grantsWord('mount', (rest) => rest.length === 0);
      case 'ptrace':
        return this.#grantsWord('ptrace', (rest) => rest.length === 0 || rest[0]?.includes('trace') === true);
    }
  }

  #grantsFile(path: string, mode: string, folder: boolean): boolean {
    // A folder's path ends with a slash.
    const name = folder && !path.endsWith('/') ? `${path}/` : path;
    const has = (deny: boolean): boolean =>
      this.#paths.some((rule) => rule.deny === deny && rule.modes.includes(mode) && rule.matches(name));
    const everything = this.#words.some(
      ({ kind, deny, rest }) => kind === 'file' && !deny && rest.length === 0,
    );
    return !has(true) && (everything || has(false));
  }

  #grantsWord(kind: string, fits: (rest: readonly string[]) => boolean): boolean {
    const rules = this.#words.filter((rule) => rule.kind === kind && fits(rule.rest));
    return rules.some(({ deny }) => !deny) && !rules.some(({ deny }) => deny);
  }
}

const KNOWN = new Set([
  'file',
  'network',
  'capability',
  'mount',
  'umount',
  'ptrace',
  'signal',
  'unix',
  'remount',
  'pivot_root',
]);

/** A pattern of apparmor.d(5) as a test of whole paths; undefined where it is not well formed. */
export function globMatcher(pattern: string): ((path: string) => boolean) | undefined {
  const source = translate(pattern.replaceAll('@{PROC}', '/proc').replaceAll('@{pid}', '[0-9]*'));
  if (source === undefined) return undefined;
  try {
    const compiled = RE2JS.compile(`^(?:${source})$`, RE2JS.DOTALL);
    return (path) => compiled.matches(path);
  } catch {
    return undefined;
  }
}

function translate(pattern: string): string | undefined {
  let out = '';
  let depth = 0;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] as string;
    if (character === '\\') out += quote(pattern[++at] ?? '\\');
    else if (character === '*') {
      const double = pattern[at + 1] === '*';
      if (double) at++;
      // After a slash, a star at the end stands for at least one character.
      const least = pattern[at - (double ? 2 : 1)] === '/' && at === pattern.length - 1 ? '+' : '*';
      out += double ? `.${least}` : `[^/]${least}`;
    } else if (character === '?') out += '[^/]';
    else if (character === '[') {
      const end = pattern.indexOf(']', at);
      if (end < 0) return undefined;
      const set = pattern.slice(at + 1, end);
      if (!/^\^?[\w.-]+$/.test(set)) return undefined;
      out += `[${set}]`;
      at = end;
    } else if (character === '{') {
      depth++;
      out += '(?:';
    } else if (character === '}') {
      if (depth === 0) return undefined;
      depth--;
      out += ')';
    } else if (character === ',' && depth > 0) out += '|';
    else if (character === '@') return undefined;
    else out += quote(character);
  }
  return depth === 0 ? out : undefined;
}

function quote(character: string): string {
  return /[\w/]/.test(character) ? character : RE2JS.quote(character);
}
