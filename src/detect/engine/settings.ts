// falco.yaml settings that change which rules run and what alerts look like (falco-engine-spec 1.9). Everything else in
// that file is about running Falco itself and is ignored.

import type { Diagnostic } from '../../base/diagnostic.ts';
import type { RulePriority } from '../rules/index.ts';

/** One entry of `rules:`, applied in order. Exactly one of `rule` (a name with `*`) and `tag` is set. */
export interface RuleSelection {
  readonly enable: boolean;
  readonly rule?: string;
  readonly tag?: string;
}

/** One entry of `append_output:`; applies to rules that match all of its conditions. */
export interface AppendOutput {
  readonly rule?: string;
  readonly source?: string;
  /** All of them must be among the rule's. */
  readonly tags: readonly string[];
  readonly extraOutput?: string;
  /** `format` undefined: the field itself, typed; else a formatted string under `name`. */
  readonly extraFields: readonly { readonly name: string; readonly format?: string }[];
  readonly suggestedOutput: boolean;
}

export interface EngineSettings {
  /** Rules less severe than this never run. */
  readonly priority: RulePriority;
  readonly ruleMatching: 'first' | 'all';
  readonly rules: readonly RuleSelection[];
  readonly appendOutput: readonly AppendOutput[];
  /** `static.NAME` fields of every source. */
  readonly staticFields: ReadonlyMap<string, string>;
  readonly json: boolean;
  readonly jsonOutputProperty: boolean;
  readonly jsonMessageProperty: boolean;
  readonly jsonOutputFieldsProperty: boolean;
  readonly jsonTagsProperty: boolean;
  readonly timeIso8601: boolean;
  readonly bufferBase64: boolean;
}

/** Falco's own defaults, except that alerts are JSON. */
export const DEFAULT_SETTINGS: EngineSettings = {
  priority: 'Debug',
  ruleMatching: 'first',
  rules: [],
  appendOutput: [],
  staticFields: new Map(),
  json: true,
  jsonOutputProperty: true,
  jsonMessageProperty: false,
  jsonOutputFieldsProperty: true,
  jsonTagsProperty: true,
  timeIso8601: false,
  bufferBase64: false,
};

/**
 * Reads a falco.yaml. Settings that are not there keep Falco's defaults (`json_output` included: false). With errors,
 * `settings` is undefined. The YAML reader and the schema are loaded only now: an engine starts without them.
 */
export async function readFalcoConfig(
  text: string,
  file: string,
): Promise<{ readonly settings?: EngineSettings; readonly diagnostics: readonly Diagnostic[] }> {
  const { parseFalcoConfig } = await import('./falco-config.ts');
  return parseFalcoConfig(text, file);
}
