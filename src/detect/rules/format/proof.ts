// The proof that formatting changed nothing: the data of the YAML is the same but for blanks in conditions, every
// comment is there, and the loader makes the same of it.

import { Lexer } from 'yaml';
import { parseCondition, printExpr } from '../../lang/index.ts';
import { loadRules, type RuleFileText } from '../load.ts';
import { parseYaml, sourceFileOf, type YamlNode } from '../yaml.ts';

/** What differs between two texts of a file, in words; `undefined`: they mean the same. `others` load before it. */
export function difference(
  before: RuleFileText,
  after: RuleFileText,
  others: readonly RuleFileText[],
): string | undefined {
  if (dataOf(before) !== dataOf(after)) return 'the items would not be the same';
  if (commentsOf(before.content) !== commentsOf(after.content)) return 'a comment would be lost or moved';
  if (loadedOf([...others, before]) !== loadedOf([...others, after])) return 'Falco would load other rules';
  return undefined;
}

function dataOf(file: RuleFileText): string {
  const parsed = parseYaml(sourceFileOf(file));
  return 'problem' in parsed ? '' : JSON.stringify(parsed.documents.map((node) => plain(node, '')));
}

function plain(node: YamlNode, key: string): unknown {
  if (node.kind === 'scalar')
    return key === 'condition' ? conditionOf(node.value) : [node.value, node.isNull];
  if (node.kind === 'seq') return node.items.map((item) => plain(item, ''));
  return node.pairs.map(([name, value]) => [
    plain(name, ''),
    plain(value, name.kind === 'scalar' ? name.value : ''),
  ]);
}

/** A condition without the blanks outside quotes, and its tree. */
function conditionOf(text: string): unknown {
  const squeezed = text.replace(/("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|[ \t\r\n\b]+/gs, '$1');
  const body = text.replace(/^[ \t\r\n]*(?:and|or)(?=[ \t\r\n(])/, '');
  const { expr } = parseCondition(body);
  return [squeezed, expr === undefined ? null : printExpr(expr)];
}

function commentsOf(text: string): string {
  const comments: string[] = [];
  let scalar = false;
  for (const lexeme of new Lexer().lex(text)) {
    if (!scalar && lexeme.startsWith('#')) comments.push(lexeme.trimEnd());
    scalar = lexeme === '\u001f';
  }
  return comments.join('\n');
}

function loadedOf(files: readonly RuleFileText[]): string {
  const { results, rules, macros, lists, pluginProblems } = loadRules(files);
  return JSON.stringify([
    results.map(({ successful, errors, warnings, later }) => [
      successful,
      [...errors, ...warnings, ...later].map(({ code, diagnostic }) => [code, diagnostic.code]),
    ]),
    rules.map(({ at: _at, condition: _condition, conditionText: _text, eventCodes, ...rest }) => [
      rest,
      [...eventCodes],
    ]),
    macros.map(({ name, condition, used }) => [
      name,
      condition === undefined ? null : printExpr(condition),
      used,
    ]),
    lists.map(({ name, items, used }) => [name, items, used]),
    pluginProblems.map(({ message }) => message),
  ]);
}
