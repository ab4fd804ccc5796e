// `yarak explain RULE --emit js`: the JavaScript that the engine runs for a rule, by kind of event.

import { createEngine, type EventAccess } from '../../detect/engine/index.ts';
import { EVENTS, GENERIC_EXIT } from '../../detect/fields/index.ts';
import type { Rule } from '../../detect/rules/index.ts';

/**
 * The generated code, each piece under the event types that it runs for. Fields are read through a source that has
 * them all, so nothing but the event type is folded away; a real source may leave out more.
 */
export function emitJs(rule: Rule): string {
  const access: EventAccess<undefined> = {
    source: rule.source,
    reader: () => () => undefined,
    constant: ({ def }, code) =>
      def.name === 'evt.type' && code > GENERIC_EXIT ? EVENTS[code]?.name : undefined,
    timeNs: () => 0n,
  };
  const engine = createEngine([{ ...rule, enabled: true }], access, { generate: 'always' });
  const pieces = new Map<string, Set<string>>();
  for (const code of rule.source === 'syscall' ? rule.eventCodes : [0]) {
    const source = engine.source(code);
    if (source === '') continue;
    let types = pieces.get(source);
    if (types === undefined) {
      types = new Set();
      pieces.set(source, types);
    }
    types.add(rule.source === 'syscall' ? (EVENTS[code]?.name ?? String(code)) : rule.source);
  }
  return [...pieces]
    .map(([source, types]) => `// ${[...types].sort().join(', ')}\n${source.trimEnd()}\n`)
    .join('\n');
}
