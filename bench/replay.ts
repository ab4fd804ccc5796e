// CPU of replaying a capture as a multiple of `gunzip -c FILE | wc -c` on the same machine, in the same run.
//
//   node bench/replay.ts [CAPTURE] [--repeat N] [--rounds R] [--rules DIR]
//
// DIR (default: YARAK_FALCO_RULES) holds Falco's stock rule files; without it only the rule that never matches runs.
// A figure is (CPU of N plays − CPU of 2 plays) ÷ ((N − 2) × median of five gunzip runs, before, between and after
// them): start-up and warming up are reported apart. With --rounds R each figure is the median of R. Ends with the
// start-up of the command on a small capture, and one JSON object on the last line.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    repeat: { type: 'string', default: '12' },
    rounds: { type: 'string', default: '1' },
    rules: { type: 'string', default: process.env['YARAK_FALCO_RULES'] ?? '' },
  },
});
const capture = positionals[0] ?? join(root, 'tests/captures/perf/mixed.scap');
const repeat = Math.max(10, Number(values.repeat));
const rounds = Math.max(1, Number(values.rounds));
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

/** CPU of a command and what it starts, in milliseconds. */
function cpuMsOf(command: string, ...args: string[]): number {
  const script = `TIMEFORMAT="%3U %3S"; time (${command}) >/dev/null`;
  const out = execFileSync('bash', ['-c', `{ ${script}; } 2>&1`, ...args], { encoding: 'utf8' });
  return out
    .trim()
    .split(' ')
    .reduce((sum, seconds) => sum + Number(seconds) * 1000, 0);
}

const gunzipMs = (): number => cpuMsOf('gunzip -c "$0" | wc -c', capture);

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] as number;
}

interface Round {
  readonly multiple: number;
  readonly msPerPlay: number;
  readonly gunzipMs: number;
  readonly two: Cost;
  readonly many: Cost;
}

function round(files: readonly string[]): Round {
  const runs = [gunzipMs(), gunzipMs()];
  const two = play(2, files);
  runs.push(gunzipMs());
  const many = play(repeat, files);
  runs.push(gunzipMs(), gunzipMs());
  const msPerPlay = (many.cpuMs - two.cpuMs) / (repeat - 2);
  return { multiple: msPerPlay / median(runs), msPerPlay, gunzipMs: median(runs), two, many };
}

const results: Record<string, unknown> = { capture, repeat, rounds };
for (const [name, bar, files] of sets) {
  const all = Array.from({ length: rounds }, () => round(files)).sort((a, b) => a.multiple - b.multiple);
  const { multiple, msPerPlay, gunzipMs: yardstick, two, many } = all[Math.floor(rounds / 2)] as Round;
  const events = many.events / repeat;
  results[name] = {
    multiple: Number(multiple.toFixed(3)),
    all: all.map((each) => Number(each.multiple.toFixed(3))),
    bar,
    msPerPlay: Number(msPerPlay.toFixed(1)),
    gunzipMs: Number(yardstick.toFixed(1)),
    millionEventsPerCpuSecond: Number((events / msPerPlay / 1000).toFixed(2)),
    alertsPerPlay: many.alerts / repeat,
    firstAlertCpuMs: Math.round(two.firstAlertMs),
    rssMb: Math.max(...all.map((each) => Math.round(each.many.rssMb))),
  };
  process.stdout.write(
    `${name} ${multiple.toFixed(2)} x gunzip (bar ${bar}), ${msPerPlay.toFixed(0)} ms a play, gunzip ${yardstick.toFixed(0)} ms\n`,
  );
}
const [, , rules] = sets.at(-1) ?? ['', 0, []];
if (rules.length > 0) {
  const small = join(root, 'tests/captures/shell_in_container.scap');
  const options = rules.map((file) => `-r '${file}'`).join(' ');
  const command = `'${process.execPath}' '${join(root, 'bin/yarak.js')}' replay '${small}' ${options}`;
  const start = median(Array.from({ length: 5 }, () => cpuMsOf(command)));
  results['startCpuMs'] = start;
  process.stdout.write(`yarak replay of a small capture with all three: ${start.toFixed(0)} ms (bar 1000)\n`);
}
process.stdout.write(`${JSON.stringify(results)}\n`);
