// systemd drop-ins: put on a stand-in service, then read by systemd itself; its exposure score before and after.

import type { Check } from '../types.ts';
import type { Toolbox } from './toolbox.ts';

const STAND_IN = '[Unit]\nDescription=Stand-in for the service\n\n[Service]\nExecStart=/bin/true\n';

/** `dropIn` holds a `[Service]` section. Two checks: every directive known, and the exposure lower than without it. */
export function checkSystemdDropIn(tools: Toolbox, dropIn: string): Promise<Check>[] {
  const files = { 'before.service': STAND_IN, 'after.service': `${STAND_IN}\n${dropIn}` };
  const common = { tool: 'systemd-analyze', install: 'systemd', versionArgs: ['--version'], files } as const;
  return [
    tools.check({
      ...common,
      level: 'valid',
      asked: 'Does systemd know every directive and value, on a stand-in service?',
      runs: [['verify', '--man=no', './after.service']],
      judge: ([result]) => {
        const words = `${result?.stdout ?? ''}\n${result?.stderr ?? ''}`
          .split('\n')
          .filter((line) => line.includes('after.service'))
          .join('\n');
        return { passed: result?.code === 0 && words === '', output: words || 'no complaint' };
      },
    }),
    tools.check({
      ...common,
      level: 'simulated',
      asked: 'Is the exposure that systemd counts lower with the drop-in?',
      runs: ['before', 'after'].map((name) => [
        'security',
        '--offline=true',
        '--no-pager',
        `./${name}.service`,
      ]),
      judge: (results) => {
        const [before, after] = results.map((r) =>
          Number(r.stdout.match(/exposure level for \S+: ([\d.]+)/)?.[1]),
        );
        const known =
          before !== undefined && after !== undefined && !Number.isNaN(before) && !Number.isNaN(after);
        return {
          passed: known && after < before,
          output: known
            ? `exposure ${before} before, ${after} after (10 is worst)`
            : (results[0]?.stderr ?? ''),
        };
      },
    }),
  ];
}
