// Merges the items of all files into ordered tables (rule_loader_collector). It lives through the whole load: each
// file adds to what the earlier ones defined, and there is no way back.

import type { Location } from '../../base/diagnostic.ts';
import { ENGINE_VERSION, type FieldCatalogue } from '../fields/index.ts';
import { isGiven, validateException } from './exceptions.ts';
import { type Findings, LoadFailure } from './findings.ts';
import type { ItemHead, ListInfo, MacroInfo, RuleInfo, RuleParts, RuleUpdate } from './items.ts';
import type { MappedText } from './mapped-text.ts';
import { compareVersions, parseVersion, satisfies, type Version } from './versions.ts';
import type { YamlScalar } from './yaml.ts';

export interface PluginRequirement {
  readonly name: string;
  readonly version: string;
  readonly at: Location;
}

function invalid(message: string, at: Location, help?: string): LoadFailure {
  return new LoadFailure('LOAD_ERR_VALIDATE', message, at, help === undefined ? {} : { help });
}

export class Collector {
  readonly lists = new Map<string, ListInfo>();
  readonly macros = new Map<string, MacroInfo>();
  readonly rules = new Map<string, RuleInfo>();
  /** For each required plugin, it and its alternatives. */
  readonly plugins: (readonly PluginRequirement[])[] = [];
  /** The highest engine version that any file asks for. */
  requiredEngine: Version | undefined;
  /** Where findings go: the file's that is being read. */
  findings: Findings;

  readonly #catalogueOf: (source: string) => FieldCatalogue | undefined;
  #next = 0;

  constructor(findings: Findings, catalogueOf: (source: string) => FieldCatalogue | undefined) {
    this.findings = findings;
    this.#catalogueOf = catalogueOf;
  }

  requireEngine(version: Version, at: Location): void {
    const engine = parseVersion(ENGINE_VERSION) as Version;
    if (!satisfies(engine, version)) {
      throw invalid(
        `Rules require engine version ${version.join('.')}, but engine version is ${ENGINE_VERSION}`,
        at,
      );
    }
    if (this.requiredEngine === undefined || compareVersions(this.requiredEngine, version) < 0) {
      this.requiredEngine = version;
    }
  }

  requirePlugin(requirements: readonly PluginRequirement[]): void {
    const names = new Set<string>();
    for (const { name, version, at } of requirements) {
      if (parseVersion(version) === undefined) {
        throw invalid(`Invalid required version '${version}' for plugin '${name}'`, at);
      }
      if (names.has(name)) {
        throw invalid(`Defined multiple alternative version requirements for plugin '${name}'`, at);
      }
      names.add(name);
    }
    this.plugins.push(requirements);
  }

  defineList(head: ItemHead, items: readonly YamlScalar[]): void {
    this.lists.set(head.name, { ...head, items, ...this.#position(this.lists.get(head.name)) });
  }

  appendList(head: ItemHead, items: readonly YamlScalar[]): void {
    const list = this.lists.get(head.name);
    if (list === undefined) {
      throw invalid(
        "List uses 'append' or 'override.items: append' but no list by that name already exists",
        head.at,
      );
    }
    list.items = list.items.concat(items);
    list.visibility = this.#next++;
  }

  defineMacro(head: ItemHead, condition: MappedText): void {
    this.macros.set(head.name, { ...head, condition, ...this.#position(this.macros.get(head.name)) });
  }

  appendMacro(head: ItemHead, condition: MappedText): void {
    const macro = this.macros.get(head.name);
    if (macro === undefined) {
      throw invalid(
        "Macro uses 'append' or 'override.condition: append' but no macro by that name already exists",
        head.at,
      );
    }
    macro.condition = macro.condition.append(' ', condition);
    macro.visibility = this.#next++;
  }

  defineRule(
    head: ItemHead,
    source: { readonly name: string; readonly at: Location },
    parts: RuleParts,
  ): void {
    const previous = this.rules.get(head.name);
    if (previous !== undefined && previous.source !== source.name) {
      throw invalid('Rule has been re-defined with a different source', source.at);
    }
    const catalogue = this.#catalogueOf(source.name);
    if (catalogue === undefined) {
      this.findings.warn('LOAD_UNKNOWN_SOURCE', `Unknown source ${source.name}, skipping`, source.at);
    }
    for (const exception of parts.exceptions) {
      if (!isGiven(exception.fields)) {
        throw invalid('Rule exception item must have fields property with a list of fields', exception.at);
      }
      validateException(exception, catalogue);
    }
    this.rules.set(head.name, {
      ...head,
      ...parts,
      source: source.name,
      unknownSource: catalogue === undefined,
      ...this.#position(previous),
    });
  }

  appendRule(update: RuleUpdate): void {
    const rule = this.rules.get(update.name);
    if (rule === undefined) {
      throw invalid(
        "Rule uses 'append' or 'override.<key>: append' but no rule by that name already exists",
        update.at,
      );
    }
    const { condition, output, desc, tags, exceptions } = update.parts;
    if (Object.keys(update.parts).length === 0) {
      throw invalid('Appended rule must have exceptions or condition property', update.at);
    }
    if (condition !== undefined) rule.condition = rule.condition.append(' ', condition);
    if (output !== undefined) rule.output = rule.output.append(' ', output);
    if (desc !== undefined) rule.desc = `${rule.desc} ${desc}`;
    if (tags !== undefined) rule.tags = new Set([...rule.tags, ...tags]);
    if (exceptions !== undefined) this.#appendExceptions(rule, exceptions);
    rule.visibility = this.#next++;
  }

  #appendExceptions(rule: RuleInfo, added: RuleParts['exceptions']): void {
    const exceptions = [...rule.exceptions];
    for (const exception of added) {
      const known = exceptions.findIndex(({ name }) => name === exception.name);
      const existing = exceptions[known];
      if (existing === undefined) {
        if (!isGiven(exception.fields)) {
          throw invalid('Rule exception must have fields property with a list of fields', exception.at);
        }
        if (exception.values.length === 0) {
          throw invalid('Rule exception must have values property with a list of values', exception.at);
        }
        validateException(exception, rule.unknownSource ? undefined : this.#catalogueOf(rule.source));
        exceptions.push(exception);
      } else {
        if (isGiven(exception.fields)) {
          throw invalid('Can not append exception fields to existing exception, only values', exception.at);
        }
        if (isGiven(exception.comps)) {
          throw invalid('Can not append exception comps to existing exception, only values', exception.at);
        }
        exceptions[known] = { ...existing, values: existing.values.concat(exception.values) };
      }
      // What Falco collected before a failing exception stays.
      rule.exceptions = [...exceptions];
    }
  }

  replaceRule(update: RuleUpdate): void {
    const rule = this.rules.get(update.name);
    if (rule === undefined) {
      throw invalid(
        "An 'override.<key>: replace' to a rule was requested but no rule by that name already exists",
        update.at,
      );
    }
    Object.assign(rule, update.parts);
    rule.visibility = this.#next++;
  }

  enableRule(head: ItemHead, enabled: boolean): void {
    const rule = this.rules.get(head.name);
    if (rule === undefined) {
      throw invalid("Rule has 'enabled' key but no rule by that name already exists", head.at);
    }
    rule.enabled = enabled;
  }

  /** A redefined item keeps its place in the table. */
  #position(previous: { readonly index: number } | undefined): { index: number; visibility: number } {
    const id = this.#next++;
    return { index: previous?.index ?? id, visibility: id };
  }
}
