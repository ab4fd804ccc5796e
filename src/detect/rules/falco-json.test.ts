import { describe, expect, it } from 'vitest';
import { loadRules, toFalcoJson } from './index.ts';

describe("Falco's JSON", () => {
  it('has the findings with positions from 0 and a snippet', () => {
    const content = '- macro: m\n  condition: proc.name =\n';
    const [result] = loadRules([{ name: 'a.yaml', content }]).results;
    if (result === undefined) throw new Error('expected a result');
    const json = toFalcoJson(result, () => content);
    expect(json).toMatchObject({ name: 'a.yaml', successful: false, warnings: [], schema_valid: 'none' });
    const [error] = json.errors;
    expect(error).toMatchObject({
      code: 'LOAD_ERR_COMPILE_CONDITION',
      codedesc: 'Error compiling condition',
      context: { locations: [{ position: { name: 'a.yaml', line: 1, column: 23 } }] },
    });
    expect(error?.context.snippet).toBe(`  condition: proc.name =\n${' '.repeat(23)}^\n`);
  });
});
