// The terminal report: an overview when there are several incidents, then the first page of the worst ones.

import { countText, plural, VERDICT_MARK } from '../format.ts';
import type { IncidentReport, Report } from '../model.ts';
import { incidentLines } from './incident.ts';
import { Painter, type TerminalOptions } from './paint.ts';

/** Incidents shown with their first page, unless `full`. */
const SHOWN = 3;
/** Rows of the overview, unless `full`. */
const OVERVIEW_ROWS = 30;

function overview(paint: Painter, incidents: readonly IncidentReport[]): string[] {
  const out = ['', paint.bold(plural(incidents.length, 'incident'))];
  for (const incident of incidents.slice(0, paint.full ? undefined : OVERVIEW_ROWS)) {
    const { triage } = incident;
    const count = triage.incident.findings.reduce((sum, finding) => sum + finding.count, 0);
    const verdict = paint.verdict(triage.verdict.word)(
      `${VERDICT_MARK[triage.verdict.word]} ${triage.verdict.word}`.padEnd(19),
    );
    out.push(
      ...paint.wrap(
        [...paint.sentence(triage.title), paint.words(`  ×${countText(count)}`, paint.dim)],
        `  ${verdict}`,
      ),
    );
  }
  const left = incidents.length - OVERVIEW_ROWS;
  if (!paint.full && left > 0) out.push(...paint.note(`and ${countText(left)} more`, '  '));
  return out;
}

function more(paint: Painter, count: number, shown: number): string[] {
  const left = count - shown;
  const text =
    left <= 0
      ? '--full shows artefacts, checks, facts and records.'
      : `${plural(left, 'incident is', 'incidents are')} not shown here; --full shows everything, --format html --out DIR writes it.`;
  return ['', ...paint.note(text)];
}

function sensor(paint: Painter, report: Report): string[] {
  if (report.health.length === 0) return [];
  const out = paint.heading('Sensor health: what Falco says of itself');
  for (const item of report.health.slice(0, paint.full ? 100 : 5)) {
    out.push(...paint.wrap([paint.words(item.summary)], '    - '));
  }
  if (!paint.full && report.health.length > 5)
    out.push(paint.dim(`    and ${countText(report.health.length - 5)} more`));
  return out;
}

function input(paint: Painter, report: Report): string[] {
  if (report.diagnostics.length === 0) return [];
  const out = paint.heading('About the input files');
  const shown = report.diagnostics.slice(0, paint.full ? 200 : 5);
  for (const item of shown) {
    const at = item.at === undefined ? '' : `${item.at.file}:${item.at.line}:${item.at.column}: `;
    out.push(
      ...paint.wrap(
        [
          paint.words(at, paint.dim),
          paint.words(`${item.severity}: ${item.message}`),
          paint.words(` [${item.code}]`, paint.dim),
        ],
        '    ',
      ),
    );
  }
  const left = report.diagnostics.length - shown.length;
  if (left > 0) out.push(paint.dim(`    and ${countText(left)} more`));
  return out;
}

/** The report as terminal text, ending with one line feed. */
export function renderTerminal(report: Report, options: TerminalOptions): string {
  const paint = new Painter(options);
  const { incidents } = report;
  const shown = paint.full ? incidents : incidents.slice(0, SHOWN);
  const out: string[] = [];
  if (incidents.length > 1) out.push(...overview(paint, incidents));
  if (incidents.length === 0) out.push('', paint.bold('No incident.'));
  for (const incident of shown) out.push(...incidentLines(paint, incident));
  out.push(...sensor(paint, report), ...input(paint, report));
  if (!paint.full && incidents.length > 0) out.push(...more(paint, incidents.length, shown.length));
  return `${out.join('\n').trimStart()}\n`;
}
