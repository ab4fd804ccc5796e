// Loading rule files as Falco does: one after the other, each in the company of those before it.

import type { Diagnostic } from '../../base/diagnostic.ts';
import { catalogueFor, type FieldCatalogue, knownSources, PLUGIN_VERSIONS } from '../fields/index.ts';
import { ConditionChecker } from '../lang/index.ts';
import { Collector, type PluginRequirement } from './collector.ts';
import { type Compiled, Compiler } from './compiler.ts';
import { Findings, LoadFailure } from './findings.ts';
import { readRules } from './reader.ts';
import type { LoadResult, RuleSet } from './types.ts';
import { parseVersion, satisfies } from './versions.ts';
import { type SourceFile, sourceFileOf } from './yaml.ts';

export interface RuleFileText {
  readonly name: string;
  readonly content: string;
}

export interface LoadOptions {
  /** With the sources and fields of the plugins that are built in (default). */
  readonly plugins?: boolean;
  /** More sources, by name; they come before the built-in ones. */
  readonly sources?: ReadonlyMap<string, FieldCatalogue>;
  /**
   * Keeps the rules that compile although others do not. Falco loads nothing then; tools that judge single rules
   * still want the rest. What failed is in `results` either way.
   */
  readonly partial?: boolean;
}

/** Falco never reads this much at once; the YAML library's memory is about thirty times its input. */
const MAX_FILE = 32 * 1024 * 1024;

/** Loads rule files in order. Never throws for what they say; see `results` for Falco's own verdict on each. */
export function loadRules(files: readonly RuleFileText[], options: LoadOptions = {}): RuleSet {
  const { plugins = true, sources, partial = false } = options;
  const checkers = new Map<string, ConditionChecker>();
  const catalogueOf = (source: string): FieldCatalogue | undefined => {
    const given = sources?.get(source);
    if (given !== undefined) return given;
    if (source !== 'syscall' && (!plugins || !knownSources().includes(source))) return undefined;
    return catalogueFor(source, { plugins });
  };
  const checkerOf = (source: string): ConditionChecker | undefined => {
    const catalogue = catalogueOf(source);
    if (catalogue === undefined) return undefined;
    let checker = checkers.get(source);
    if (checker === undefined) {
      checker = new ConditionChecker(catalogue);
      checkers.set(source, checker);
    }
    return checker;
  };
  const results: LoadResult[] = [];
  const collector = new Collector(new Findings(), catalogueOf);
  let compiled: Compiled = { rules: [], macros: [], lists: [], placeOf: () => undefined };
  for (const given of files) {
    const { name, content } = given;
    const findings = new Findings();
    collector.findings = findings;
    const file = sourceFileOf(given);
    if (content.length > MAX_FILE) {
      findings.fail(tooLarge(file));
    } else {
      const goesOn = readRules(file, collector, findings);
      // Behind an error in reading, what can be compiled still is, for the author's sake.
      const next = new Compiler(collector, findings, checkerOf).compile();
      if (partial || (goesOn && !findings.failed)) compiled = next;
    }
    results.push({
      name,
      successful: !findings.failed,
      errors: findings.errors,
      warnings: findings.warnings,
      later: findings.later,
    });
  }
  return { results, ...compiled, pluginProblems: plugins ? collector.plugins.flatMap(checkPlugin) : [] };
}

function tooLarge(file: SourceFile): LoadFailure {
  return new LoadFailure(
    'LOAD_ERR_YAML_PARSE',
    `the file has more than ${MAX_FILE} characters`,
    file.locate(0),
    { code: 'RULES_TOO_LARGE' },
  );
}

/** A required plugin, or one of its alternatives, must be built in with the same major version and at least as new. */
function checkPlugin(requirements: readonly PluginRequirement[]): Diagnostic[] {
  const ok = requirements.some(({ name, version }) => {
    const has = parseVersion(PLUGIN_VERSIONS[name] ?? '');
    const wants = parseVersion(version);
    return has !== undefined && wants !== undefined && satisfies(has, wants);
  });
  const [first] = requirements;
  if (ok || first === undefined) return [];
  const has = PLUGIN_VERSIONS[first.name];
  return [
    {
      code: 'PLUGIN_VERSION',
      severity: 'error',
      message: `The rules need the plugin ${first.name} ${first.version}; ${has === undefined ? 'it is not built in' : `${has} is built in`}`,
      at: first.at,
    },
  ];
}
