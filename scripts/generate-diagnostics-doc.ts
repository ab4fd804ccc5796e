// Writes docs/diagnostics.md from the pages of the codes. Run after changing src/detect/rules/codes:
//   node scripts/generate-diagnostics-doc.ts

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CODE_GROUPS } from '../src/detect/rules/index.ts';

/** Where the document is. */
export const DIAGNOSTICS_DOC = join(import.meta.dirname, '../docs/diagnostics.md');

/** The document. */
export function diagnosticsDoc(): string {
  const out = [
    '# Diagnostics of rule files\n\n',
    '<!-- Generated from src/detect/rules/codes by: node scripts/generate-diagnostics-doc.ts -->\n\n',
    'What `yarak check` says, by code. `yarak explain CODE` shows one of them. Warnings, infos and hints can be\n',
    "silenced with `--ignore CODE`; errors cannot. Codes that begin with `LOAD_` are Falco's own.\n",
  ];
  for (const { title, pages } of CODE_GROUPS) {
    out.push(`\n## ${title}\n`);
    for (const [code, page] of Object.entries(pages)) {
      out.push(`\n### ${code}\n\n**${page.title}** (${page.severity}). ${markdown(page.text)}\n`);
      if (page.example !== undefined) out.push(`\n\`\`\`yaml\n${page.example.trimEnd()}\n\`\`\`\n`);
      if (page.fixed !== undefined) out.push(`\nPut right:\n\n\`\`\`yaml\n${page.fixed.trimEnd()}\n\`\`\`\n`);
    }
  }
  return out.join('');
}

/** Marks that Markdown would take for its own, outside code. */
function markdown(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replace(/[\\*_<[]/g, '\\$&')))
    .join('');
}

if (process.argv[1] === import.meta.filename) writeFileSync(DIAGNOSTICS_DOC, diagnosticsDoc());
