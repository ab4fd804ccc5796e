// Every recorded capture, replayed with Falco's stock rules, gives the alerts that Falco itself printed: the same
// ones, in the same order, byte for byte. Folders come from the environment; see the README.

import { createReadStream, existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, type EngineSettings } from '../../src/detect/engine/index.ts';
import { loadRules } from '../../src/detect/rules/index.ts';
import { Replay } from '../../src/sources/scap/index.ts';

const captures = process.env['YARAK_CAPTURES'] ?? resolve(import.meta.dirname, '../captures');
const ruleFolder = process.env['YARAK_FALCO_RULES'];

/** How the recorded alerts were made. */
const SETTINGS: EngineSettings = {
  ...DEFAULT_SETTINGS,
  ruleMatching: 'all',
  timeIso8601: true,
  appendOutput: [{ tags: [], extraFields: [], suggestedOutput: true }],
};

const names = ['falco_rules.yaml', 'falco-incubating_rules.yaml', 'falco-sandbox_rules.yaml'];
const recorded = globSync('**/*.scap', { cwd: captures })
  .map((file) => join(captures, file))
  .filter((file) => existsSync(file.replace(/\.scap$/, '.jsonl')))
  .sort();

describe.skipIf(ruleFolder === undefined)('alerts of recorded captures (YARAK_FALCO_RULES)', () => {
  const folder = ruleFolder;
  const files =
    folder === undefined
      ? []
      : names.map((name) => ({ name, content: readFileSync(join(folder, name), 'utf8') }));
  const { rules } = loadRules(files);

  it.each(recorded.map((file) => [basename(file), file]))('%s', async (_name, file) => {
    const lines: string[] = [];
    const replay = new Replay({ rules, settings: SETTINGS, onAlert: ({ line }) => lines.push(line) });
    const summary = await replay.play(createReadStream(file));
    expect(summary.diagnostics).toEqual([]);
    const expected = readFileSync(file.replace(/\.scap$/, '.jsonl'), 'utf8')
      .split('\n')
      .slice(0, -1);
    expect(lines).toEqual(expected);
  });
});
