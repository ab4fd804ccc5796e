import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../detect/engine/index.ts';
import { loadRules } from '../../detect/rules/index.ts';
import { Replay } from './replay.ts';

const captures = resolve(import.meta.dirname, '../../../tests/captures');
const raw = gunzipSync(readFileSync(join(captures, 'logrotate.scap')));
/** The same capture, of another machine. */
const renamed = Buffer.from(raw);
renamed.write('other-host\0', renamed.indexOf('k8s-node-07'));

const { rules } = loadRules([
  {
    name: 'r.yaml',
    content: `- rule: First and last
  desc: d
  condition: evt.type = execve
  output: "%evt.deltatime %util.cnt %evt.hostname"
  priority: debug
`,
  },
]);

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

function hostsIn(lines: readonly string[]): string[] {
  return [...new Set(lines.map((line) => (JSON.parse(line) as { hostname: string }).hostname))];
}

describe('replaying several captures', () => {
  it('names the machine of each, also when they follow one another in one file', async () => {
    const lines: string[] = [];
    const replay = new Replay({ rules, onAlert: ({ line }) => lines.push(line) });
    await replay.play(once(Buffer.concat([raw, renamed])));
    expect(hostsIn(lines)).toEqual(['k8s-node-07', 'other-host']);
    lines.length = 0;
    await replay.play(once(renamed));
    expect(hostsIn(lines)).toEqual(['other-host']);
  });

  it('gives the same alerts whatever was played before', async () => {
    const runs: string[][] = [];
    const replay = new Replay({
      rules,
      settings: { ...DEFAULT_SETTINGS, ruleMatching: 'all' },
      onAlert: ({ line }) => runs.at(-1)?.push(line),
    });
    for (let run = 0; run < 2; run++) {
      runs.push([]);
      await replay.play(once(raw));
    }
    expect(runs[0]?.length).toBeGreaterThan(1);
    expect(runs[1]).toEqual(runs[0]);
  });
});
