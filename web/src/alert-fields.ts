// The fields of an alert as it was received, exactly: numbers keep all their digits.

import { parseJson, stringifyJson } from '../../src/base/json.ts';

/** Of Falco's object, as text; none when it is something else. Empty fields are left out. */
export function alertFields(raw: string): ReadonlyMap<string, string> {
  const read = parseJson(raw);
  const fields = read.ok && read.value instanceof Map ? read.value.get('output_fields') : undefined;
  if (!(fields instanceof Map)) return new Map();
  return new Map(
    [...fields].flatMap(([name, one]) =>
      one === null || one === '' ? [] : [[name, typeof one === 'string' ? one : stringifyJson(one)] as const],
    ),
  );
}
