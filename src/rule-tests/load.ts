// Rules and settings as test files name them; test files that name the same rules share one loaded set.

import type { Diagnostic } from '../base/diagnostic.ts';
import {
  DEFAULT_SETTINGS,
  type EngineSettings,
  readFalcoConfig,
  staticFieldDefs,
} from '../detect/engine/index.ts';
import { loadRules, type RuleFileText, type RuleSet } from '../detect/rules/index.ts';
import { readNamed, readRules, resolveNamed } from './files.ts';
import { Machinery } from './machinery.ts';
import type { EventSources } from './sources.ts';
import type { TestFile } from './test-file.ts';

export interface Loaded {
  readonly set: RuleSet;
  readonly settings: EngineSettings;
  readonly machinery: Machinery;
  /** What was read, by name. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Loads for the test files of one run. */
export class Loader {
  readonly #sets: { readonly files: readonly RuleFileText[]; readonly set: RuleSet }[] = [];

  /** `loaded` is undefined where Falco would refuse the rules, or the config is wrong. Throws `Unreadable`. */
  async load(parsed: TestFile): Promise<{
    readonly loaded?: Loaded;
    readonly diagnostics: readonly Diagnostic[];
    readonly texts: Map<string, string>;
  }> {
    const files = readRules(parsed.file, parsed.rules);
    const texts = new Map(files.map(({ name, content }) => [name, content]));
    const { settings, diagnostics } = await readSettings(parsed, texts);
    const sources = parsed.sources.withFields(staticFieldDefs(settings?.staticFields ?? new Map()));
    const set = this.#set(files, sources);
    const errors = set.results.flatMap((one) => one.errors.map(({ diagnostic }) => diagnostic));
    if (errors.length > 0 || settings === undefined)
      return { diagnostics: [...errors, ...diagnostics], texts };
    const machinery = new Machinery(set.rules, settings, sources);
    return { loaded: { set, settings, machinery, texts }, diagnostics, texts };
  }

  #set(files: readonly RuleFileText[], sources: EventSources): RuleSet {
    const { special } = sources;
    if (special.size > 0) return loadRules(files, { sources: special });
    const same = this.#sets.find(
      (one) =>
        one.files.length === files.length &&
        one.files.every(({ name, content }, i) => name === files[i]?.name && content === files[i]?.content),
    );
    if (same !== undefined) return same.set;
    const set = loadRules(files);
    this.#sets.push({ files, set });
    return set;
  }
}

/** Alerts are JSON with all that can be expected of them, whatever falco.yaml says. */
const FORCED = { json: true, jsonOutputProperty: true, jsonOutputFieldsProperty: true } as const;

async function readSettings(
  parsed: TestFile,
  texts: Map<string, string>,
): Promise<{ readonly settings?: EngineSettings; readonly diagnostics: readonly Diagnostic[] }> {
  if (parsed.config === undefined) return { settings: { ...DEFAULT_SETTINGS, ...FORCED }, diagnostics: [] };
  const name = resolveNamed(parsed.file, parsed.config);
  const text = readNamed(parsed.file, parsed.config);
  texts.set(name, text);
  const { settings, diagnostics } = await readFalcoConfig(text, name);
  return { ...(settings && { settings: { ...settings, ...FORCED } }), diagnostics };
}
