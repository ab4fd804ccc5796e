// Artefacts written as YAML and JSON: one way of writing, so that the same plan is the same bytes. Characters that do
// not show (controls, direction marks), which only an attacker's text brings, are written as escapes.

import { Document, isScalar, Scalar, visit } from 'yaml';
import { hasHidden } from '../base/escape/visible.ts';

/** One YAML document; strings that need quotes get them. */
export function toYaml(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, (_key, node) => {
    if (isScalar(node) && typeof node.value === 'string' && hasHidden(node.value))
      node.type = Scalar.QUOTE_DOUBLE;
  });
  const text = document.toString({ lineWidth: 0, indentSeq: true });
  if (!hasHidden(text.replaceAll('\n', ''))) return text;
  return [...text].map((c) => (c !== '\n' && hasHidden(c) ? yamlEscape(c) : c)).join('');
}

/** Several documents in one file. */
export function toYamlDocuments(values: readonly unknown[]): string {
  return values.map(toYaml).join('---\n');
}

/** A string as JSON, jq and LogQL read it. */
export function jsonString(value: string): string {
  return JSON.stringify(value).replace(/[^\x20-\x7e]/gu, (c) => (hasHidden(c) ? jsonEscape(c) : c));
}

/** Indented JSON, one line feed at its end. */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value, null, 2).replace(/[^\x20-\x7e\n]/gu, (c) =>
    hasHidden(c) ? jsonEscape(c) : c,
  );
  return `${text}\n`;
}

function yamlEscape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff
    ? `\\U${code.toString(16).padStart(8, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
}

function jsonEscape(character: string): string {
  let text = '';
  for (let i = 0; i < character.length; i++)
    text += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
  return text;
}
