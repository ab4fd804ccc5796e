// The self-contained HTML report: no network, a strict Content-Security-Policy with hashes, light and dark.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  countText,
  plural,
  rangeText,
  shortRangeText,
  timeText,
  VERDICT_MARK,
  VERDICT_RANK,
  verdictText,
} from '../format.ts';
import type { IncidentReport, Report } from '../model.ts';
import { incidentSection, verdictBadge } from './incident.ts';
import { html, type Markup, sentence, slug, trusted } from './markup.ts';
import { SCRIPT } from './script.ts';

/** Incidents shown unfolded when there are several. */
const OPEN = 3;

function stylesheet(): string {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
  return ['../../base/ui/tokens.css', '../../base/ui/base.css', '../../base/ui/report.css']
    .map(read)
    .join('\n');
}

function sha256(text: string): string {
  return `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`;
}

function inputText(input: Report['input']): string {
  const rejected = input.rejected === 0 ? '' : `, ${countText(input.rejected)} rejected`;
  return `${plural(input.read, 'record')} read, ${countText(input.accepted)} accepted${rejected}`;
}

function overviewRow(incident: IncidentReport): Markup {
  const { triage } = incident;
  const count = triage.incident.findings.reduce((sum, finding) => sum + finding.count, 0);
  return html`<li><a href="#${slug(triage.incident.id)}">${verdictBadge({ ...triage.verdict, leaning: 'none' })}<span class="title">${sentence(triage.title)}</span><span class="number">${countText(count)}</span><span class="when muted" title="${rangeText(triage.incident.firstSeenNs, triage.incident.lastSeenNs)}">${shortRangeText(triage.incident.firstSeenNs, triage.incident.lastSeenNs)}</span></a></li>`;
}

function overview(report: Report): Markup {
  const counts = Object.keys(VERDICT_RANK)
    .map((word) => {
      const number = report.incidents.filter((one) => one.triage.verdict.word === word).length;
      return number === 0 ? '' : `${VERDICT_MARK[word as keyof typeof VERDICT_MARK]} ${number} ${word}`;
    })
    .filter((text) => text !== '');
  return html`<section class="overview"><h2>${plural(report.incidents.length, 'incident')}</h2><p class="counts">${counts.join(' · ')}</p><ul class="panel">${report.incidents.map(overviewRow)}</ul></section>`;
}

function health(report: Report): Markup | undefined {
  if (report.health.length === 0) return undefined;
  const rows = report.health
    .slice(0, 100)
    .map(
      (item) =>
        html`<tr><td class="word">${item.kind}</td><td>${item.summary}</td><td>${timeText(item.alert.timeNs)}</td></tr>`,
    );
  return html`<section class="panel block"><h3>Sensor health: what Falco says of itself</h3><table class="table"><thead><tr><th>Kind</th><th>Report</th><th>Time</th></tr></thead><tbody>${rows}</tbody></table></section>`;
}

function diagnostics(report: Report): Markup | undefined {
  if (report.diagnostics.length === 0) return undefined;
  const shown = report.diagnostics.slice(0, 200);
  const rows = shown.map((item) => {
    const at = item.at === undefined ? '' : `${item.at.file}:${item.at.line}:${item.at.column}`;
    return html`<tr><td class="place"><span class="field">${at}</span></td><td><span class="tag">${item.severity}</span> ${item.message}${item.help === undefined ? undefined : html` <span class="muted">${item.help}</span>`}</td><td class="place"><span class="field">${item.code}</span></td></tr>`;
  });
  const more =
    report.diagnostics.length > shown.length
      ? html`<p class="muted">${countText(report.diagnostics.length - shown.length)} more are in the JSON report.</p>`
      : undefined;
  return html`<section class="panel block"><h3>About the input files</h3><table class="table"><thead><tr><th>Place</th><th>Message</th><th>Code</th></tr></thead><tbody>${rows}</tbody></table>${more}</section>`;
}

function pageTitle(report: Report): string {
  const only = report.incidents.length === 1 ? report.incidents[0] : undefined;
  return only === undefined
    ? `${plural(report.incidents.length, 'incident')} · Yarak`
    : `${verdictText(only.triage.verdict)} · ${only.triage.incident.id} · Yarak`;
}

/** The page as a string; same report, same bytes. */
export function renderHtml(report: Report): string {
  const css = stylesheet();
  const policy = [
    "default-src 'none'",
    `style-src ${sha256(css)}`,
    `script-src ${sha256(SCRIPT)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const several = report.incidents.length > 1;
  const none = html`<section class="panel block"><h2>No incident</h2><p>${report.input.accepted === 0 ? 'No alert could be read from the input.' : 'The input holds only what Falco says of itself.'}</p></section>`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${pageTitle(report)}</title>
<style>${trusted(css)}</style>
</head>
<body>
<div class="page">
<header class="top"><h1>Yarak <span class="what">incident report</span></h1><span>${inputText(report.input)}</span><span class="tools"><button type="button" data-unfold hidden>Unfold all</button><button type="button" data-theme-switch hidden>Dark</button></span></header>
<main>
${several ? overview(report) : undefined}
${report.incidents.length === 0 ? none : report.incidents.map((incident, index) => incidentSection(incident, !several || index < OPEN))}
${health(report)}
${diagnostics(report)}
</main>
<footer class="foot"><p>Written by Yarak ${report.generator.version} (ATT&amp;CK ${report.generator.attackVersion}) from ${report.input.names.join(', ')}. A verdict is the sum of the evidence above; a mitigation is a fix only where its check says so.</p></footer>
</div>
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`;
  return page.toString();
}
