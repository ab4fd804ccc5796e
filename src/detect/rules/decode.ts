// Reads typed values out of an item's map, with Falco's checks and messages (rule_loader_reader).

import type { Location } from '../../base/diagnostic.ts';
import { LoadFailure } from './findings.ts';
import { locationOf, mapValue, type YamlMap, type YamlNode, type YamlScalar } from './yaml.ts';

export function yamlFailure(message: string, at: Location): LoadFailure {
  return new LoadFailure('LOAD_ERR_YAML_VALIDATE', message, at);
}

/** A key's non-empty scalar; `undefined` if the key is absent and may be. */
export function optionalScalar(map: YamlMap, key: string): YamlScalar | undefined {
  const node = mapValue(map, key);
  if (node === undefined) return undefined;
  if (node.kind === 'scalar' && node.isNull) {
    throw yamlFailure(`Mapping for key '${key}' is empty`, locationOf(node));
  }
  if (node.kind !== 'scalar') throw yamlFailure('Value is not a scalar value', locationOf(node));
  if (node.value === '') throw yamlFailure('Value must be non-empty', locationOf(node));
  return node;
}

export function requiredScalar(map: YamlMap, key: string, at: Location): YamlScalar {
  const scalar = optionalScalar(map, key);
  if (scalar === undefined) throw yamlFailure(`Item has no mapping for key '${key}'`, at);
  return scalar;
}

const undecodable = (scalar: YamlScalar) => yamlFailure("Can't decode YAML scalar value", locationOf(scalar));

const TRUE = /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/;

export function asBoolean(scalar: YamlScalar): boolean {
  if (TRUE.test(scalar.value)) return true;
  if (FALSE.test(scalar.value)) return false;
  throw undecodable(scalar);
}

/** yaml-cpp's reading of an unsigned 32-bit integer: decimal, `0x…`, or octal with a leading 0. */
export function parseUint32(text: string): number | undefined {
  const value = /^0[xX][0-9a-fA-F]{1,8}$/.test(text)
    ? Number.parseInt(text, 16)
    : /^0[0-7]+$/.test(text)
      ? Number.parseInt(text, 8)
      : /^\+?(?:0|[1-9]\d{0,9})$/.test(text)
        ? Number(text)
        : Number.NaN;
  return value <= 0xffffffff ? value : undefined;
}

export function asUint32(scalar: YamlScalar): number {
  const value = parseUint32(scalar.value);
  if (value === undefined) throw undecodable(scalar);
  return value;
}

/** The scalars of a sequence. */
export function scalarSequence(node: YamlNode): readonly YamlScalar[] {
  if (node.kind !== 'seq') throw yamlFailure('Value is not a sequence', locationOf(node));
  return node.items.map((item) => {
    if (item.kind !== 'scalar' || item.isNull) {
      throw yamlFailure('sequence value is not scalar', locationOf(item));
    }
    return item;
  });
}
