// Prometheus rule files by promtool, Alertmanager configuration by amtool.

import type { Check } from '../types.ts';
import type { Toolbox } from './toolbox.ts';

export function checkPrometheusRules(tools: Toolbox, rules: string): Promise<Check> {
  return tools.check({
    tool: 'promtool',
    install: 'prometheus',
    versionArgs: ['--version'],
    level: 'valid',
    asked: 'Does Prometheus load the rules and parse each expression?',
    files: { 'rules.yml': rules },
    runs: [['check', 'rules', 'rules.yml']],
  });
}

/** Runs Prometheus' own unit tests on the rules: input series and the alerts they must raise. */
export function testPrometheusRules(tools: Toolbox, rules: string, tests: string): Promise<Check> {
  return tools.check({
    tool: 'promtool',
    install: 'prometheus',
    versionArgs: ['--version'],
    level: 'simulated',
    asked: 'Do the rules raise their alerts on made-up series, and stay silent on quiet ones?',
    files: { 'rules.yml': rules, 'tests.yml': tests },
    runs: [['test', 'rules', 'tests.yml']],
  });
}

export function checkAlertmanager(tools: Toolbox, config: string): Promise<Check> {
  return tools.check({
    tool: 'amtool',
    install: 'prometheus-alertmanager',
    versionArgs: ['--version'],
    level: 'valid',
    asked: 'Does Alertmanager read the configuration?',
    files: { 'alertmanager.yml': config },
    runs: [['check-config', 'alertmanager.yml']],
  });
}
