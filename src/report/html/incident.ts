// One incident: what, verdict and the one thing to do now first; then the story, the evidence, what to ask, what to
// change, and everything it rests on.

import { defangIndicator } from '../../base/escape/defang.ts';
import type { Evidence, Finding, Missing, Question } from '../../triage/index.ts';
import {
  clockText,
  countText,
  eventText,
  plural,
  rangeText,
  spreadText,
  timeText,
  VERDICT_MARK,
  verdictText,
} from '../format.ts';
import type { IncidentReport } from '../model.ts';
import { commandBox, textBox } from './code.ts';
import { html, type Markup, sentence, slug, value } from './markup.ts';
import { mitigationSections } from './mitigations.ts';
import { processTree } from './process-tree.ts';
import { timeline } from './timeline.ts';

/** The verdict with its mark. */
export function verdictBadge(verdict: IncidentReport['triage']['verdict']): Markup {
  return html`<span class="verdict is-${verdict.word}"><span class="mark" aria-hidden="true">${VERDICT_MARK[verdict.word]}</span><span class="word">${verdictText(verdict)}</span></span>`;
}

/** Fields as small print. */
function fields(names: readonly string[]): Markup | undefined {
  return names.length === 0 ? undefined : html` <span class="field">${names.join(' ')}</span>`;
}

function headline(incident: IncidentReport): Markup {
  const { triage } = incident;
  const count = triage.incident.findings.reduce((sum, finding) => sum + finding.count, 0);
  const rules = [...new Set(triage.incident.findings.map((finding) => finding.rule ?? 'rule unknown'))];
  const more = rules.length > 3 ? html` and ${rules.length - 3} more` : undefined;
  return html`<div class="headline is-${triage.verdict.word}">${verdictBadge(triage.verdict)}<h2>${sentence(triage.title)}</h2><div class="meta"><span>${rules.slice(0, 3).map((rule, index) => html`${index === 0 ? '' : ', '}<span class="mono">${rule}</span>`)}${more}</span><span>${plural(count, 'alert')}</span><span>${rangeText(triage.incident.firstSeenNs, triage.incident.lastSeenNs)}</span><span class="mono">${triage.incident.id}</span></div></div>`;
}

function doNow(incident: IncidentReport): Markup {
  const { doNow: now } = incident;
  return html`<section class="do-now"><h3>The one thing to do now</h3><p>${sentence(now)}</p>${now.command === undefined ? undefined : commandBox(now.command)}</section>`;
}

function evidenceGroup(
  title: string,
  kind: 'for' | 'against',
  items: readonly Evidence[],
): Markup | undefined {
  if (items.length === 0) return undefined;
  return html`<h4>${title}</h4><ul>${items.map((item) => {
    const weight = `${item.weight > 0 ? '+' : item.weight < 0 ? '−' : ''}${Math.abs(item.weight)}`;
    const spoofable = item.spoofable
      ? html` <span class="tag" title="It rests only on what the process says of itself.">an attacker can fake this</span>`
      : undefined;
    return html`<li><span class="weight ${kind}">${weight}</span><span>${sentence(item)}${fields(item.fields)}${spoofable}</span></li>`;
  })}</ul>`;
}

function missingGroup(missing: readonly Missing[]): Markup | undefined {
  if (missing.length === 0) return undefined;
  return html`<h4>Missing</h4><ul>${missing.map((item) => html`<li><span class="weight">?</span><span><span class="field">${item.field}</span> ${item.why}</span></li>`)}</ul>`;
}

function verdictPanel(incident: IncidentReport): Markup {
  const { verdict } = incident.triage;
  const towards = verdict.evidence.filter((item) => item.weight > 0);
  const against = verdict.evidence.filter((item) => item.weight <= 0);
  return html`<section class="panel"><h3>Why ${verdictText(verdict)}</h3><p class="because">${verdict.because}</p><div class="evidence">${evidenceGroup('Speaks for an attack', 'for', towards)}${evidenceGroup('Speaks against', 'against', against)}${missingGroup(verdict.missing)}</div></section>`;
}

function storyPanel(incident: IncidentReport): Markup {
  const story = incident.whatHappened.map((item) => html`<p>${sentence(item)}${fields(item.fields)}</p>`);
  const behaviours = incident.triage.behaviours.map((behaviour) => {
    const techniques = behaviour.techniques.map(
      (technique) =>
        html` <span class="tag" title="${technique.name}, ${technique.tactics.join(', ')}">${technique.id} ${technique.name}</span>`,
    );
    const unsure =
      behaviour.truth === 'unknown'
        ? html` <span class="tag warn">cannot be told without ${behaviour.missing.join(', ')}</span>`
        : undefined;
    return html`<li>${behaviour.title}${unsure}${techniques}</li>`;
  });
  const list =
    behaviours.length === 0
      ? undefined
      : html`<h4 class="sub">Behaviours (ATT&amp;CK)</h4><ul class="behaviours">${behaviours}</ul>`;
  const causes = incident.triage.benign.map(
    (cause) =>
      html`<li>${cause.title} <span class="tag">${cause.strength}</span>${cause.notShown.length === 0 ? undefined : html` <span class="muted">not shown: <span class="field">${cause.notShown.join(' ')}</span></span>`}</li>`,
  );
  const benign =
    causes.length === 0
      ? undefined
      : html`<h4 class="sub">Benign causes that would fit</h4><ul>${causes}</ul>`;
  return html`<section class="panel"><h3>What happened</h3><div class="story">${story}</div>${list}${benign}</section>`;
}

function drawings(incident: IncidentReport): Markup | undefined {
  const verdict = `is-${incident.triage.verdict.word}`;
  const tree = processTree(incident.triage.processes);
  const several = incident.capture?.several === true;
  const line = timeline(incident.triage.timeline, several);
  const panels = [
    tree === undefined
      ? undefined
      : html`<section class="panel block ${verdict}"><h3>Processes</h3>${tree}</section>`,
    line === undefined
      ? undefined
      : html`<section class="panel block ${verdict}"><h3>Timeline</h3>${line}</section>`,
  ].filter((panel) => panel !== undefined);
  if (panels.length === 0) return undefined;
  // What a capture adds makes long lines: then one below the other.
  return incident.capture === undefined
    ? html`<div class="columns drawings">${panels}</div>`
    : html`<div class="drawings">${panels}</div>`;
}

function capturePanel({ capture }: IncidentReport): Markup | undefined {
  if (capture === undefined) return undefined;
  const groups = capture.groups.map(({ title, rows, leftOut }) => {
    const more =
      leftOut > 0 ? html`<p class="muted">${countText(leftOut)} more are not shown here.</p>` : undefined;
    return html`<h4 class="sub">${title}</h4><table class="table"><thead><tr><th>What</th><th>Time</th><th>Where</th></tr></thead><tbody>${rows.map((row) => html`<tr><td>${sentence(row)}</td><td class="place">${clockText(row.timeNs)}</td><td class="place"><span class="field">${eventText(row.place, capture.several)}</span></td></tr>`)}</tbody></table>${more}`;
  });
  return html`<section class="panel block"><h3>What the capture holds</h3>${capture.about.map((item) => html`<p>${sentence(item)}</p>`)}${groups}</section>`;
}

function questions(items: readonly Question[]): Markup | undefined {
  if (items.length === 0) return undefined;
  return html`<section class="panel block"><h3>Questions that decide</h3>${items.map((question) => {
    const answer = (label: string, text: string | undefined) =>
      text === undefined ? undefined : html`<p class="answers">${label}: ${text}</p>`;
    return html`<div class="question"><p>${question.text}</p>${question.command === undefined ? undefined : commandBox(question.command)}${answer('If so', question.ifSo)}${answer('If not', question.ifNot)}</div>`;
  })}</section>`;
}

function findingRow(finding: Finding): Markup {
  const spread = [
    spreadText(finding.spread.nodes, 'node'),
    spreadText(finding.spread.pods, 'pod'),
    spreadText(finding.spread.images, 'image'),
    spreadText(finding.spread.users, 'user'),
  ].filter((text) => text !== '');
  const shape = finding.fingerprint.map(
    (part) => html`<span class="field">${part.name}</span> ${value(part.value, 200)} `,
  );
  return html`<tr><td><strong>${finding.rule ?? 'rule unknown'}</strong><br><span class="muted">${finding.priority}, ${finding.source}</span></td><td>${shape}</td><td>${countText(finding.count)}×${spread.length === 0 ? undefined : html`<br><span class="muted">${spread.join(', ')}</span>`}</td><td>${rangeText(finding.firstSeenNs, finding.lastSeenNs)}</td></tr>`;
}

function basis(incident: IncidentReport): Markup {
  const { triage } = incident;
  const findings = html`<h4 class="sub">Findings</h4><table class="table"><thead><tr><th>Rule</th><th>What stays the same</th><th>Count</th><th>Seen</th></tr></thead><tbody>${triage.incident.findings.map(findingRow)}</tbody></table>`;
  const facts =
    triage.facts.length === 0
      ? undefined
      : html`<h4 class="sub">Facts</h4><table class="table"><thead><tr><th>Fact</th><th>Field</th><th>Record</th></tr></thead><tbody>${triage.facts.map((fact) => html`<tr><td>${sentence(fact)}</td><td class="place"><span class="field">${fact.field}${fact.from === 'field' ? '' : ` (${fact.from})`}</span></td><td class="place"><span class="field">${fact.ref.file}:${fact.ref.line}</span></td></tr>`)}</tbody></table>`;
  const records =
    incident.records.length === 0
      ? undefined
      : html`<details class="more"><summary>Records as they were read (${incident.records.length} of ${countText(triage.incident.findings.reduce((sum, finding) => sum + finding.count, 0))})</summary>${incident.records.map((record) => textBox(html`${record.ref.file}:${record.ref.line} · SHA-256 ${record.sha256.slice(0, 16)}… · ${timeText(record.timeNs)}`, record.raw))}</details>`;
  return html`<section class="panel block"><h3>What this rests on</h3>${findings}${facts}${records}</section>`;
}

function gaps(incident: IncidentReport): Markup | undefined {
  const items = incident.gaps.map((gap) => html`<li>${sentence(gap)}${fields(gap.fields)}</li>`);
  const redacted = incident.redactions.map(
    (redaction) =>
      html`<li>${plural(redaction.count, redaction.kind)} replaced in <span class="field">${redaction.field}</span> before this report was written.</li>`,
  );
  if (items.length + redacted.length === 0) return undefined;
  const title = incident.capture === undefined ? 'What the alerts do not show' : 'What is not shown';
  return html`<section class="panel block"><h3>${title}</h3><ul>${items}${redacted}</ul></section>`;
}

function indicators(incident: IncidentReport): Markup | undefined {
  if (incident.indicators.length === 0) return undefined;
  const rows = incident.indicators.map((item) => {
    const network = item.kind === 'ip' || item.kind === 'domain' || item.kind === 'url';
    return html`<tr><td class="word">${item.kind}</td><td>${value(network ? defangIndicator(item.value) : item.value)}</td><td class="place"><span class="field">${item.field}</span></td></tr>`;
  });
  return html`<section class="panel block"><h3>Worth searching for elsewhere</h3><table class="table"><thead><tr><th>Kind</th><th>Value (addresses defanged)</th><th>Field</th></tr></thead><tbody>${rows}</tbody></table></section>`;
}

/** The whole incident, folded unless `open`. */
export function incidentSection(incident: IncidentReport, open: boolean): Markup {
  const id = slug(incident.triage.incident.id);
  return html`<details class="incident is-${incident.triage.verdict.word}" ${open ? html`open` : undefined}><summary>${headline(incident)}</summary><div id="${id}">${doNow(incident)}<div class="columns">${storyPanel(incident)}${verdictPanel(incident)}</div>${drawings(incident)}${capturePanel(incident)}${questions(incident.questions)}${mitigationSections(incident.mitigations, open)}${indicators(incident)}${gaps(incident)}${basis(incident)}</div></details>`;
}
