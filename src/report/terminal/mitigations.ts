// Mitigations on a terminal: one line each with its badge; with `full`, the artefact and all that is known of it.

import { terminalBlock } from '../../base/escape/terminal.ts';
import type { Mitigation } from '../../mitigate/index.ts';
import { bounded } from '../bounded.ts';
import { CHECK_MARK, statusText } from '../format.ts';
import { PHASE_TEXT, sections } from '../phases.ts';
import type { Painter } from './paint.ts';

function mitigationLines(paint: Painter, one: Mitigation): string[] {
  const template = (text: string) => paint.sentence({ text, values: one.values });
  const kind = one.status === 'offered' ? 'good' : one.status === 'refused' ? 'bad' : 'unsure';
  const mark = one.status === 'offered' ? '✓' : one.status === 'refused' ? '✗' : '?';
  const flags = [
    one.family,
    ...(one.needsDecision ? ['needs a decision'] : []),
    ...(one.destructive ? ['DESTRUCTIVE'] : []),
  ];
  const badge = paint.status(kind)(`${mark} ${statusText(one)}`.padEnd(20));
  const out = paint.wrap(
    [...template(one.title), paint.words(`  (${flags.join(', ')})`, paint.dim)],
    `    ${badge} `,
  );
  if (!paint.full) return out;
  const indent = '      ';
  out.push(...paint.wrap(template(one.why), indent));
  if (one.reason !== undefined) out.push(...paint.wrap(template(one.reason), indent));
  for (const artefact of one.artefacts) {
    out.push(
      `${indent}${paint.dim(`── ${terminalBlock(artefact.filename).replaceAll('\n', ' ')}`)}`,
      ...terminalBlock(bounded(artefact.content.trimEnd(), 20_000), `${indent}│ `).split('\n'),
    );
  }
  for (const [name, text] of [
    ['Fill in', one.unknowns.join('; ')],
    ['Effect', one.effect],
    ['May break', one.breaks],
    ['Roll out', one.rollout],
    ['Undo', one.rollback],
    ['Based on', one.references.map((item) => item.id).join(' · ')],
  ] as const) {
    if (text !== '') out.push(...paint.wrap(template(text), `${indent}${paint.dim(name.padEnd(10))} `));
  }
  for (const check of one.checks) {
    const style = paint.status(
      check.result === 'passed' ? 'good' : check.result === 'failed' ? 'bad' : 'unsure',
    );
    const said = check.output.trim() === '' ? [] : [paint.foreign(check.output.trim())];
    out.push(
      ...paint.wrap(
        [
          paint.words(`${check.asked} `),
          paint.words(`${check.tool} ${check.version} `, paint.dim),
          ...said.map((run) => ({ ...run, style: paint.dim })),
        ],
        `${indent}${style(`${CHECK_MARK[check.result]} ${check.level}`)} `,
      ),
    );
  }
  return [...out, ''];
}

/** All mitigations under their headings. */
export function mitigationSections(paint: Painter, mitigations: readonly Mitigation[]): string[] {
  return sections(mitigations).flatMap((section) => {
    let phase = '';
    const lines = section.mitigations.flatMap((one) => {
      const label =
        section.phases.length > 1 && one.phase !== phase ? [`    ${paint.dim(PHASE_TEXT[one.phase])}`] : [];
      phase = one.phase;
      return [...label, ...mitigationLines(paint, one)];
    });
    return [...paint.heading(section.title), ...lines];
  });
}
