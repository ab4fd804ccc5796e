// Prometheus rules on Falco's own metrics: the rule fires, Falco drops events, Falco is silent. Checked and run by
// promtool, on made-up series.

import { checkPrometheusRules, testPrometheusRules } from '../checks/promtool.ts';
import type { PlanContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import { refs } from '../references.ts';
import { toYaml } from '../yaml-text.ts';

export function planAlertRules(context: PlanContext): Draft | undefined {
  const rule = context.triage.incident.findings.find((finding) => finding.rule !== undefined)?.rule;
  if (rule === undefined) return undefined;
  const label = JSON.stringify(rule);
  const counter = `falcosecurity_falco_rules_matches_total{rule_name=${label}}`;
  const rules = {
    groups: [
      {
        name: 'falco',
        rules: [
          {
            alert: 'FalcoRuleFired',
            expr: `sum by (rule_name) (increase(${counter}[5m])) > 0`,
            labels: { severity: context.hostile ? 'critical' : 'warning' },
            annotations: { summary: 'Falco rule fired: {{ $labels.rule_name }}' },
          },
          {
            alert: 'FalcoDropsEvents',
            expr: 'rate(falcosecurity_scap_n_drops_total[5m]) / rate(falcosecurity_scap_n_evts_total[5m]) > 0.01',
            for: '10m',
            labels: { severity: 'warning' },
            annotations: {
              summary:
                'Falco on {{ $labels.instance }} drops more than one event in a hundred: what it does not see, it does not alert',
            },
          },
          {
            alert: 'FalcoSilent',
            expr: 'absent_over_time(falcosecurity_scap_n_evts_total[10m]) or rate(falcosecurity_scap_n_evts_total[10m]) == 0',
            for: '10m',
            labels: { severity: 'critical' },
            annotations: { summary: 'Falco saw no event for ten minutes' },
          },
        ],
      },
    ],
  };
  const content = toYaml(rules);
  const series = (name: string, values: string) => ({ series: name, values });
  const alertOf = (
    alertname: string,
    labels: Record<string, string>,
    annotations: Record<string, string>,
  ) => ({
    eval_time: '30m',
    alertname,
    exp_alerts: [{ exp_labels: labels, exp_annotations: annotations }],
  });
  const [fired, drops] = rules.groups[0]!.rules as [
    (typeof rules.groups)[0]['rules'][0],
    (typeof rules.groups)[0]['rules'][0],
  ];
  const tests = {
    rule_files: ['rules.yml'],
    evaluation_interval: '1m',
    tests: [
      {
        interval: '1m',
        input_series: [
          series(counter, '0+1x60'),
          series('falcosecurity_scap_n_evts_total{instance="a"}', '0+1000x60'),
          series('falcosecurity_scap_n_drops_total{instance="a"}', '0+100x60'),
        ],
        alert_rule_test: [
          alertOf(
            'FalcoRuleFired',
            { severity: fired.labels.severity, rule_name: rule },
            { summary: `Falco rule fired: ${rule}` },
          ),
          alertOf(
            'FalcoDropsEvents',
            { severity: drops.labels.severity, instance: 'a' },
            { summary: drops.annotations.summary.replace('{{ $labels.instance }}', 'a') },
          ),
          { eval_time: '30m', alertname: 'FalcoSilent', exp_alerts: [] },
        ],
      },
      {
        interval: '1m',
        input_series: [
          series(counter, '5x60'),
          series('falcosecurity_scap_n_evts_total{instance="a"}', '0+1000x60'),
          series('falcosecurity_scap_n_drops_total{instance="a"}', '0x60'),
        ],
        alert_rule_test: ['FalcoRuleFired', 'FalcoDropsEvents', 'FalcoSilent'].map((alertname) => ({
          eval_time: '30m',
          alertname,
          exp_alerts: [],
        })),
      },
    ],
  };
  return {
    id: 'monitoring.alert-rules',
    family: 'monitoring',
    phase: 'watch',
    title: 'Page on this rule, on dropped events and on silence',
    why: 'A finding that nobody sees within minutes, and a sensor that fails quietly, are the same blind spot.',
    factIds: context.facts('rule'),
    artefacts: [{ kind: 'prometheus-rules', filename: 'falco-rules.yml', language: 'yaml', content }],
    rollout:
      'falco.yaml: metrics.enabled, metrics.rules_counters_enabled and webserver.prometheus_metrics_enabled; then add the file to rule_files of Prometheus and route severity critical to whoever is on call.',
    effect: 'The rule pages within a minute of firing; nothing is silenced.',
    breaks: 'Pages from a noisy rule: tune it first.',
    rollback: 'Remove the file and reload Prometheus.',
    references: refs('M1047'),
    effort: 'minutes',
    checks: [
      checkPrometheusRules(context.tools, content),
      testPrometheusRules(context.tools, content, toYaml(tests)),
    ],
  };
}
