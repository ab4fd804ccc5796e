// `npm run bench:rules`: how fast rules load and run. Needs Falco's stock rule files (YARAK_FALCO_RULES). CPU time, not
// wall time, so that a busy machine changes little. The last line is one JSON object; it is also kept in results/.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine, DEFAULT_SETTINGS } from '../src/detect/engine/index.ts';
import { eventCodes } from '../src/detect/fields/index.ts';
import { loadRules } from '../src/detect/rules/index.ts';
import { benchAccess, createEvents } from './rules-events.ts';

const folder = process.env.YARAK_FALCO_RULES;
if (folder === undefined) {
  console.error(
    'Set YARAK_FALCO_RULES to the folder with falco_rules.yaml, falco-incubating_rules.yaml, falco-sandbox_rules.yaml.',
  );
  process.exit(3);
}
const read = (name: string) => ({ name, content: readFileSync(join(folder, name), 'utf8') });
const stable = [read('falco_rules.yaml')];
const all = [...stable, read('falco-incubating_rules.yaml'), read('falco-sandbox_rules.yaml')];
const settings = { ...DEFAULT_SETTINGS, ruleMatching: 'all', rules: [{ enable: true, rule: '*' }] } as const;

function cpuMs(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const plan = (files: typeof all) => createEngine(loadRules(files).rules, benchAccess, { settings });
const loads = Array.from({ length: 8 }, () => cpuMs(() => void plan(all)));

const openat = (eventCodes('openat') ?? []).filter((code) => code % 2 === 1).at(-1);
const EVENTS = 200_000;
const PASSES = 24;
const events = createEvents(EVENTS);

/** Events per CPU-second: mean of the second half of the passes, V8's own threads included, and of the best pass. */
function speed(files: typeof all): { rules: number; cpu: number; best: number; matches: number } {
  const engine = plan(files);
  let matches = 0;
  const pass = (): void => {
    matches = 0;
    for (const event of events) matches += engine.match(event, event.code).length;
  };
  const first = cpuMs(pass);
  const times = Array.from({ length: PASSES }, () => cpuMs(pass));
  const warm = times.slice(PASSES / 2);
  console.log(
    `${engine.rules.length} rules: first pass ${first.toFixed(0)} ms, ${matches} matches in ${EVENTS} events`,
  );
  return {
    rules: engine.rules.length,
    cpu: Math.round(EVENTS / (warm.reduce((a, b) => a + b) / warm.length / 1000)),
    best: Math.round(EVENTS / (Math.min(...times) / 1000)),
    matches,
  };
}

/** A condition made to be slow: long chains, globs that backtrack, patterns that explode. CPU time per size. */
function worstCase(size: number): number {
  const items = Array.from({ length: size }, (_, i) => `"*a*a*a*b${i}"`);
  const condition = [
    `proc.cmdline glob anyof (${items.join(', ')})`,
    `proc.cmdline regex "(a*)*b${'a?'.repeat(20)}"`,
    Array.from({ length: size }, (_, i) => `fd.name contains "x${i}"`).join(' or '),
  ].join(' or ');
  const rule = `- rule: slow\n  desc: d\n  condition: evt.type=openat and (${condition})\n  output: x\n  priority: NOTICE\n`;
  const engine = createEngine(loadRules([{ name: 'slow.yaml', content: rule }]).rules, benchAccess, {
    settings,
  });
  const [template] = events.filter((event) => event.code === openat);
  if (template === undefined || engine.rules.length !== 1) throw new Error('The worst case did not load');
  const event = { ...template, thread: { ...template.thread, cmdline: 'a'.repeat(200) } };
  return cpuMs(() => {
    for (let i = 0; i < 200; i++) engine.match(event, event.code);
  });
}

const allSpeed = speed(all);
const stableSpeed = speed(stable);
worstCase(100);
const worst = [100, 200, 400, 800].map((size) => ({ size, ms: Math.round(worstCase(size)) }));
console.log('worst case, 200 events:', worst.map(({ size, ms }) => `${size} → ${ms} ms`).join(', '));

const result = {
  bench: 'rules',
  eventsPerCpuSecond: allSpeed.cpu,
  bestEventsPerCpuSecond: allSpeed.best,
  rules: allSpeed.rules,
  matches: allSpeed.matches,
  stableEventsPerCpuSecond: stableSpeed.cpu,
  stableRules: stableSpeed.rules,
  loadPlanWarmCpuMs: Math.round(Math.min(...loads.slice(3))),
  loadPlanColdCpuMs: Math.round(loads[0] as number),
  worstCaseMs: Object.fromEntries(worst.map(({ size, ms }) => [size, ms])),
  target: { eventsPerCpuSecond: 2_000_000, loadPlanWarmCpuMs: 250 },
};
writeFileSync(join(import.meta.dirname, 'results/rules.json'), `${JSON.stringify(result, undefined, 2)}\n`);
console.log(JSON.stringify(result));
