// The report as Markdown for a ticket or a chat: CommonMark and GitHub's dialect. Values stand in code spans and
// fences, where no host turns them into links, mentions or HTML.

import { defangIndicator } from '../base/escape/defang.ts';
import { markdownCellCode, markdownCode, markdownFence, markdownText } from '../base/escape/markdown.ts';
import type { Mitigation } from '../mitigate/index.ts';
import type { ProcessNode, Question } from '../triage/index.ts';
import { bounded } from './bounded.ts';
import {
  CHECK_MARK,
  countText,
  eventText,
  plural,
  processFacts,
  pruneProcesses,
  rangeText,
  spreadText,
  statusText,
  timeText,
  VERDICT_MARK,
  verdictText,
} from './format.ts';
import type { IncidentReport, Report } from './model.ts';
import { PHASE_TEXT, sections } from './phases.ts';
import { fill } from './template.ts';

const MAX_VALUE = 2000;
const MAX_CODE = 20_000;
const MAX_TIMELINE = 120;

type Template = { readonly text: string; readonly values: readonly string[] };

const code = (text: string) => markdownCode(bounded(text, MAX_VALUE));
const cell = (text: string) => markdownCellCode(bounded(text, 400));
const sentence = (template: Template) => fill(template, prose, code);
const cellSentence = (template: Template) => fill(template, prose, cell);
const fence = (text: string, language: string) => markdownFence(bounded(text.trimEnd(), MAX_CODE), language);
const fields = (names: readonly string[]) => (names.length === 0 ? '' : ` (${names.map(code).join(', ')})`);

/**
 * Our own words: escaped as any text, then without the backslashes that only make the source hard to read. A stop, a
 * colon or a hyphen stays escaped where it could make a link, a list or an underline.
 */
function prose(text: string): string {
  const relaxed = markdownText(text.trim())
    .replace(/\\([,;'"()%?])/g, '$1')
    .replace(/\\([.:!])(?= |$)/g, '$1')
    .replace(/(?<=\d)\\([.:])(?=\d)/g, '$1')
    .replace(/(?<=[A-Za-z0-9])\\-(?=[A-Za-z0-9])/g, '-');
  return `${/^\s/.test(text) ? ' ' : ''}${relaxed}${/\s$/.test(text) ? ' ' : ''}`;
}

/** A fence inside a list item or after a paragraph: every line indented. */
const indented = (text: string, by: string) =>
  text
    .split('\n')
    .map((line) => (line === '' ? line : by + line))
    .join('\n');

function bullet(text: string): string {
  return `- ${text}`;
}

function head(incident: IncidentReport, level: string): string[] {
  const { triage } = incident;
  const count = triage.incident.findings.reduce((sum, finding) => sum + finding.count, 0);
  const rules = [...new Set(triage.incident.findings.map((finding) => finding.rule ?? 'rule unknown'))];
  const more = rules.length > 3 ? ` and ${rules.length - 3} more` : '';
  const out = [
    `${level} ${VERDICT_MARK[triage.verdict.word]} ${verdictText(triage.verdict)}: ${sentence(triage.title)}`,
    '',
    `${rules.slice(0, 3).map(code).join(', ')}${more} · ${plural(count, 'alert')} · ${prose(rangeText(triage.incident.firstSeenNs, triage.incident.lastSeenNs))} · ${code(triage.incident.id)}`,
    '',
    `**The one thing to do now:** ${sentence(incident.doNow)}`,
  ];
  if (incident.doNow.command !== undefined) out.push('', fence(incident.doNow.command, 'sh'));
  return out;
}

function story(incident: IncidentReport, level: string): string[] {
  const { triage } = incident;
  const out = [
    '',
    `${level}# What happened`,
    '',
    ...incident.whatHappened.map((item) => `${sentence(item)}${fields(item.fields)}`),
  ];
  if (triage.behaviours.length > 0) {
    out.push('', 'Behaviours (ATT&CK):', '');
    for (const behaviour of triage.behaviours) {
      const techniques = behaviour.techniques.map((one) => `${one.id} ${prose(one.name)}`).join(', ');
      const unsure =
        behaviour.truth === 'unknown'
          ? `; cannot be told without ${behaviour.missing.map(code).join(', ')}`
          : '';
      out.push(bullet(`${prose(behaviour.title)}${techniques === '' ? '' : `: ${techniques}`}${unsure}`));
    }
  }
  if (triage.benign.length > 0) {
    out.push('', 'Benign causes that would fit:', '');
    for (const cause of triage.benign) {
      const missing =
        cause.notShown.length === 0 ? '' : `; not shown: ${cause.notShown.map(code).join(', ')}`;
      out.push(bullet(`${prose(cause.title)} (${cause.strength})${missing}`));
    }
  }
  return out;
}

function verdict(incident: IncidentReport, level: string): string[] {
  const { verdict: one } = incident.triage;
  const out = ['', `${level}# Why ${verdictText(one)}`, '', prose(one.because), ''];
  if (one.evidence.length > 0) {
    out.push('| weight | evidence | fields |', '|---:|---|---|');
    for (const item of one.evidence) {
      const spoofable = item.spoofable ? ' (an attacker can fake this)' : '';
      const weight = item.weight > 0 ? `+${item.weight}` : String(item.weight);
      out.push(
        `| ${weight} | ${cellSentence(item)}${spoofable} | ${item.fields.map(cell).join(' ') || ' '} |`,
      );
    }
  }
  if (one.missing.length > 0) {
    out.push('', 'Missing:', '');
    for (const item of one.missing) out.push(bullet(`${code(item.field)}: ${prose(item.why)}`));
  }
  return out;
}

/** The process tree as indented text, for a fence. */
export function processText(nodes: readonly ProcessNode[], maxRows = 60): string {
  const lines: string[] = [];
  const stack = [...pruneProcesses(nodes, maxRows).nodes].reverse().map((node) => ({ node, depth: 0 }));
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { node, depth } = next;
    if (lines.length === maxRows) {
      lines.push('…');
      break;
    }
    const mark = node.findingIds.length > 0 ? '▲' : node.seenOnlyAsAncestor ? '○' : '●';
    const facts = processFacts(node);
    const tail = [node.cmdline ?? node.exepath ?? '', facts.length === 0 ? '' : `(${facts.join(', ')})`];
    lines.push(
      `${'  '.repeat(Math.min(depth, 24))}${mark} ${[node.name, ...tail].filter((text) => text !== '').join('  ')}`,
    );
    for (const child of [...node.children].reverse()) stack.push({ node: child, depth: depth + 1 });
  }
  return lines.map((line) => bounded(line.replaceAll('\n', '\\n'), 300)).join('\n');
}

function course(incident: IncidentReport, level: string): string[] {
  const { triage } = incident;
  const out: string[] = [];
  if (triage.processes.length > 0) {
    out.push('', `${level}# Processes`, '', fence(processText(triage.processes), 'text'));
  }
  if (triage.timeline.length > 0) {
    out.push('', `${level}# Timeline`, '');
    for (const entry of triage.timeline.slice(0, MAX_TIMELINE)) {
      const several = incident.capture?.several === true;
      const place = entry.capture === undefined ? '' : ` (${prose(eventText(entry.capture, several))})`;
      const count = entry.count > 1 ? `×${countText(entry.count)} ` : '';
      out.push(bullet(`${prose(timeText(entry.timeNs))} ${count}${sentence(entry)}${place}`));
    }
    if (triage.timeline.length > MAX_TIMELINE)
      out.push(bullet(`${triage.timeline.length - MAX_TIMELINE} later entries`));
  }
  return out;
}

function captureText({ capture }: IncidentReport, level: string): string[] {
  if (capture === undefined) return [];
  const out = ['', `${level}# What the capture holds`, '', ...capture.about.map((item) => sentence(item))];
  for (const { title, rows, leftOut } of capture.groups) {
    out.push('', `${title}:`, '');
    for (const row of rows)
      out.push(bullet(`${sentence(row)} (${prose(eventText(row.place, capture.several))})`));
    if (leftOut > 0) out.push(bullet(`${countText(leftOut)} more`));
  }
  return out;
}

function question(item: Question): string[] {
  const out = [bullet(prose(item.text))];
  if (item.command !== undefined) out.push('', indented(fence(item.command, 'sh'), '  '), '');
  if (item.ifSo !== undefined) out.push(`  If so: ${prose(item.ifSo)}`);
  if (item.ifNot !== undefined) out.push(`  If not: ${prose(item.ifNot)}`);
  return out;
}

function mitigation(one: Mitigation, level: string): string[] {
  const text = (template: string) => sentence({ text: template, values: one.values });
  const flags = [
    one.family,
    statusText(one),
    ...(one.needsDecision ? ['needs a decision'] : []),
    ...(one.destructive ? ['**destructive**'] : []),
    `effort: ${one.effort}`,
  ];
  const out = ['', `${level}## ${text(one.title)}`, '', flags.join(' · '), '', text(one.why)];
  if (one.reason !== undefined) {
    out.push('', `${one.status === 'refused' ? '**Not offered:**' : 'Note:'} ${text(one.reason)}`);
  }
  for (const artefact of one.artefacts) {
    out.push('', `${code(artefact.filename)}:`, '', fence(artefact.content, artefact.language));
  }
  out.push('');
  if (one.unknowns.length > 0) out.push(bullet(`You fill in: ${one.unknowns.map(text).join('; ')}`));
  for (const [name, value] of [
    ['Effect', one.effect],
    ['May break', one.breaks],
    ['Roll out', one.rollout],
    ['Undo', one.rollback],
  ] as const) {
    if (value !== '') out.push(bullet(`${name}: ${text(value)}`));
  }
  if (one.references.length > 0) {
    out.push(bullet(`References: ${one.references.map((item) => prose(item.id)).join(' · ')}`));
  }
  for (const check of one.checks) {
    const said =
      check.output.trim() === '' ? '' : ` ${code(bounded(check.output.trim().replaceAll('\n', ' '), 300))}`;
    out.push(
      bullet(
        `${CHECK_MARK[check.result]} ${check.level}, ${check.result}: ${prose(check.asked)} ${code(`${check.tool} ${check.version}`.trim())}${said}`,
      ),
    );
  }
  return out;
}

function basis(incident: IncidentReport, level: string): string[] {
  const { triage } = incident;
  const out: string[] = [];
  if (incident.indicators.length > 0) {
    out.push(
      '',
      `${level}# Worth searching for elsewhere`,
      '',
      '| kind | value (addresses defanged) | field |',
      '|---|---|---|',
    );
    for (const item of incident.indicators) {
      const network = item.kind === 'ip' || item.kind === 'domain' || item.kind === 'url';
      out.push(
        `| ${item.kind} | ${cell(network ? defangIndicator(item.value) : item.value)} | ${cell(item.field)} |`,
      );
    }
  }
  const redacted = incident.redactions.map(
    (item) =>
      `${plural(item.count, item.kind)} replaced in ${code(item.field)} before this report was written.`,
  );
  if (incident.gaps.length + redacted.length > 0) {
    out.push('', `${level}# What the alerts do not show`, '');
    for (const gap of incident.gaps) out.push(bullet(`${sentence(gap)}${fields(gap.fields)}`));
    out.push(...redacted.map(bullet));
  }
  out.push(
    '',
    `${level}# What this rests on`,
    '',
    '| rule | priority | count | spread | seen |',
    '|---|---|---:|---|---|',
  );
  for (const finding of triage.incident.findings) {
    const spread = [
      spreadText(finding.spread.nodes, 'node'),
      spreadText(finding.spread.pods, 'pod'),
      spreadText(finding.spread.images, 'image'),
    ].filter((text) => text !== '');
    out.push(
      `| ${cell(finding.rule ?? 'rule unknown')} | ${finding.priority} | ${countText(finding.count)} | ${spread.join(', ') || ' '} | ${prose(rangeText(finding.firstSeenNs, finding.lastSeenNs))} |`,
    );
  }
  if (triage.facts.length > 0) {
    out.push('', '| fact | field | record |', '|---|---|---|');
    for (const fact of triage.facts) {
      out.push(
        `| ${cellSentence(fact)} | ${cell(fact.field)} | ${cell(`${fact.ref.file}:${fact.ref.line}`)} |`,
      );
    }
  }
  return out;
}

function incidentText(incident: IncidentReport, level: string): string[] {
  const out = [
    ...head(incident, level),
    ...story(incident, level),
    ...verdict(incident, level),
    ...course(incident, level),
    ...captureText(incident, level),
  ];
  if (incident.questions.length > 0) {
    out.push('', `${level}# Questions that decide`, '', ...incident.questions.flatMap(question));
  }
  for (const section of sections(incident.mitigations)) {
    out.push('', `${level}# ${section.title}`, '', section.lead);
    let phase = '';
    for (const one of section.mitigations) {
      if (section.phases.length > 1 && one.phase !== phase) out.push('', `**${PHASE_TEXT[one.phase]}**`);
      phase = one.phase;
      out.push(...mitigation(one, level));
    }
  }
  return [...out, ...basis(incident, level)];
}

/** The report as Markdown, ending with one line feed. */
export function renderMarkdown(report: Report): string {
  const { input } = report;
  const several = report.incidents.length > 1;
  const level = several ? '##' : '#';
  const out: string[] = [];
  if (several) {
    out.push(
      `# ${plural(report.incidents.length, 'incident')}`,
      '',
      '| verdict | incident | alerts |',
      '|---|---|---:|',
    );
    for (const incident of report.incidents) {
      const count = incident.triage.incident.findings.reduce((sum, finding) => sum + finding.count, 0);
      const { triage } = incident;
      out.push(
        `| ${VERDICT_MARK[triage.verdict.word]} ${triage.verdict.word} | ${cellSentence(triage.title)} | ${countText(count)} |`,
      );
    }
    out.push('');
  }
  if (report.incidents.length === 0) out.push('# No incident', '');
  for (const incident of report.incidents) out.push(...incidentText(incident, level), '');
  if (report.health.length > 0) {
    out.push(`${level} Sensor health: what Falco says of itself`, '');
    for (const item of report.health.slice(0, 100))
      out.push(bullet(`${prose(timeText(item.alert.timeNs))}: ${prose(item.summary)}`));
    out.push('');
  }
  if (report.diagnostics.length > 0) {
    out.push(`${level} About the input files`, '');
    for (const item of report.diagnostics.slice(0, 200)) {
      const at = item.at === undefined ? '' : `${code(`${item.at.file}:${item.at.line}:${item.at.column}`)} `;
      out.push(bullet(`${at}${item.severity}: ${prose(item.message)} (${code(item.code)})`));
    }
    out.push('');
  }
  out.push(
    '---',
    '',
    `${plural(input.read, 'record')} read, ${countText(input.accepted)} accepted, ${countText(input.rejected)} rejected, from ${input.names.map(code).join(', ')}. Yarak ${report.generator.version}, ATT&CK ${report.generator.attackVersion}.`,
  );
  return `${out.join('\n')}\n`;
}
