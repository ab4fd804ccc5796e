// An AppArmor profile from what a container's workload was seen to open, run and connect, tried on everything that the
// workload and the attack did.

import type { ContainerBehaviour, Demand, SeenDemand } from '../../../triage/index.ts';
import { checkAppArmor } from '../../checks/apparmor.ts';
import { ownCheck } from '../../checks/toolbox.ts';
import type { PlanContext } from '../../context.ts';
import type { Draft } from '../../draft.ts';
import { isKubernetes } from '../../kube-names.ts';
import { refs } from '../../references.ts';
import type { Check } from '../../types.ts';
import { fileRules } from './apparmor-rules.ts';
import { AppArmorSimulator, globMatcher } from './apparmor-simulator.ts';
import {
  capturedContainers,
  containerText,
  coverageText,
  extentText,
  listed,
  notLearnable,
  profileName,
} from './container.ts';

/** What any program may need that no event shows: its terminal and the harmless devices. */
const ALWAYS: readonly string[] = ['/dev/{null,zero,full,random,urandom,tty} rw', '/dev/pts/[0-9]* rw'];
/** The default capabilities of Docker and containerd, of which a workload gets those that it holds. */
const DEFAULT_CAPABILITIES = new Set(
  'chown dac_override fowner fsetid kill setgid setuid setpcap net_bind_service net_raw sys_chroot mknod audit_write setfcap'.split(
    ' ',
  ),
);
const MAX_RULES = 1500;
const MAX_NAMED = 6;
/** Patterns that apparmor_parser reads without quotes. */
const PLAIN = /^[\w/.*?[\]{}+:-]+$/;

export function planCapturedAppArmor(context: PlanContext): Draft[] {
  return capturedContainers(context).map((container, index) => draft(context, container, index));
}

const isFile = (demand: Demand): demand is Extract<Demand, { kind: 'file' }> => demand.kind === 'file';

/** Whether a pattern with these letters would grant something that only the attack asked for. */
function coversAttack({ workload, attack }: ContainerBehaviour): (pattern: string, modes: string) => boolean {
  const own = new Set(workload.demands.map(({ demand }) => key(demand)));
  const only = attack.demands
    .map(({ demand }) => demand)
    .filter((demand) => isFile(demand) && !own.has(key(demand)));
  return (pattern, modes) => {
    const matches = globMatcher(pattern);
    return (
      matches !== undefined &&
      only.some((demand) => isFile(demand) && modes.includes(demand.mode) && matches(demand.path))
    );
  };
}

function key(demand: Demand): string {
  return isFile(demand) ? `${demand.mode} ${demand.path}` : JSON.stringify(demand);
}

interface Profile {
  readonly name: string;
  readonly text: string;
  readonly unwritable: readonly string[];
  readonly rules: number;
}

function profileFor(container: ContainerBehaviour, name: string): Profile {
  const { demands } = container.workload;
  const { rules, unwritable } = fileRules(demands, coversAttack(container));
  const networks = demands.flatMap(({ demand }) =>
    demand.kind === 'network'
      ? [`network ${demand.family}${demand.type === '' ? '' : ` ${demand.type}`}`]
      : [],
  );
  const asked = demands.flatMap(({ demand }) => (demand.kind === 'capability' ? [demand.name] : []));
  const capabilities = container.capabilities.filter(
    (one) => DEFAULT_CAPABILITIES.has(one) || asked.includes(one),
  );
  const unix = networks.some((rule) => rule.startsWith('network unix'));
  const lines = [
    ...ALWAYS,
    ...rules.map(({ pattern, modes }) => `${PLAIN.test(pattern) ? pattern : `"${pattern}"`} ${modes}`),
  ];
  const other = [
    ...networks.sort(),
    ...[...new Set([...capabilities, ...asked])].sort().map((one) => `capability ${one}`),
    ...(demands.some(({ demand }) => demand.kind === 'mount') ? ['mount', 'umount'] : []),
    ...(demands.some(({ demand }) => demand.kind === 'ptrace') ? ['ptrace'] : [`ptrace (read) peer=${name}`]),
    'signal (receive) peer=unconfined',
    `signal (send, receive) peer=${name}`,
    ...(unix ? ['unix'] : []),
  ];
  const text = `# What the workload of this container was seen to do, and nothing else.
abi <abi/3.0>,
#include <tunables/global>

profile ${name} flags=(attach_disconnected,mediate_deleted) {
${[...new Set([...other, ...lines])].map((line) => `  ${line},`).join('\n')}
}
`;
  return { name, text, unwritable, rules: lines.length };
}

function draft(context: PlanContext, container: ContainerBehaviour, index: number): Draft {
  const name = `${profileName(container)}${index === 0 ? '' : `-${index + 1}`}`;
  const common = {
    id: `privileges.apparmor-from-capture${index === 0 ? '' : `.${index + 1}`}`,
    family: 'privileges' as const,
    phase: 'harden' as const,
    title: 'Allow {0} only the files, programs and networks that its workload was seen to use',
    rollback: `Set appArmorProfile back to RuntimeDefault, then apparmor_parser -R /etc/apparmor.d/${name}.`,
    references: refs('M1038', 'M1048', 'D3-MAC', 'D3-EAL', 'N4.4.3'),
    effort: 'hours' as const,
    needsDecision: true,
  };
  const refuse = (reason: string, values: readonly string[] = [containerText(container)]): Draft => ({
    ...common,
    values,
    why: 'A profile from what the workload was seen to do would refuse what only the attack did.',
    artefacts: [],
    rollout: 'None.',
    effect: 'None.',
    breaks: 'Nothing.',
    checks: [],
    refused: reason,
  });
  const reason = notLearnable(container);
  if (reason !== undefined) return refuse(reason);
  const profile = profileFor(container, name);
  if (profile.rules > MAX_RULES)
    return refuse(
      `The workload used ${profile.rules} different paths; a profile of that many rules cannot be looked after. Give the image a read-only root and a few writable folders first.`,
    );
  if (profile.unwritable.length > 0)
    return refuse(`The workload used paths that no profile can hold (control characters or too long): {1}`, [
      containerText(container),
      profile.unwritable[0] ?? '',
    ]);
  const simulator = new AppArmorSimulator(profile.text);
  const { attack } = container;
  const stopped = attack.demands.filter(({ demand }) => !simulator.grants(demand));
  if (stopped.length === 0)
    return refuse(
      `Nothing separates them: each of the ${attack.demands.length} different things that the attack asked for, the workload asked for as well.`,
    );
  const shown = stopped.toSorted((a, b) => weight(b) - weight(a) || a.firstEvent - b.firstEvent);
  const passed = attack.demands.length - stopped.length;
  const named = shown.slice(0, MAX_NAMED).map((seen) => wordsFor(container, seen));
  const more = shown.length > named.length ? ` and ${shown.length - named.length} more` : '';
  const slots = `${named.map((_, n) => `{${n + 1}}`).join(', ')}${more}`;
  return {
    ...common,
    values: [containerText(container), ...named],
    why: `In the capture only the attack asked for this: ${slots}. The workload (${extentText(container.workload)}) did not.`,
    artefacts: [{ kind: 'apparmor-profile', filename: name, language: 'text', content: profile.text }],
    rollout:
      `Put the file in /etc/apparmor.d/ on every node that can run the container, load it in complain mode (apparmor_parser -r -C) for a week and add what the log names (aa-logprof), then enforce (apparmor_parser -r). ` +
      (isKubernetes(context)
        ? `In the container: securityContext.appArmorProfile: {type: Localhost, localhostProfile: ${name}} (a field since Kubernetes 1.30). Without the profile on its node the pod does not start.`
        : `docker run --security-opt apparmor=${name}.`),
    effect: `Of the ${attack.demands.length} different things that the attack asked for, the kernel refuses ${stopped.length}: ${slots}.${passed > 0 ? ` The other ${passed} the workload needs too, or every program does.` : ''} A program that is put into the container from outside (kubectl exec) is started by the runtime, before this profile decides; what it then does is refused.`,
    breaks: `${coverageText(container)} What lies behind a file that the workload opened (a link, another mount) can have another path on another node.`,
    checks: [checkAppArmor(context.tools, profile.text), replayCheck(profile.text, container)],
  };
}

/** What tells an attack best comes first: programs, then writes, then what has no path. */
function weight({ demand }: SeenDemand): number {
  if (!isFile(demand)) return 3;
  return demand.mode === 'x' ? 4 : demand.mode === 'w' || demand.mode === 'l' ? 2 : 1;
}

const MODES = { r: 'read', w: 'write', x: 'run', l: 'link' } as const;

/** Says of which capture an event is, where there are several. */
function eventText({ captures }: ContainerBehaviour, { capture, firstEvent }: SeenDemand): string {
  return captures.length > 1 ? `event ${firstEvent} of ${capture.split('/').at(-1)}` : `event ${firstEvent}`;
}

function wordsFor(container: ContainerBehaviour, seen: SeenDemand): string {
  const { demand } = seen;
  const what = isFile(demand)
    ? `${MODES[demand.mode]} ${demand.path}`
    : demand.kind === 'network'
      ? `network ${demand.family} ${demand.type}`
      : demand.kind === 'capability'
        ? `capability ${demand.name}`
        : demand.kind;
  return `${what} (${eventText(container, seen)})`;
}

/** Every demand of the container again, under the profile. */
function replayCheck(text: string, container: ContainerBehaviour): Check {
  const { workload, attack } = container;
  const simulator = new AppArmorSimulator(text);
  const problems = [...simulator.problems];
  for (const seen of workload.demands)
    if (!simulator.grants(seen.demand))
      problems.push(`the workload's ${wordsFor(container, seen)} is refused`);
  const stopped = attack.demands.filter(({ demand }) => !simulator.grants(demand));
  if (stopped.length === 0) problems.push('nothing that the attack did is refused');
  const events = (list: readonly SeenDemand[]): number => list.reduce((total, { count }) => total + count, 0);
  return ownCheck(
    'yarak capture replay',
    '1',
    'simulated',
    'Under the profile, is everything granted that the workload asked for, and what only the attack asked for refused?',
    problems,
    `workload: ${workload.demands.length} different requests of ${events(workload.demands)} events granted; attack: ${stopped.length} of ${attack.demands.length} requests refused, ${events(stopped)} events: ${listed(
      stopped.map((seen) => wordsFor(container, seen)),
      6,
    )}`,
  );
}

/** Whether another profile would let a captured workload work; nothing where no capture shows one. */
export function workloadCheck(context: PlanContext, text: string): Check[] {
  const containers = (context.triage.capture?.containers ?? []).filter(
    ({ workload }) => workload.demands.length > 0,
  );
  if (containers.length === 0) return [];
  const simulator = new AppArmorSimulator(text);
  const problems = [...simulator.problems];
  let asked = 0;
  for (const container of containers) {
    const { workload } = container;
    asked += workload.demands.length;
    for (const seen of workload.demands)
      if (!simulator.grants(seen.demand))
        problems.push(`the workload's ${wordsFor(container, seen)} is refused`);
  }
  return [
    ownCheck(
      'yarak capture replay',
      '1',
      'simulated',
      'Under the profile, is everything granted that the workload was seen to ask for?',
      problems,
      `${asked} different requests of the workload, all granted`,
    ),
  ];
}
