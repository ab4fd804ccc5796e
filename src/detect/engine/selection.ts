// Which rules run: `enabled`, the priority threshold, and the `rules:` list of falco.yaml.

import { PRIORITIES } from '../../alerts/index.ts';
import type { Rule } from '../rules/index.ts';
import type { EngineSettings } from './settings.ts';

/**
 * Falco's own wildcard match, `*` only. A quirk of Falco's: each piece between stars is taken where it is found first,
 * and nothing is tried again, so `*ab` does not match `abab`.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  if (!pattern.includes('*')) return pattern === text;
  const pieces = pattern.split('*');
  const first = pieces[0] as string;
  const last = pieces[pieces.length - 1] as string;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const piece of pieces.slice(1)) {
    if (piece === '') continue;
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return last === '' || at === text.length;
}

/** The rules of `source` that run, in firing order. */
export function selectRules(rules: readonly Rule[], source: string, settings: EngineSettings): Rule[] {
  const threshold = PRIORITIES.indexOf(settings.priority);
  return rules
    .filter((rule) => rule.source === source && isEnabled(rule, settings))
    .filter((rule) => PRIORITIES.indexOf(rule.priority) <= threshold)
    .sort((a, b) => a.index - b.index);
}

function isEnabled(rule: Rule, settings: EngineSettings): boolean {
  let enabled = rule.enabled;
  for (const { enable, rule: pattern, tag } of settings.rules) {
    const hit =
      (pattern !== undefined && matchesWildcard(pattern, rule.name)) ||
      (tag !== undefined && rule.tags.includes(tag));
    if (hit) enabled = enable;
  }
  return enabled;
}
