// Reads one file's items in order and hands them to the collector (rule_loader_reader). A failing item ends the file
// for Falco; we go on, to tell the author everything at once, but only the first failure counts as Falco's.

import { nearest } from '../../base/nearest.ts';
import { ENGINE_VERSION } from '../fields/index.ts';
import type { Collector } from './collector.ts';
import {
  asBoolean,
  optionalScalar,
  parseUint32,
  requiredScalar,
  scalarSequence,
  yamlFailure,
} from './decode.ts';
import { type Findings, LoadFailure } from './findings.ts';
import type { ItemHead } from './items.ts';
import { MappedText } from './mapped-text.ts';
import { readOverrides } from './overrides.ts';
import { RULE_KEYS, readRule } from './read-rule.ts';
import { parseVersion } from './versions.ts';
import { locationOf, mapValue, parseYaml, type SourceFile, type YamlMap, type YamlNode } from './yaml.ts';

const APPEND_DEPRECATED =
  "'append' key is deprecated. Add an 'append' entry (e.g. 'condition: append') under 'override' instead.";
const APPEND_WITH_OVERRIDE =
  "Keys 'override' and 'append: true' cannot be used together. Add an 'append' entry (e.g. 'condition: append') under 'override' instead.";

/** Reads all items of a file. False if Falco would not go on to compile. */
export function readRules(file: SourceFile, collector: Collector, findings: Findings): boolean {
  const parsed = parseYaml(file);
  if ('problem' in parsed) {
    const { message, from, to } = parsed.problem;
    findings.fail(new LoadFailure('LOAD_ERR_YAML_PARSE', message, file.locate(from, to)));
    return false;
  }
  for (const document of parsed.documents) {
    findings.attempt(() => {
      for (const item of itemsOf(document)) {
        findings.attempt(() => readItem(item, collector, findings));
      }
    });
  }
  return !findings.failed;
}

function itemsOf(document: YamlNode): readonly YamlNode[] {
  if (document.kind === 'scalar' && document.isNull) return [];
  if (document.kind === 'scalar') throw yamlFailure('Rules content is not yaml', locationOf(document));
  if (document.kind === 'map')
    throw yamlFailure('Rules content is not yaml array of objects', locationOf(document));
  return document.items.filter((item) => !(item.kind === 'scalar' && item.isNull));
}

function readItem(node: YamlNode, collector: Collector, findings: Findings): void {
  if (node.kind !== 'map') {
    throw yamlFailure(
      'Unexpected element type. Each element should be a yaml associative array.',
      locationOf(node),
    );
  }
  for (const [kind, { keys, read }] of Object.entries(KINDS)) {
    if (mapValue(node, kind) === undefined) continue;
    read(node, collector, findings);
    // Only for items that could be read.
    warnUnknownKeys(node, keys, findings);
    return;
  }
  const first = node.pairs[0]?.[0];
  const found = first?.kind === 'scalar' ? nearest(first.value, Object.keys(KINDS)) : undefined;
  findings.warn('LOAD_UNKNOWN_ITEM', 'Unknown top level item', locationOf(first ?? node), {
    ...(found !== undefined && { help: `did you mean '${found}'?` }),
  });
}

function warnUnknownKeys(map: YamlMap, keys: readonly string[], findings: Findings): void {
  for (const [key] of map.pairs) {
    if (key.kind !== 'scalar' || keys.includes(key.value)) continue;
    const found = nearest(key.value, keys);
    findings.warn(
      'LOAD_UNKNOWN_KEY',
      `Unknown key '${key.value}'. The key will be ignored.`,
      locationOf(key),
      {
        ...(found !== undefined && { help: `did you mean '${found}'?` }),
      },
    );
  }
}

type Read = (map: YamlMap, collector: Collector, findings: Findings) => void;

/** The kinds of items, in the order in which their keys are looked for. */
const KINDS: Readonly<Record<string, { readonly keys: readonly string[]; readonly read: Read }>> = {
  required_engine_version: { keys: ['required_engine_version'], read: readEngineVersion },
  required_plugin_versions: { keys: ['required_plugin_versions'], read: readPluginVersions },
  list: { keys: ['list', 'items', 'append', 'override'], read: readList },
  macro: { keys: ['macro', 'condition', 'append', 'override'], read: readMacro },
  rule: { keys: RULE_KEYS, read: readRuleItem },
};

function readEngineVersion(map: YamlMap, collector: Collector): void {
  const scalar = requiredScalar(map, 'required_engine_version', locationOf(map));
  const minor = parseUint32(scalar.value);
  const [major, , patch] = parseVersion(ENGINE_VERSION) ?? [0, 0, 0];
  const version = minor === undefined ? parseVersion(scalar.value) : ([major, minor, patch] as const);
  if (version === undefined) {
    throw yamlFailure(
      `Unable to parse engine version '${scalar.value}' as a semver string. Expected "x.y.z" semver format.`,
      locationOf(scalar),
    );
  }
  collector.requireEngine(version, locationOf(scalar));
}

function readPluginVersions(map: YamlMap, collector: Collector): void {
  const node = mapValue(map, 'required_plugin_versions') as YamlNode;
  if (node.kind !== 'seq') {
    throw yamlFailure('Value of required_plugin_versions must be a sequence', locationOf(node));
  }
  for (const entry of node.items) {
    if (entry.kind !== 'map') throw yamlFailure('Plugin version must be a mapping', locationOf(entry));
    const requirements = [readRequirement(entry)];
    const alternatives = mapValue(entry, 'alternatives');
    if (alternatives !== undefined) {
      if (alternatives.kind !== 'seq') {
        throw yamlFailure(
          'Value of plugin version alternatives must be a sequence',
          locationOf(alternatives),
        );
      }
      for (const alternative of alternatives.items) {
        if (alternative.kind !== 'map') {
          throw yamlFailure('Plugin version alternative must be a mapping', locationOf(alternative));
        }
        requirements.push(readRequirement(alternative));
      }
    }
    collector.requirePlugin(requirements);
  }
}

function readRequirement(map: YamlMap) {
  const name = requiredScalar(map, 'name', locationOf(map)).value;
  const version = requiredScalar(map, 'version', locationOf(map));
  return { name, version: version.value, at: locationOf(version) };
}

/** The item's name and `append` flag; both need the name first. */
function readHead(map: YamlMap, kind: string): ItemHead {
  const scalar = requiredScalar(map, kind, locationOf(map));
  return { name: scalar.value, node: map, at: locationOf(scalar) };
}

/** `append: true`, with its warning. */
function readAppend(head: ItemHead, findings: Findings): boolean {
  const scalar = optionalScalar(head.node, 'append');
  if (scalar === undefined || !asBoolean(scalar)) return false;
  findings.warn('LOAD_DEPRECATED_ITEM', APPEND_DEPRECATED, locationOf(scalar));
  return true;
}

function readList(map: YamlMap, collector: Collector, findings: Findings): void {
  const head = readHead(map, 'list');
  if (!/^[^()"' \t\n\v\f\r=,]+$/.test(head.name)) {
    findings.warn(
      'LOAD_INVALID_LIST_NAME',
      `List has an invalid name. List names must match a regular expression: [^()"'\\s=,]+`,
      head.at,
    );
  }
  const node = mapValue(map, 'items');
  if (node === undefined) throw yamlFailure("Item has no mapping for key 'items'", head.at);
  const items = scalarSequence(node);
  const append = readAppend(head, findings);
  const overrides = readOverrides(map, ['items'], ['items']);
  if (append && overrides.size > 0) throw yamlFailure(APPEND_WITH_OVERRIDE, head.at);
  if (append || overrides.get('items') === 'append') collector.appendList(head, items);
  else collector.defineList(head, items);
}

function readMacro(map: YamlMap, collector: Collector, findings: Findings): void {
  const head = readHead(map, 'macro');
  if (!/^[a-zA-Z][a-zA-Z0-9_]*$/.test(head.name)) {
    findings.warn(
      'LOAD_INVALID_MACRO_NAME',
      'Macro has an invalid name. Macro names must match a regular expression: [a-zA-Z]+[a-zA-Z0-9_]*',
      head.at,
    );
  }
  const condition = MappedText.of(requiredScalar(map, 'condition', head.at));
  const append = readAppend(head, findings);
  const overrides = readOverrides(map, ['condition'], ['condition']);
  if (append && overrides.size > 0) throw yamlFailure(APPEND_WITH_OVERRIDE, head.at);
  if (append || overrides.get('condition') === 'append') collector.appendMacro(head, condition);
  else collector.defineMacro(head, condition);
}

function readRuleItem(map: YamlMap, collector: Collector, findings: Findings): void {
  const head = readHead(map, 'rule');
  const append = readAppend(head, findings);
  readRule(head, append, APPEND_WITH_OVERRIDE, collector, findings);
}
