// A seccomp profile from what a container's workload was seen to call: an allow-list, tried on every recorded call of
// the workload and of the attack.

import type { CallCount, ContainerBehaviour } from '../../../triage/index.ts';
import { isJson } from '../../checks/pod-spec.ts';
import { checkSeccomp } from '../../checks/seccomp.ts';
import { ownCheck } from '../../checks/toolbox.ts';
import type { PlanContext } from '../../context.ts';
import type { Draft } from '../../draft.ts';
import { isKubernetes } from '../../kube-names.ts';
import { refs } from '../../references.ts';
import type { Check } from '../../types.ts';
import {
  capturedContainers,
  containerText,
  coverageText,
  extentText,
  listed,
  notLearnable,
  profileName,
} from './container.ts';
import { EVERYDAY, familiesOf, RUNTIME_MINIMUM } from './syscalls.ts';

const EPERM = 1;
const ENOSYS = 38;
/** CLONE_NEWNS | NEWCGROUP | NEWUTS | NEWIPC | NEWUSER | NEWPID | NEWNET (linux/sched.h). */
const NEW_NAMESPACES = 0x7e020000;
/** Whose flags decide: not a matter of the name alone. */
const CLONES = ['clone', 'clone3'];

interface Split {
  /** Calls of the profile, sorted. */
  readonly allowed: readonly string[];
  /** Recorded of somebody, and neither the workload's nor the runtime's. */
  readonly refused: readonly string[];
  /** Allowed because the captures cannot show them. */
  readonly unseen: readonly string[];
  readonly onlyAttack: readonly string[];
}

export function planCapturedSeccomp(context: PlanContext): Draft[] {
  return capturedContainers(context).flatMap((container, index) => draft(context, container, index) ?? []);
}

function splitCalls(container: ContainerBehaviour): Split {
  const workload = [...container.workload.calls.keys()];
  const own = new Set([...workload, ...familiesOf(workload), ...RUNTIME_MINIMUM]);
  const recorded = new Set(container.recordedCalls);
  const unseen = EVERYDAY.filter((call) => !recorded.has(call) && !own.has(call));
  const refused = [...recorded].filter(
    (call) => !own.has(call) && !CLONES.includes(call) && call !== 'unknown',
  );
  const onlyAttack = [...container.attack.calls.keys()].filter((call) => refused.includes(call));
  const allowed = [...new Set([...own, ...unseen])].filter(
    (call) => !CLONES.includes(call) && call !== 'unknown',
  );
  return { allowed: allowed.sort(), refused: refused.sort(), unseen, onlyAttack: onlyAttack.sort() };
}

function profileOf({ allowed, refused }: Split): string {
  const profile = {
    // What is newer than the list gets "no such call", so that libraries fall back.
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: ENOSYS,
    architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
    syscalls: [
      { names: allowed, action: 'SCMP_ACT_ALLOW' },
      {
        names: ['clone'],
        action: 'SCMP_ACT_ALLOW',
        args: [{ index: 0, value: NEW_NAMESPACES, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
      },
      // Its flags lie in memory, where a filter cannot look; glibc falls back to clone.
      { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
      ...(refused.length === 0 ? [] : [{ names: refused, action: 'SCMP_ACT_ERRNO', errnoRet: EPERM }]),
    ],
  };
  return `${JSON.stringify(profile, null, 2)}\n`;
}

function draft(context: PlanContext, container: ContainerBehaviour, index: number): Draft | undefined {
  const split = splitCalls(container);
  const suffix = index === 0 ? '' : `.${index + 1}`;
  const filename = `${profileName(container)}${index === 0 ? '' : `-${index + 1}`}.json`;
  const common = {
    id: `privileges.seccomp-from-capture${suffix}`,
    family: 'privileges' as const,
    phase: 'harden' as const,
    title: 'Allow {0} only the system calls that its workload was seen to make',
    values: [containerText(container), listed(split.onlyAttack, 20)],
    rollback: 'Set the profile back to RuntimeDefault and restart the pod.',
    references: refs('M1048', 'D3-SCF', '5.7.2', 'pss-restricted'),
    effort: 'hours' as const,
    needsDecision: true,
  };
  const reason =
    notLearnable(container) ??
    (split.onlyAttack.length === 0
      ? `Nothing separates them: each of the ${container.attack.calls.size} different calls that the attack made is the workload's too, or of the same family as one of its calls, or the runtime's to start it. A list of system calls would not have stopped this; files, programs and connections tell them apart, or nothing does.`
      : undefined);
  if (reason !== undefined) return refused(common, reason);
  const content = profileOf(split);
  const unknown = splitUnseen(split);
  const workload = [...container.workload.calls.keys()].filter((call) => !CLONES.includes(call));
  return {
    ...common,
    why: `In the capture only the attack made these calls: {1}. The workload (${extentText(container.workload)}) made ${container.workload.calls.size} different ones, none of them.`,
    artefacts: [{ kind: 'seccomp-profile', filename, language: 'json', content }],
    rollout:
      `Put the file below /var/lib/kubelet/seccomp/ on every node, with SCMP_ACT_LOG in place of SCMP_ACT_ERRNO for a week; what the audit log then names goes into the list. ` +
      (isKubernetes(context)
        ? `Then seccompProfile: {type: Localhost, localhostProfile: ${filename}} in the container's securityContext.`
        : `Then docker run --security-opt seccomp=${filename}.`) +
      (container.privileged === true
        ? ' This container is privileged, and a privileged container ignores seccomp: that has to go first.'
        : ''),
    effect: `The kernel refuses ${split.onlyAttack.length} of the ${container.attack.calls.size} different calls that the attack made: {1}. Falco still sees the attempt, with the result EPERM.`,
    breaks: `${coverageText(container)} Falco's driver records only a part of all system calls, and the capture shows ${container.recordedCalls.length} different ones; ${unknown} that it cannot show are allowed as the runtime's default profile allows them, so the list is wider than the workload. Where the workload made one call of a family (sends, opens, changes of owner), the whole family is allowed.`,
    checks: [
      ...checkSeccomp(context.tools, content, split.onlyAttack, workload),
      replayCheck(content, container, split),
    ],
  };
}

function splitUnseen({ unseen }: Split): string {
  return `${unseen.length} calls (${listed(
    unseen.filter((call) => TELLING.includes(call)),
    8,
  )}, …)`;
}

/** Of what a capture seldom records, the names that readers look for. */
const TELLING = [
  'read',
  'write',
  'mmap',
  'futex',
  'ioctl',
  'stat',
  'poll',
  'epoll_wait',
  'sendmsg',
  'recvmsg',
  'memfd_create',
];

type Common = Pick<
  Draft,
  'id' | 'family' | 'phase' | 'title' | 'values' | 'rollback' | 'references' | 'effort' | 'needsDecision'
>;

function refused(common: Common, reason: string): Draft {
  return {
    ...common,
    why: 'A profile from what the workload was seen to do would refuse what only the attack did.',
    artefacts: [],
    rollout: 'None.',
    effect: 'None.',
    breaks: 'Nothing.',
    checks: [],
    refused: reason,
  };
}

/** Every recorded call of the container again, under the profile. */
function replayCheck(content: string, container: ContainerBehaviour, { onlyAttack }: Split): Check {
  const passes = evaluator(content);
  const problems: string[] = [];
  let kept = 0;
  for (const [call, { count, firstEvent }] of container.workload.calls) {
    if (passes(call)) kept += count;
    else problems.push(`the workload's ${call} is refused (${count} events, the first is ${firstEvent})`);
  }
  let stopped = 0;
  const first: string[] = [];
  for (const [call, { count, firstEvent }] of container.attack.calls) {
    if (passes(call)) continue;
    stopped += count;
    first.push(`${call} (event ${firstEvent})`);
  }
  if (stopped === 0) problems.push('nothing that the attack did is refused');
  const total = sum(container.attack.calls);
  return ownCheck(
    'yarak capture replay',
    '1',
    'simulated',
    'Under the profile, does every recorded call of the workload pass, and is what only the attack did refused?',
    problems,
    `workload: ${kept} of ${sum(container.workload.calls)} events pass; attack: ${stopped} of ${total} events are refused, by ${onlyAttack.length} calls that only it made: ${listed(first)}`,
  );
}

function sum(calls: ReadonlyMap<string, CallCount>): number {
  let total = 0;
  for (const { count } of calls.values()) total += count;
  return total;
}

/** Whether a call without namespace flags passes; clone3 does where glibc's fallback, clone, does. */
function evaluator(content: string): (call: string) => boolean {
  const profile: unknown = JSON.parse(content);
  const entries =
    isJson(profile) && Array.isArray(profile['syscalls']) ? profile['syscalls'].filter(isJson) : [];
  const allowed = new Set(
    entries
      .filter((entry) => entry['action'] === 'SCMP_ACT_ALLOW')
      .flatMap((entry) => (Array.isArray(entry['names']) ? entry['names'].map(String) : [])),
  );
  return (call) => allowed.has(call === 'clone3' ? 'clone' : call);
}
