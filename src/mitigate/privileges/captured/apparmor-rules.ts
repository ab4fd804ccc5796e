// From what a workload asked for to AppArmor's file rules: paths made general only where a name is made anew each time
// (process numbers, temporary names) or where many files of one folder were used alike, and never so far that a rule
// covers what only the attack asked for.

import type { Demand, SeenDemand } from '../../../triage/index.ts';

type FileDemand = Extract<Demand, { readonly kind: 'file' }>;

/** Files of one folder that were used alike, from which on the folder stands for them. */
const MANY = 6;
/** Folders in which that is done: what lies there comes with the image. */
const COLLECTED =
  /^\/(?:usr\/(?:lib|share|local\/lib|local\/share)|lib|opt|app|srv|var\/lib|etc\/(?:ssl|alternatives|ld\.so\.conf\.d))\//;
const LIBRARY = /\.so(?:\.[\w.]+)?$/;

/** A rule: an AppArmor pattern and the letters of what it grants. */
export interface FileRule {
  readonly pattern: string;
  readonly modes: string;
}

/** The pattern of one path; undefined for a path that no profile can hold. */
export function patternOf(
  { path, folder }: FileDemand,
  written: ReadonlySet<string> = new Set(),
): string | undefined {
  if (/[\x00-\x1f\x7f]/.test(path) || path.length > 1000) return undefined;
  const parts = path
    .split('/')
    .map((part, n, all) => general(part, n === all.length - 1 && written.has(path)));
  const pattern = parts.join('/');
  return folder && !pattern.endsWith('/') ? `${pattern}/` : pattern;
}

/** A path's part: numbers and random names become patterns, everything else is taken as it stands. */
function general(part: string, isMade: boolean): string {
  if (/^\d+$/.test(part)) return '[0-9]*';
  const random = isMade ? /^(.*?)([A-Za-z0-9]{6})$/.exec(part) : null;
  if (random !== null && looksRandom(random[2] as string)) return `${escaped(random[1] as string)}??????`;
  return escaped(part);
}

/** mkstemp(3) takes six letters and digits; a word has no capital or digit in its middle. */
function looksRandom(text: string): boolean {
  return /[a-z]/.test(text) && /[A-Z0-9]/.test(text.slice(1)) && !/^\d+$/.test(text);
}

/** What means something in AppArmor's patterns stands for itself. */
function escaped(text: string): string {
  return text.replace(/[\\*?[\]{}^"@]/g, '\\$&');
}

const LETTERS: Readonly<Record<FileDemand['mode'], string>> = { r: 'r', w: 'wk', x: 'mrix', l: 'l' };
const ORDER = 'mrwlkix';

function letters(modes: Iterable<string>): string {
  const set = new Set([...modes].flatMap((mode) => [...mode]));
  return [...ORDER].filter((letter) => set.has(letter)).join('');
}

/** Paths that were written: only of these a random-looking name is one that was made up on the spot. */
export function writtenPaths(demands: readonly SeenDemand[]): ReadonlySet<string> {
  return new Set(
    demands.flatMap(({ demand }) => (demand.kind === 'file' && demand.mode === 'w' ? [demand.path] : [])),
  );
}

/** The rules for what was asked, and the paths that could not be written down. */
export function fileRules(
  workload: readonly SeenDemand[],
  covers: (pattern: string, modes: string) => boolean,
): { readonly rules: FileRule[]; readonly unwritable: readonly string[] } {
  const byPattern = new Map<string, Set<string>>();
  const unwritable: string[] = [];
  const written = writtenPaths(workload);
  for (const { demand } of workload) {
    if (demand.kind !== 'file') continue;
    const pattern = patternOf(demand, written);
    if (pattern === undefined) {
      unwritable.push(demand.path.slice(0, 200));
      continue;
    }
    const modes = byPattern.get(pattern) ?? new Set();
    modes.add(LIBRARY.test(demand.path) && demand.mode === 'r' ? 'mr' : LETTERS[demand.mode]);
    byPattern.set(pattern, modes);
  }
  const rules = [...byPattern].map(([pattern, modes]): FileRule => ({ pattern, modes: letters(modes) }));
  return { rules: collect(rules, covers).sort((a, b) => (a.pattern < b.pattern ? -1 : 1)), unwritable };
}

/** Many files of one folder with the same letters become one rule, unless that would let the attack through. */
function collect(
  rules: readonly FileRule[],
  covers: (pattern: string, modes: string) => boolean,
): FileRule[] {
  const groups = new Map<string, FileRule[]>();
  for (const rule of rules) {
    const folder = rule.pattern.endsWith('/') ? '' : rule.pattern.slice(0, rule.pattern.lastIndexOf('/') + 1);
    const key = COLLECTED.test(folder) ? `${folder} ${rule.modes}` : rule.pattern;
    const list = groups.get(key) ?? [];
    list.push(rule);
    groups.set(key, list);
  }
  return [...groups].flatMap(([key, list]) => {
    const [first] = list;
    if (first === undefined || list.length < MANY) return list;
    const pattern = `${key.slice(0, key.lastIndexOf(' '))}*`;
    return covers(pattern, first.modes) ? list : [{ pattern, modes: first.modes }];
  });
}
