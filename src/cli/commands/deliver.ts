// `yarak deliver test`: one message through a route, to see that it arrives.

import { terminalText } from '../../base/escape/terminal.ts';
import { nearest } from '../../base/nearest.ts';
import { createTarget, deliverSchema, type Notice, type Target } from '../../deliver/index.ts';
import { CliError, EXIT } from '../error.ts';
import { readServiceConfig, type ServiceFlags } from '../service-config.ts';

/** What the test says; plain words, so that nobody takes it for an incident. */
function testNotice(route: string, nowMs: number): Notice {
  const now = new Date(nowMs).toISOString();
  return {
    findingId: 'test',
    incidentId: 'test',
    title: `Test of the route ${route}: nothing happened`,
    verdict: 'benign',
    priority: 'Informational',
    rule: 'Yarak delivery test',
    tags: ['test'],
    namespace: '',
    workload: 'yarak',
    node: '',
    count: 1,
    firstSeen: now,
    lastSeen: now,
    doNow: 'Nothing: whoever reads this knows that the route works.',
    url: undefined,
    sample: JSON.stringify({
      time: now,
      rule: 'Yarak delivery test',
      priority: 'Informational',
      source: 'syscall',
      output: `Test of the route ${route}`,
      output_fields: {},
      tags: ['test'],
    }),
  };
}

/** Sends to every target of the route; 1 when one of them did not take it. Conditions and quiet hours are not asked. */
export async function runDeliverTest(name: string, flags: ServiceFlags): Promise<number> {
  const config = readServiceConfig(flags);
  const { routes, targets } = deliverSchema.parse(config.deliver ?? {});
  const route = routes.find((one) => one.name === name);
  if (route === undefined) {
    const names = routes.map((one) => one.name);
    const close = nearest(name, names);
    const known = names.length === 0 ? 'the configuration has no routes' : `there are ${names.join(', ')}`;
    const hint = close === undefined ? '' : `; did you mean ${JSON.stringify(close)}?`;
    throw new CliError(2, `there is no route ${JSON.stringify(name)}: ${known}${hint}`);
  }
  let failed = 0;
  for (const targetName of route.to) {
    const said = await attempt(targetName, targets, testNotice(name, Date.now()));
    if (said !== undefined) failed++;
    process.stdout.write(
      `${said === undefined ? 'ok    ' : 'FAILED'} ${targetName} (${targets[targetName]?.kind})${said === undefined ? '' : `: ${terminalText(said)}`}\n`,
    );
  }
  return failed === 0 ? EXIT.ok : EXIT.failed;
}

/** What went wrong, or nothing. */
async function attempt(
  name: string,
  targets: ReturnType<typeof deliverSchema.parse>['targets'],
  notice: Notice,
): Promise<string | undefined> {
  const config = targets[name];
  if (config === undefined) return 'the configuration has no such target';
  let target: Target | undefined;
  try {
    target = createTarget(name, config, process.env);
    await target.send([notice]);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    await target?.close();
  }
}
