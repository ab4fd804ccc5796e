import { describe, expect, it } from 'vitest';
import { compilePacks } from './compile.ts';
import { readPack } from './pack.ts';

/** `line:column code message help`, one line a diagnostic. */
function problems(text: string): string[] {
  const { diagnostics } = compilePacks([readPack('pack.yaml', text)]);
  return diagnostics.map(
    ({ at, code, message, help }) =>
      `${at?.line}:${at?.column} ${code} ${message}${help === undefined ? '' : ` ${help}`}`,
  );
}

const behaviour = (when: string) => `behaviours:
  - id: b
    title: B
    severity: low
    when: ${when}
`;

describe('packs', () => {
  it('takes a good one', () => {
    const { knowledge, diagnostics } = compilePacks([
      readPack(
        'pack.yaml',
        `lists: { shells: [sh, bash] }
macros: { shell: proc.name in (shells) }
${behaviour('shell and yarak.container = true')}`,
      ),
    ]);
    expect(diagnostics).toEqual([]);
    expect(knowledge.behaviours[0]).toMatchObject({ id: 'b', weight: 5 });
    expect(knowledge.behaviours[0]?.when.fields).toEqual(['proc.name', 'yarak.container']);
  });

  it('points at what is wrong, and suggests the right name', () => {
    expect(problems('behaviours: [')).toEqual([expect.stringMatching(/^\d+:\d+ KNOWLEDGE_YAML /)]);
    expect(problems('behaviors: []')).toEqual([
      expect.stringMatching(/^1:1 KNOWLEDGE_SCHEMA .*behaviors.* Did you mean `behaviours`\?$/),
    ]);
    expect(problems(behaviour('proc.name = ').replace('low', 'huge'))).toEqual([
      expect.stringMatching(/^4:15 KNOWLEDGE_SCHEMA In behaviours\.0\.severity/),
    ]);
    expect(problems(behaviour('proc.name in (a'))).toEqual([
      expect.stringMatching(/^5:11 KNOWLEDGE_CONDITION Condition does not parse at column \d+/),
    ]);
    expect(problems(behaviour('yarak.cmd.nams intersects (a)'))).toEqual([
      '5:11 KNOWLEDGE_CONDITION No field `yarak.cmd.nams` Did you mean `yarak.cmd.names`?',
    ]);
    expect(problems(`macros: { shell: proc.name = sh }\n${behaviour('shel')}`)).toEqual([
      '6:11 KNOWLEDGE_CONDITION No macro `shel` Did you mean `shell`?',
    ]);
    expect(problems(`macros: { a: b, b: a }\n${behaviour('a')}`)).toEqual([
      expect.stringContaining('No macro `a` that does not contain itself'),
    ]);
    expect(problems(`${behaviour('proc.name = a')}    techniques: [T9999]\n`)).toEqual([
      '6:18 KNOWLEDGE_REFERENCE ATT&CK technique T9999 is not in the table under `attack:`',
    ]);
  });

  it('leaves out only the entry that is wrong', () => {
    const text = `${behaviour('nonsense')}  - { id: c, title: C, severity: low, when: proc.name = a }\n`;
    expect(compilePacks([readPack('p', text)]).knowledge.behaviours.map(({ id }) => id)).toEqual(['c']);
  });
});
