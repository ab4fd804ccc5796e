// Queries that find the rest of the story: jq over Falco's own log (run on this alert), Elasticsearch, Loki, kubectl.

import { runJq } from '../checks/jq.ts';
import { checkElasticsearch, checkLogQl } from '../checks/query-text.ts';
import type { PlanContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import { refs } from '../references.ts';
import { jsonString, toJson } from '../yaml-text.ts';

/** Fields that lead from this alert to others about the same thing, best first. */
const KEYS = [
  'container.id',
  'k8s.pod.name',
  'container.image.digest',
  'container.image.repository',
  'user.loginname',
  'proc.exepath',
  'ka.user.name',
];

export function planQueries(context: PlanContext): Draft[] {
  const alert = context.views[0]?.alert;
  if (alert === undefined) return [];
  const keys = KEYS.filter((key) => context.text(key) !== '' && context.text(key) !== 'host').slice(0, 3);
  const pairs =
    keys.length > 0
      ? keys.map((key) => [key, context.text(key)] as const)
      : alert.rule === undefined
        ? []
        : [['rule', alert.rule] as const];
  if (pairs.length === 0) return [];
  const common = {
    family: 'monitoring',
    phase: 'watch',
    factIds: context.facts(...keys),
    values: [pairs.map(([key, value]) => `${key} = ${value}`).join('; ')],
    effect: 'It finds; it changes nothing.',
    breaks: 'Nothing.',
    rollback: 'Nothing to undo.',
    references: refs('sp-800-61'),
    effort: 'minutes',
  } as const satisfies Partial<Draft>;
  const program = `select(${pairs.map(([key, value]) => (key === 'rule' ? `.rule == ${jsonString(value)}` : `.output_fields[${jsonString(key)}] == ${jsonString(value)}`)).join(' or ')}) | [.time, .rule, .output_fields["proc.cmdline"]]`;
  const body = elasticBody(pairs);
  const logql = `{source="syscall"} | json | ${pairs.map(([key, value]) => `${key === 'rule' ? 'rule' : `output_fields_${key.replace(/[^\w]/g, '_')}`}=${jsonString(value)}`).join(' or ')}`;
  const sample =
    context.views
      .map((view) => view.alert)
      .find((one) => pairs.some(([key, value]) => key === 'rule' || String(one.fields.get(key)) === value)) ??
    alert;
  return [
    {
      ...common,
      id: 'monitoring.query-jq',
      title: 'Find what else the same thing did, in Falco’s log',
      why: 'The alerts here are those that were read; the log may hold more with {0}.',
      artefacts: [{ kind: 'query', filename: 'same-thing.jq', language: 'jq', content: `${program}\n` }],
      rollout: 'jq -c -f same-thing.jq /var/log/falco/events.json (json_output and file_output on).',
      checks: [runJq(context.tools, program, jsonOf(sample), 'Run on this alert, does the query select it?')],
    },
    {
      ...common,
      id: 'monitoring.query-stores',
      title: 'The same question for Elasticsearch and Loki',
      why: 'Where alerts are kept in a store, ask it for {0}.',
      artefacts: [
        {
          kind: 'query',
          filename: 'same-thing.elasticsearch.json',
          language: 'json',
          content: toJson(body),
        },
        { kind: 'query', filename: 'same-thing.logql', language: 'logql', content: `${logql}\n` },
      ],
      rollout:
        'Elasticsearch: POST falco-*/_search with the body (falcosidekick’s mapping keeps field names whole below output_fields). Loki: the label and the names that | json gives depend on how alerts come in.',
      checks: [checkElasticsearch(body), checkLogQl(logql)],
    },
  ];
}

function elasticBody(pairs: readonly (readonly [string, string])[]): Record<string, unknown> {
  return {
    size: 500,
    sort: [{ time: 'asc' }],
    query: {
      bool: {
        minimum_should_match: 1,
        should: pairs.map(([key, value]) => ({
          match_phrase: { [key === 'rule' ? 'rule' : `output_fields.${key}`]: value },
        })),
      },
    },
  };
}

function jsonOf(alert: {
  readonly rule: string | undefined;
  readonly fields: ReadonlyMap<string, unknown>;
}): string {
  const fields = Object.fromEntries(
    [...alert.fields].map(([key, value]) => [key, typeof value === 'bigint' ? String(value) : value]),
  );
  return `${JSON.stringify({ time: '', rule: alert.rule ?? null, output_fields: fields })}\n`;
}
