// One incident on a terminal: verdict, what, the one thing to do now, why; then what to change, one line each.
// With `full`, everything that the other formats show.

import { defangIndicator } from '../../base/escape/defang.ts';
import { terminalBlock } from '../../base/escape/terminal.ts';
import type { ProcessNode, Question } from '../../triage/index.ts';
import { bounded } from '../bounded.ts';
import {
  clockText,
  countText,
  eventText,
  plural,
  processFacts,
  pruneProcesses,
  rangeText,
  timeText,
  VERDICT_MARK,
  verdictText,
} from '../format.ts';
import type { IncidentReport } from '../model.ts';
import { mitigationSections } from './mitigations.ts';
import type { Painter, Run } from './paint.ts';

const LABEL = 11;
const MAX_EVIDENCE = 6;
const MAX_PROCESSES = 12;
const MAX_TIMELINE = 12;
const MAX_CAPTURE_ROWS = 5;

/** A labelled paragraph: `Do now   …`. */
function labelled(paint: Painter, label: string, runs: readonly Run[]): string[] {
  return paint.wrap(runs, `  ${paint.bold(label.padEnd(LABEL))}`);
}

/** A line under a label. */
function under(paint: Painter, runs: readonly Run[], mark = ''): string[] {
  return paint.wrap(runs, `  ${' '.repeat(LABEL)}${mark}`);
}

function command(_paint: Painter, text: string): string[] {
  return terminalBlock(bounded(text.trimEnd(), 4000), `  ${' '.repeat(LABEL)}  `).split('\n');
}

function head(paint: Painter, incident: IncidentReport): string[] {
  const { triage } = incident;
  const count = triage.incident.findings.reduce((sum, finding) => sum + finding.count, 0);
  const rules = [...new Set(triage.incident.findings.map((finding) => finding.rule ?? 'rule unknown'))];
  const more = rules.length > 3 ? ` and ${rules.length - 3} more` : '';
  const meta: Run[] = rules
    .slice(0, 3)
    .flatMap((rule, index) => [
      paint.words(index === 0 ? '' : ', ', paint.dim),
      { ...paint.foreign(rule), style: paint.dim },
    ]);
  meta.push(
    paint.words(
      `${more} · ${plural(count, 'alert')} · ${rangeText(triage.incident.firstSeenNs, triage.incident.lastSeenNs)} · ${triage.incident.id}`,
      paint.dim,
    ),
  );
  const mark = paint.verdict(triage.verdict.word)(
    `${VERDICT_MARK[triage.verdict.word]} ${verdictText(triage.verdict)}`,
  );
  return [
    '',
    `${mark}`,
    ...paint.wrap(paint.sentence(triage.title, paint.bold), '  '),
    ...paint.wrap(meta, '  '),
    '',
  ];
}

function why(paint: Painter, incident: IncidentReport): string[] {
  const { verdict } = incident.triage;
  const out = labelled(paint, 'Why', [paint.words(verdict.because)]);
  const sorted = [...verdict.evidence].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  const shown = paint.full ? sorted : sorted.slice(0, MAX_EVIDENCE);
  for (const item of shown) {
    const weight = `${item.weight > 0 ? '+' : item.weight < 0 ? '−' : ' '}${Math.abs(item.weight)}`;
    const style = paint.status(item.weight > 0 ? 'bad' : 'good');
    const tail = `  ${item.spoofable ? 'can be faked, ' : ''}${item.fields.join(' ')}`;
    out.push(
      ...under(
        paint,
        [...paint.sentence(item), paint.words(tail, paint.dim)],
        `${style(weight.padStart(3))}  `,
      ),
    );
  }
  if (sorted.length > shown.length)
    out.push(
      ...under(paint, [paint.words(`and ${sorted.length - shown.length} smaller`, paint.dim)], '     '),
    );
  for (const item of verdict.missing.slice(0, paint.full ? undefined : 3)) {
    out.push(...under(paint, [paint.foreign(item.field), paint.words(`: ${item.why}`)], '  ?  '));
  }
  return out;
}

function processes(paint: Painter, nodes: readonly ProcessNode[]): string[] {
  if (nodes.length === 0) return [];
  const out = paint.heading('Processes');
  const limit = paint.full ? 200 : MAX_PROCESSES;
  const pruned = pruneProcesses(nodes, limit);
  const stack = [...pruned.nodes].reverse().map((node) => ({ node, depth: 0 }));
  let rows = 0;
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (rows++ === limit) {
      out.push(`    ${paint.dim('…')}`);
      break;
    }
    const { node, depth } = next;
    const raised = node.findingIds.length > 0;
    const mark = raised ? '▲' : node.seenOnlyAsAncestor ? '○' : '●';
    const facts = processFacts(node);
    const line = node.cmdline ?? node.exepath;
    const runs: Run[] = [paint.foreign(node.name, 60)];
    if (line !== undefined && line !== node.name) {
      runs.push(paint.words('  '), { ...paint.foreign(line, paint.full ? 2000 : 160), style: paint.dim });
    }
    if (facts.length > 0) runs.push(paint.words(`  ${facts.join(', ')}`, paint.dim));
    out.push(...paint.wrap(runs, `    ${'  '.repeat(Math.min(depth, 12))}${mark} `));
    for (const child of [...node.children].reverse()) stack.push({ node: child, depth: depth + 1 });
  }
  if (pruned.hidden > 0)
    out.push(`    ${paint.dim(`${countText(pruned.hidden)} more, in which no alert was raised`)}`);
  return out;
}

function timelineLines(paint: Painter, incident: IncidentReport): string[] {
  const entries = incident.triage.timeline;
  if (entries.length < 2) return [];
  // On the first page: alerts, and of a capture's events those that matter most.
  const first = entries.filter(({ capture }) => capture === undefined || capture.notable);
  const shown = paint.full ? entries.slice(0, 200) : first.slice(0, MAX_TIMELINE);
  const out = paint.heading('Timeline (UTC)');
  for (const entry of shown) {
    const count = entry.count > 1 ? [paint.words(`×${countText(entry.count)} `, paint.bold)] : [];
    const mark = entry.kind === 'alert' ? '▲' : '·';
    out.push(
      ...paint.wrap(
        [
          ...count,
          ...paint.sentence(entry),
          ...(paint.full && entry.capture !== undefined
            ? [paint.words(`  ${eventText(entry.capture, incident.capture?.several === true)}`, paint.dim)]
            : []),
        ],
        `    ${paint.dim(clockText(entry.timeNs))} ${mark} `,
      ),
    );
  }
  if (entries.length > shown.length)
    out.push(`    ${paint.dim(`${entries.length - shown.length} more entries`)}`);
  return out;
}

function captureLines(paint: Painter, { capture }: IncidentReport): string[] {
  if (capture === undefined) return [];
  const out = paint.heading('In the capture');
  for (const item of capture.about) out.push(...paint.wrap(paint.sentence(item), '    '));
  for (const { title, rows, leftOut } of capture.groups) {
    out.push(`    ${paint.bold(title)}`);
    const shown = rows.slice(0, paint.full ? undefined : MAX_CAPTURE_ROWS);
    for (const row of shown)
      out.push(
        ...paint.wrap(
          [...paint.sentence(row), paint.words(`  ${eventText(row.place, capture.several)}`, paint.dim)],
          '    - ',
        ),
      );
    const more = leftOut + rows.length - shown.length;
    if (more > 0) out.push(`      ${paint.dim(`${countText(more)} more`)}`);
  }
  return out;
}

function questions(paint: Painter, items: readonly Question[]): string[] {
  if (items.length === 0) return [];
  const out = paint.heading('Questions that decide');
  for (const item of items.slice(0, paint.full ? undefined : 2)) {
    out.push(...paint.wrap([paint.words(item.text)], '    ? '));
    if (item.command !== undefined)
      out.push(...terminalBlock(item.command.trimEnd(), '        ').split('\n'));
    if (item.ifSo !== undefined)
      out.push(...paint.wrap([paint.words(`if so: ${item.ifSo}`, paint.dim)], '      '));
    if (item.ifNot !== undefined)
      out.push(...paint.wrap([paint.words(`if not: ${item.ifNot}`, paint.dim)], '      '));
  }
  return out;
}

function basis(paint: Painter, incident: IncidentReport): string[] {
  const out: string[] = [];
  const gaps = incident.gaps.slice(0, paint.full ? undefined : 3);
  if (gaps.length + incident.redactions.length > 0)
    out.push(...paint.heading(incident.capture === undefined ? 'Not shown by the alerts' : 'Not shown'));
  for (const gap of gaps) out.push(...paint.wrap(paint.sentence(gap), '    - '));
  for (const item of incident.redactions) {
    out.push(
      ...paint.wrap(
        [
          paint.words(`${plural(item.count, item.kind)} replaced in `),
          paint.foreign(item.field),
          paint.words('.'),
        ],
        '    - ',
      ),
    );
  }
  if (!paint.full) return out;
  if (incident.indicators.length > 0) {
    out.push(...paint.heading('Worth searching for elsewhere (addresses defanged)'));
    for (const item of incident.indicators) {
      const network = item.kind === 'ip' || item.kind === 'domain' || item.kind === 'url';
      const shown = paint.foreign(network ? defangIndicator(item.value) : item.value);
      out.push(
        ...paint.wrap([shown, paint.words(`  ${item.field}`, paint.dim)], `    ${item.kind.padEnd(7)} `),
      );
    }
  }
  if (incident.triage.facts.length > 0) {
    out.push(...paint.heading('Facts'));
    for (const fact of incident.triage.facts) {
      out.push(
        ...paint.wrap(
          [
            ...paint.sentence(fact),
            paint.words(`  ${fact.field}, ${fact.ref.file}:${fact.ref.line}`, paint.dim),
          ],
          '    - ',
        ),
      );
    }
  }
  if (incident.records.length > 0) {
    out.push(...paint.heading('Records as they were read'));
    for (const record of incident.records) {
      out.push(
        ...paint.wrap(
          [
            paint.words(
              `${record.ref.file}:${record.ref.line}  SHA-256 ${record.sha256}  ${timeText(record.timeNs)}`,
              paint.dim,
            ),
          ],
          '    ',
        ),
        ...paint.wrap([paint.foreign(record.raw, 4000)], '      '),
      );
    }
  }
  return out;
}

/** The incident's lines. */
export function incidentLines(paint: Painter, incident: IncidentReport): string[] {
  const out = head(paint, incident);
  out.push(...labelled(paint, 'Do now', paint.sentence(incident.doNow)));
  if (incident.doNow.command !== undefined) out.push(...command(paint, incident.doNow.command));
  out.push('');
  const [first, ...rest] = incident.whatHappened;
  if (first !== undefined) out.push(...labelled(paint, 'What', paint.sentence(first)));
  for (const item of rest) out.push(...under(paint, paint.sentence(item)));
  out.push('', ...why(paint, incident));
  out.push(...processes(paint, incident.triage.processes), ...timelineLines(paint, incident));
  out.push(...captureLines(paint, incident));
  out.push(...questions(paint, incident.questions), ...mitigationSections(paint, incident.mitigations));
  return [...out, ...basis(paint, incident)];
}
