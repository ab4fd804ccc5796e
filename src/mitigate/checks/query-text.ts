// Queries for stores that are not at hand: the form of an Elasticsearch search body, and a subset of LogQL (a stream
// selector, `| json`, label filters). Passing says that it parses, not that the store has such fields.

import type { Check } from '../types.ts';
import { isJson } from './pod-spec.ts';
import { ownCheck } from './toolbox.ts';

const BODY = new Set(['query', 'size', 'sort', 'from', '_source', 'aggs']);
const CLAUSES = new Set(['bool', 'match_phrase', 'term', 'terms', 'range', 'match', 'exists', 'wildcard']);
const BOOL = new Set(['must', 'should', 'filter', 'must_not', 'minimum_should_match']);

export function checkElasticsearch(body: unknown): Check {
  const problems: string[] = [];
  if (!isJson(body)) problems.push('expected an object');
  else {
    for (const key of Object.keys(body)) if (!BODY.has(key)) problems.push(`${key}: unknown key`);
    clause(body['query'], 'query', problems);
  }
  return ownCheck(
    'yarak Elasticsearch form',
    'Query DSL 8',
    'parsed',
    'Is it a search body, with clauses that exist?',
    problems,
    'well formed',
  );
}

function clause(value: unknown, path: string, problems: string[]): void {
  const [name, ...more] = isJson(value) ? Object.keys(value) : [];
  if (!isJson(value) || name === undefined || more.length > 0 || !CLAUSES.has(name)) {
    problems.push(`${path}: expected one clause of ${[...CLAUSES].join(', ')}`);
    return;
  }
  if (name !== 'bool') return;
  const inner = value['bool'];
  if (!isJson(inner)) {
    problems.push(`${path}.bool: expected an object`);
    return;
  }
  for (const [key, list] of Object.entries(inner)) {
    if (!BOOL.has(key)) problems.push(`${path}.bool.${key}: unknown key`);
    else if (Array.isArray(list)) for (const one of list) clause(one, `${path}.bool.${key}`, problems);
  }
}

const STRING = '"(?:[^"\\\\\\n]|\\\\.)*"';
const SELECTOR = new RegExp(
  `^\\{\\s*[a-zA-Z_]\\w*\\s*(?:=|!=|=~|!~)\\s*${STRING}(?:\\s*,\\s*[a-zA-Z_]\\w*\\s*(?:=|!=|=~|!~)\\s*${STRING})*\\s*\\}`,
);
const STAGE = new RegExp(
  `^\\s*\\|\\s*(?:json|logfmt|[a-zA-Z_]\\w*\\s*(?:=|!=|=~|!~)\\s*${STRING}(?:\\s+(?:or|and)\\s+[a-zA-Z_]\\w*\\s*(?:=|!=|=~|!~)\\s*${STRING})*)`,
);

export function validateLogQl(query: string): string[] {
  const selector = query.match(SELECTOR);
  if (selector === null) return ['expected a stream selector such as {source="syscall"}'];
  let rest = query.slice(selector[0].length);
  while (rest.trim() !== '') {
    const stage = rest.match(STAGE);
    if (stage === null) return [`expected a stage at: ${rest.trim().slice(0, 40)}`];
    rest = rest.slice(stage[0].length);
  }
  return [];
}

export function checkLogQl(query: string): Check {
  return ownCheck(
    'yarak LogQL grammar (subset)',
    'Loki 3',
    'parsed',
    'Is it a log query: selector, stages, filters?',
    validateLogQl(query),
    'well formed',
  );
}
