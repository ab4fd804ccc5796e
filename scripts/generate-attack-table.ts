// Writes the ATT&CK table of the linter, which runs in browsers, from the knowledge packs' own. Run after changing
// knowledge/attack.yaml:
//   node scripts/generate-attack-table.ts

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..');

/** Where the table is. */
export const ATTACK_TABLE = join(root, 'src/detect/rules/lint/generated/attack.ts');

/** The table as TypeScript. */
export function attackTable(): string {
  const { attack } = parse(readFileSync(join(root, 'knowledge/attack.yaml'), 'utf8')) as {
    attack: {
      version: string;
      replaced: Record<string, string>;
      enterprise: Record<string, string>;
    };
  };
  const rows = (entries: Readonly<Record<string, string>>) =>
    Object.entries(entries)
      .map(
        ([key, value]) => `  ${/^\w+$/.test(key) ? key : `'${key}'`}: '${value.replaceAll("'", "\\'")}',\n`,
      )
      .join('');
  return [
    '// Generated from knowledge/attack.yaml by: node scripts/generate-attack-table.ts\n\n',
    `export const ATTACK_VERSION = '${attack.version}';\n\n`,
    `/** Ids that are no more, and what took their place. */\nexport const RETIRED_TECHNIQUES: Readonly<Record<string, string>> = {\n${rows(attack.replaced)}};\n\n`,
    `/** Every technique of the Enterprise matrix → the numbers of its sub-techniques. */\nexport const TECHNIQUES: Readonly<Record<string, string>> = {\n${rows(attack.enterprise)}};\n`,
  ].join('');
}

if (process.argv[1] === import.meta.filename) writeFileSync(ATTACK_TABLE, attackTable());
