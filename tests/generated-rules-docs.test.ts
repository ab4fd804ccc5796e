// What is generated for the rule language is fresh: the document of the codes and the linter's ATT&CK table.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ATTACK_TABLE, attackTable } from '../scripts/generate-attack-table.ts';
import { DIAGNOSTICS_DOC, diagnosticsDoc } from '../scripts/generate-diagnostics-doc.ts';
import { CODE_PAGES, ERROR_CODES, WARNING_CODES } from '../src/detect/rules/index.ts';

describe('generated', () => {
  it('docs/diagnostics.md is what the pages say', () => {
    expect(readFileSync(DIAGNOSTICS_DOC, 'utf8')).toBe(diagnosticsDoc());
  });

  it("the linter's ATT&CK table is what the knowledge packs say", () => {
    expect(readFileSync(ATTACK_TABLE, 'utf8')).toBe(attackTable());
  });

  it('every code of Falco has a page', () => {
    for (const code of [...Object.keys(ERROR_CODES), ...Object.keys(WARNING_CODES)]) {
      expect(CODE_PAGES.has(code), code).toBe(true);
    }
  });
});
