// Mitigations: one line each with its badge, the artefact and everything about it on opening. Below `valid` it is
// shown as an unchecked proposal, with what is missing.

import type { Check, Mitigation } from '../../mitigate/index.ts';
import { CHECK_MARK, statusText } from '../format.ts';
import { PHASE_TEXT, sections } from '../phases.ts';
import { artefactBox } from './code.ts';
import { block, html, type Markup, sentence } from './markup.ts';

function statusBadge(mitigation: Mitigation): Markup {
  const kind =
    mitigation.status === 'offered' ? 'passed' : mitigation.status === 'refused' ? 'failed' : 'unchecked';
  const mark = mitigation.status === 'offered' ? '✓' : mitigation.status === 'refused' ? '✗' : '?';
  return html`<span class="badge ${kind}">${mark} ${statusText(mitigation)}</span>`;
}

function checkItem(check: Check): Markup {
  const said =
    check.output.trim() === '' ? undefined : html`<p class="said">${block(check.output.trim())}</p>`;
  return html`<li><span class="badge ${check.result}">${CHECK_MARK[check.result]} ${check.level}</span> ${check.asked} <span class="field">${check.tool} ${check.version}</span>${said}</li>`;
}

function pair(name: string, value: Markup | undefined): Markup | undefined {
  return value === undefined ? undefined : html`<dt>${name}</dt><dd>${value}</dd>`;
}

function reference(of: { readonly id: string; readonly url?: string }): Markup {
  const link = safeUrl(of.url);
  return link === undefined
    ? html`<span>${of.id}</span>`
    : html`<a class="reference" href="${link}" rel="noreferrer noopener">${of.id}</a>`;
}

/** Only absolute https links, as the URL parser writes them. */
function safeUrl(text: string | undefined): string | undefined {
  if (text === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.protocol === 'https:' && url.username === '' ? url.href : undefined;
}

function join(items: readonly Markup[], separator: string): Markup {
  return html`${items.map((item, index) => (index === 0 ? item : html`${separator}${item}`))}`;
}

function mitigationItem(mitigation: Mitigation, open: boolean): Markup {
  const { values } = mitigation;
  const text = (template: string) => (template === '' ? undefined : sentence({ text: template, values }));
  const tags = [
    html`<span class="tag">${mitigation.family}</span>`,
    ...(mitigation.needsDecision ? [html`<span class="tag warn">needs a decision</span>`] : []),
    ...(mitigation.destructive ? [html`<span class="tag danger">destructive</span>`] : []),
    statusBadge(mitigation),
  ];
  const reason =
    mitigation.reason === undefined
      ? undefined
      : html`<p><strong>${mitigation.status === 'refused' ? 'Not offered' : 'Note'}:</strong> ${text(mitigation.reason)}</p>`;
  const unknowns =
    mitigation.unknowns.length === 0
      ? undefined
      : join(
          mitigation.unknowns.map((unknown) => html`<span>${text(unknown)}</span>`),
          '; ',
        );
  const checks =
    mitigation.checks.length === 0
      ? undefined
      : html`<h4 class="sub">Checks</h4><ul class="checks">${mitigation.checks.map(checkItem)}</ul>`;
  return html`<details class="mitigation" ${open ? html`open` : undefined}><summary><h4>${sentence({ text: mitigation.title, values })}</h4>${join(tags, ' ')}</summary><div class="body"><p>${text(mitigation.why)}</p>${reason}${mitigation.artefacts.map(artefactBox)}<dl class="pairs">${pair('You fill in', unknowns)}${pair('Effect', text(mitigation.effect))}${pair('May break', text(mitigation.breaks))}${pair('Roll out', text(mitigation.rollout))}${pair('Undo', text(mitigation.rollback))}${pair('Effort', html`${mitigation.effort}`)}${pair('References', mitigation.references.length === 0 ? undefined : join(mitigation.references.map(reference), ' · '))}</dl>${checks}</div></details>`;
}

/** All mitigations under their headings. `openFirst`: the first one is shown open. */
export function mitigationSections(mitigations: readonly Mitigation[], openFirst: boolean): Markup {
  let opened = !openFirst;
  const blocks = sections(mitigations).map((section) => {
    let phase = '';
    const items = section.mitigations.map((mitigation) => {
      const heading =
        section.phases.length > 1 && mitigation.phase !== phase
          ? html`<p class="phase">${PHASE_TEXT[mitigation.phase]}</p>`
          : undefined;
      phase = mitigation.phase;
      const open = !opened;
      opened = true;
      return html`${heading}${mitigationItem(mitigation, open)}`;
    });
    return html`<section class="panel block"><h3>${section.title}</h3><p class="lead">${section.lead}</p>${items}</section>`;
  });
  return html`${blocks}`;
}
