// Artefacts written as YAML: one way of writing, so that the same plan is the same bytes.

import { stringify } from 'yaml';

/** One YAML document; strings that need quotes get them. */
export function toYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false, indentSeq: true });
}

/** Several documents in one file. */
export function toYamlDocuments(values: readonly unknown[]): string {
  return values.map(toYaml).join('---\n');
}
