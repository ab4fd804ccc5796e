// Verdicts on labelled alerts: `npm run bench:triage`. Reads YARAK_ALERTS/{labelled,rich}.jsonl (default tests/alerts);
// each scenario is fed alone, in time order; its verdict is the worst of its incidents. Ends with one JSON object.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Alert, readAlertText } from '../src/alerts/index.ts';
import {
  FindingBuilder,
  joinIncidents,
  shippedKnowledge,
  triageIncident,
  VERDICTS,
  type VerdictWord,
} from '../src/triage/index.ts';

export interface Scenario {
  readonly name: string;
  readonly label: string;
  readonly alerts: readonly Alert[];
}

export function readScenarios(file: string): Scenario[] {
  const rows = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { label: string; scenario: string; alert: object });
  return [...Map.groupBy(rows, (row) => row.scenario)].map(([name, group]) => ({
    name,
    label: group[0]?.label ?? '',
    alerts: readAlertText(group.map((row) => JSON.stringify(row.alert)).join('\n')).alerts.sort((a, b) =>
      (a.timeNs ?? 0n) < (b.timeNs ?? 0n) ? -1 : 1,
    ),
  }));
}

/** The worst verdict among a scenario's incidents. */
export function judge(scenario: Scenario): VerdictWord {
  const builder = new FindingBuilder();
  for (const alert of scenario.alerts) builder.add(alert);
  const words = joinIncidents(builder.finish()).map(
    (incident) => triageIncident(incident, shippedKnowledge()).verdict.word,
  );
  return VERDICTS[Math.max(...words.map((word) => VERDICTS.indexOf(word)))] ?? 'undetermined';
}

export interface Confusion {
  readonly benign: Record<VerdictWord, number>;
  readonly malicious: Record<VerdictWord, number>;
  readonly verdicts: Record<string, VerdictWord>;
}

export function confusion(scenarios: readonly Scenario[]): Confusion {
  const row = (): Record<VerdictWord, number> => ({
    benign: 0,
    'likely-benign': 0,
    undetermined: 0,
    'likely-malicious': 0,
    malicious: 0,
  });
  const result: Confusion = { benign: row(), malicious: row(), verdicts: {} };
  for (const scenario of scenarios) {
    const word = judge(scenario);
    result[scenario.label === 'malicious' ? 'malicious' : 'benign'][word]++;
    result.verdicts[scenario.name] = word;
  }
  return result;
}

if (process.argv[1] === import.meta.filename) {
  const folder = process.env['YARAK_ALERTS'] ?? join(import.meta.dirname, '../tests/alerts');
  const report: Record<string, Omit<Confusion, 'verdicts'>> = {};
  for (const name of ['labelled', 'rich']) {
    const file = join(folder, `${name}.jsonl`);
    if (!existsSync(file)) continue;
    const scenarios = readScenarios(file);
    const { verdicts, ...matrix } = confusion(scenarios);
    console.log(`\n${name}.jsonl: ${scenarios.length} scenarios`);
    console.log(`${'label'.padEnd(10)} ${VERDICTS.map((word) => word.padStart(17)).join('')}`);
    for (const label of ['benign', 'malicious'] as const) {
      console.log(
        `${label.padEnd(10)} ${VERDICTS.map((word) => String(matrix[label][word]).padStart(17)).join('')}`,
      );
    }
    for (const scenario of scenarios) {
      const word = verdicts[scenario.name] as VerdictWord;
      const wrong = scenario.label === 'malicious' ? VERDICTS.indexOf(word) < 2 : VERDICTS.indexOf(word) > 2;
      if (wrong || process.argv.includes('--all'))
        console.log(`  ${wrong ? '!' : ' '} ${scenario.label.padEnd(9)} ${word.padEnd(16)} ${scenario.name}`);
    }
    report[name] = matrix;
  }
  const own = process.env['YARAK_ALERTS'] === undefined;
  const result = { bench: 'triage', input: own ? 'tests/alerts' : 'YARAK_ALERTS', ...report };
  // Only what everybody can measure again is kept.
  if (own)
    writeFileSync(join(import.meta.dirname, 'results/triage.json'), `${JSON.stringify(result, null, 2)}\n`);
  console.log(JSON.stringify(result));
}
