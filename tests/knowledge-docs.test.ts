// The examples in docs/knowledge.md are run, and its table of derived fields is complete.

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readAlertText } from '../src/alerts/index.ts';
import { DERIVED } from '../src/triage/derived/catalogue.ts';
import { PATH_KINDS } from '../src/triage/derived/path-kinds.ts';
import { FindingBuilder, joinIncidents, shippedKnowledge, triageIncident } from '../src/triage/index.ts';
import { compilePacks, readPack } from '../src/triage/knowledge/index.ts';

const text = readFileSync(join(resolve(import.meta.dirname, '..'), 'docs/knowledge.md'), 'utf8');

/** The first fenced block of a language. */
function block(language: string): string {
  return new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\n\`\`\``).exec(text)?.[1] ?? '';
}

describe('docs/knowledge.md', () => {
  it('shows a pack that does what the text says', () => {
    const { knowledge, diagnostics } = compilePacks(
      [readPack('docs/knowledge.md', block('yaml'))],
      shippedKnowledge(),
    );
    expect(diagnostics).toEqual([]);
    const judge = (alert: string, packs = knowledge) => {
      const builder = new FindingBuilder();
      for (const one of readAlertText(alert).alerts) builder.add(one);
      return joinIncidents(builder.finish()).map((incident) => triageIncident(incident, packs));
    };
    const [triage] = judge(block('json'));
    expect(triage?.verdict).toMatchObject({ word: 'likely-benign' });
    expect(triage?.behaviours.map(({ id }) => id)).toContain('report-tool-online');
    expect(triage?.benign).toMatchObject([{ id: 'report-fonts', strength: 'confirmed' }]);
    expect(triage?.playbooks[0]?.benignCauses).toEqual(['fonts from the vendor']);
    expect(triage?.verdict.decides?.command).toBe('kubectl logs <pod> -n <namespace> --since=1h');
    // With the digest it is proved; from another image it stays open; without the pack it is not accounted for.
    const digest = '"container.image.digest":"sha256:4f53cda1","proc.tty"';
    expect(judge(block('json').replace('"proc.tty"', digest))[0]?.verdict.word).toBe('benign');
    expect(judge(block('json').replace('reports/renderer', 'x/renderer'))[0]?.verdict.word).toBe(
      'undetermined',
    );
    expect(judge(block('json'), shippedKnowledge())[0]?.verdict.word).toBe('undetermined');
  });

  it('lists every derived field and kind of file', () => {
    const fields = [...DERIVED.values()].filter(({ name }) => !name.startsWith('yarak.tree.'));
    expect(
      fields.filter(
        ({ name, description }) => !text.includes(`| \`${name}\` |`) || !text.includes(description),
      ),
    ).toEqual([]);
    expect(PATH_KINDS.filter((kind) => !text.includes(`\`${kind}\``))).toEqual([]);
  });
});
