// The `override` map of an item: which of its keys append to, and which replace, an earlier definition's.

import { yamlFailure } from './decode.ts';
import { LoadFailure } from './findings.ts';
import { locationOf, mapValue, type YamlMap } from './yaml.ts';

export type Override = 'append' | 'replace';

/** The overrides of an item, by key. An empty map counts as none. */
export function readOverrides(
  map: YamlMap,
  appendable: readonly string[],
  replaceable: readonly string[],
): ReadonlyMap<string, Override> {
  const overrides = new Map<string, Override>();
  const node = mapValue(map, 'override');
  if (node?.kind !== 'map') return overrides;
  for (const [keyNode, value] of node.pairs) {
    if (keyNode.kind !== 'scalar' || value.kind !== 'scalar') {
      throw new LoadFailure('LOAD_ERR_VALIDATE', 'bad conversion', locationOf(value));
    }
    const key = keyNode.value;
    const canAppend = appendable.includes(key);
    const canReplace = replaceable.includes(key);
    if (value.value === 'append') {
      if (!canAppend) {
        throw yamlFailure(`Key '${key}' cannot be appended to, use 'replace' instead`, locationOf(keyNode));
      }
      overrides.set(key, 'append');
    } else if (value.value === 'replace') {
      if (!canReplace) throw yamlFailure(`Key '${key}' cannot be replaced`, locationOf(keyNode));
      overrides.set(key, 'replace');
    } else {
      const allowed = `${canAppend ? 'append ' : ''}${canReplace ? 'replace ' : ''}`;
      throw yamlFailure(
        `Invalid override operation for key '${key}': '${value.value}'. Allowed values are: ${allowed}`,
        locationOf(value),
      );
    }
  }
  return overrides;
}
