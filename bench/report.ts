// `npm run bench:report`: alerts from bytes to findings and incidents, on 100,000 alerts made from the real ones in
// YARAK_ALERTS (default tests/alerts). CPU time of the whole process, V8's own threads included. The last line is one
// JSON object; it is also kept in results/.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeAlerts } from './report-alerts.ts';

const ALERTS = 100_000;
const folder = process.env.YARAK_ALERTS ?? join(import.meta.dirname, '../tests/alerts');
const temporary = mkdtempSync(join(tmpdir(), 'yarak-bench-'));

interface Run {
  readonly alerts: number;
  readonly rejected: number;
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly maxRssMb: number;
  readonly findings?: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  readonly incidents?: number;
  readonly counted?: number;
}

try {
  const file = join(temporary, 'alerts.jsonl');
  const bytes = writeAlerts(file, folder, ALERTS);
  const measure = (stage: string): Run => {
    const run = JSON.parse(
      execFileSync(process.execPath, [join(import.meta.dirname, 'report-worker.ts'), stage, file], {
        encoding: 'utf8',
      }),
    ) as Run;
    if (run.alerts !== ALERTS || run.rejected !== 0)
      throw new Error(`${stage}: read ${run.alerts} of ${ALERTS} alerts`);
    console.log(
      `${stage}: ${run.cpuMs} ms CPU, ${Math.round(ALERTS / (run.cpuMs / 1000))} alerts per CPU-second, ${run.maxRssMb} MB`,
    );
    return run;
  };
  const reading = measure('read');
  const grouping = measure('findings');
  const whole = measure('report');
  if (grouping.counted !== ALERTS) throw new Error(`Findings count ${grouping.counted} of ${ALERTS} alerts`);
  const result = {
    bench: 'report',
    alerts: ALERTS,
    inputMb: Math.round(bytes / 1e6),
    alertsPerCpuSecond: Math.round(ALERTS / (grouping.cpuMs / 1000)),
    readAlertsPerCpuSecond: Math.round(ALERTS / (reading.cpuMs / 1000)),
    findings: grouping.findings,
    wholeAlertsPerCpuSecond: Math.round(ALERTS / (whole.cpuMs / 1000)),
    wholeMaxRssMb: whole.maxRssMb,
    oneReportP50CpuMs: whole.p50Ms,
    oneReportP99CpuMs: whole.p99Ms,
    incidents: grouping.incidents,
    peakRssMb: grouping.maxRssMb,
    target: { alertsPerCpuSecond: 20_000, peakRssMb: 300 },
  };
  writeFileSync(join(import.meta.dirname, 'results/report.json'), `${JSON.stringify(result, null, 2)}\n`);
  console.log(JSON.stringify(result));
} finally {
  rmSync(temporary, { recursive: true });
}
