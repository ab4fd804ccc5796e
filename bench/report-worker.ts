// One measured run of bench/report.ts in a process of its own, so that memory is the pipeline's alone. Arguments: the
// stage and the file. Prints one JSON object.

import { createReadStream } from 'node:fs';
import { AlertReader, redactAlert } from '../src/alerts/index.ts';
import { unpack } from '../src/alerts/node/index.ts';
import { planMitigations, Toolbox } from '../src/mitigate/index.ts';
import { buildReport } from '../src/report/index.ts';
import { FindingBuilder, joinIncidents, shippedKnowledge, triageIncident } from '../src/triage/index.ts';

const REPORT = {
  version: 'bench',
  attackVersion: shippedKnowledge().attackVersion,
  input: { names: ['bench'], read: 0, accepted: 0, rejected: 0 },
  health: [],
  diagnostics: [],
} as const;

type Result = Readonly<Record<string, number>>;

async function read(file: string, emit: ConstructorParameters<typeof AlertReader>[0]): Promise<AlertReader> {
  const reader = new AlertReader(emit);
  for await (const chunk of unpack(createReadStream(file, { highWaterMark: 1024 * 1024 })))
    reader.push(chunk);
  reader.end();
  return reader;
}

/** What can be measured, from bytes on. A later stage includes the earlier ones. */
const STAGES: Readonly<Record<string, (file: string) => Promise<Result>>> = {
  async read(file) {
    const { counts } = await read(file, () => undefined);
    return { alerts: counts.alerts, rejected: counts.rejected };
  },
  async findings(file) {
    const builder = new FindingBuilder();
    const { counts } = await read(file, (item) => {
      if (item.kind === 'alert') builder.add(item.alert);
    });
    const findings = builder.finish();
    const incidents = joinIncidents(findings);
    return {
      alerts: counts.alerts,
      rejected: counts.rejected,
      findings: findings.length,
      incidents: incidents.length,
      counted: findings.reduce((sum, { finding }) => sum + finding.count, 0),
    };
  },
  /** The whole way to the report model, without the checkers' programs; and what one incident's report costs. */
  async report(file) {
    const builder = new FindingBuilder();
    const { counts } = await read(file, (item) => {
      if (item.kind === 'alert') builder.add(item.alert);
    });
    const knowledge = shippedKnowledge();
    const tools = new Toolbox(false);
    const each: number[] = [];
    const planned = [];
    for (const incident of joinIncidents(builder.finish())) {
      const start = process.cpuUsage();
      const triage = triageIncident(incident, knowledge);
      const one = { triage, mitigations: await planMitigations(triage, { tools }) };
      buildReport({ ...REPORT, incidents: [one] });
      const { user, system } = process.cpuUsage(start);
      each.push((user + system) / 1000);
      planned.push(one);
    }
    each.sort((a, b) => a - b);
    const at = (share: number): number =>
      Math.round(each[Math.min(each.length - 1, Math.floor(each.length * share))] ?? 0);
    return {
      alerts: counts.alerts,
      rejected: counts.rejected,
      incidents: planned.length,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
    };
  },
  async redact(file) {
    let redacted = 0;
    const { counts } = await read(file, (item) => {
      if (item.kind === 'alert') redacted += redactAlert(item.alert).redactions.length;
    });
    return { alerts: counts.alerts, rejected: counts.rejected, redacted };
  },
};

const [stage = '', file = ''] = process.argv.slice(2);
const run = STAGES[stage];
if (run === undefined) throw new Error(`No such stage: ${stage}`);
const before = process.cpuUsage();
const wall = performance.now();
const result = await run(file);
const { user, system } = process.cpuUsage(before);
console.log(
  JSON.stringify({
    ...result,
    cpuMs: Math.round((user + system) / 1000),
    wallMs: Math.round(performance.now() - wall),
    maxRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
  }),
);
