// CPU of replaying a capture as a multiple of `gunzip -c FILE | wc -c` on the same machine, in the same run.
//
//   node bench/replay.ts [CAPTURE] [--repeat N] [--rules DIR]
//
// DIR (default: YARAK_FALCO_RULES) holds Falco's stock rule files; without it only the rule that never matches runs.
// The figure is (CPU of N plays − CPU of 2 plays) ÷ ((N − 2) × median of five gunzip runs): start-up and warming up
// are reported apart. Ends with one JSON object on the last line.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    repeat: { type: 'string', default: '12' },
    rules: { type: 'string', default: process.env['YARAK_FALCO_RULES'] ?? '' },
  },
});
const capture = positionals[0] ?? join(root, 'tests/captures/perf/mixed.scap');
const repeat = Math.max(10, Number(values.repeat));
const stock = ['falco_rules.yaml', 'falco-incubating_rules.yaml', 'falco-sandbox_rules.yaml'].map((name) =>
  join(values.rules, name),
);
const sets: readonly (readonly [name: string, bar: number, files: readonly string[]])[] = [
  ['never', 1.0, []],
  ...(stock.every(existsSync)
    ? ([
        ['stable', 1.8, stock.slice(0, 1)],
        ['three', 3.0, stock],
      ] as const)
    : []),
];

interface Cost {
  readonly events: number;
  readonly alerts: number;
  readonly firstAlertMs: number;
  readonly cpuMs: number;
  readonly rssMb: number;
}

function play(times: number, files: readonly string[]): Cost {
  const worker = join(root, 'bench/replay-worker.ts');
  const out = execFileSync(process.execPath, [worker, capture, String(times), ...files], {
    encoding: 'utf8',
  });
  return JSON.parse(out) as Cost;
}

function gunzipMs(): number {
  const script = 'TIMEFORMAT="%3U %3S"; time (gunzip -c "$0" | wc -c >/dev/null)';
  const out = execFileSync('bash', ['-c', `{ ${script}; } 2>&1`, capture], { encoding: 'utf8' });
  return out
    .trim()
    .split(' ')
    .reduce((sum, seconds) => sum + Number(seconds) * 1000, 0);
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] as number;
}

const gunzip = median(Array.from({ length: 5 }, gunzipMs));
const results: Record<string, unknown> = { capture, repeat, gunzipMs: gunzip };
process.stdout.write(`gunzip ${gunzip.toFixed(0)} ms\n`);
for (const [name, bar, files] of sets) {
  const two = play(2, files);
  const many = play(repeat, files);
  const perPlay = (many.cpuMs - two.cpuMs) / (repeat - 2);
  const multiple = perPlay / gunzip;
  const events = many.events / repeat;
  results[name] = {
    multiple: Number(multiple.toFixed(3)),
    bar,
    msPerPlay: Number(perPlay.toFixed(1)),
    millionEventsPerCpuSecond: Number((events / perPlay / 1000).toFixed(2)),
    alertsPerPlay: many.alerts / repeat,
    firstAlertCpuMs: Math.round(two.firstAlertMs),
    rssMb: Math.round(many.rssMb),
  };
  process.stdout.write(
    `${name} ${multiple.toFixed(2)} x gunzip (bar ${bar}), ${perPlay.toFixed(0)} ms a play\n`,
  );
}
process.stdout.write(`${JSON.stringify(results)}\n`);
