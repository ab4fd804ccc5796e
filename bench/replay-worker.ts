// Plays a capture several times in one process with some rule files and prints its own cost as JSON: the worker of
// replay.ts.
//
//   node bench/replay-worker.ts CAPTURE REPEAT [RULES…]
//
// Without rule files: one rule that never matches.

import { createReadStream, readFileSync } from 'node:fs';
import { loadRules } from '../src/detect/rules/index.ts';
import { Replay } from '../src/sources/scap/index.ts';

const NEVER = `- rule: Never
  desc: no event has this name
  condition: evt.type = open and proc.name = "no such name"
  output: never
  priority: debug
`;

const [capture = '', repeat = '1', ...files] = process.argv.slice(2);
const texts = files.map((name) => ({ name, content: readFileSync(name, 'utf8') }));
const { rules } = loadRules(texts.length > 0 ? texts : [{ name: 'never.yaml', content: NEVER }]);
let firstAlertMs = 0;
let alerts = 0;
const replay = new Replay({
  rules,
  onAlert: () => {
    alerts++;
    if (firstAlertMs === 0) firstAlertMs = cpuMs();
  },
});

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const startMs = cpuMs();
let events = 0;
for (let play = 0; play < Number(repeat); play++) {
  const summary = await replay.play(createReadStream(capture, { highWaterMark: 256 * 1024 }));
  events += summary.events;
}
const { maxRSS } = process.resourceUsage();
process.stdout.write(
  `${JSON.stringify({ events, alerts, startMs, firstAlertMs, cpuMs: cpuMs(), rssMb: maxRSS / 1024 })}\n`,
);
