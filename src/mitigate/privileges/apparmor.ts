// An AppArmor profile that lets the container do its work but not start what was started: shells, package managers,
// download tools, programs from temporary folders.

import { checkAppArmor } from '../checks/apparmor.ts';
import { isNodeComponent } from '../container/workload.ts';
import type { PlanContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import { isKubernetes } from '../kube-names.ts';
import { programsSeen } from '../programs.ts';
import { refs } from '../references.ts';
import { workloadCheck } from './captured/apparmor.ts';

const NAME = 'yarak-no-exec';
const TEMPORARY = ['/tmp', '/var/tmp', '/dev/shm', '/run/shm'];

export function planAppArmor(context: PlanContext): Draft | undefined {
  if (context.place === 'host') return undefined;
  const node = isNodeComponent(context);
  const programs = programsSeen(context);
  const paths = programs.flatMap(({ path, name }) =>
    path !== undefined ? [path, ...merged(path)] : [`/{,usr/,usr/local/}{,s}bin/${name}`],
  );
  const denied = [...new Set(paths)]
    .filter((path) => !TEMPORARY.some((folder) => path.startsWith(`${folder}/`)))
    .sort();
  if (denied.length === 0 && !context.is('yarak.exe.upper_layer', true)) return undefined;
  const profile = `# Denies the programs that the alert shows; everything else as the runtime's default profile has it.
abi <abi/3.0>,
#include <tunables/global>

profile ${NAME} flags=(attach_disconnected,mediate_deleted) {
  #include <abstractions/base>

  network,
  capability,
  file,
  umount,
  signal (receive) peer=unconfined,
  signal (send, receive) peer=${NAME},

${denied.map((path) => `  deny ${path} mrwx,`).join('\n')}
${TEMPORARY.map((folder) => `  deny ${folder}/** mx,`).join('\n')}

  deny @{PROC}/sys/kernel/** w,
  deny @{PROC}/sysrq-trigger rwklx,
  deny @{PROC}/kcore rwklx,
  deny /sys/fs/cgroup/** w,
  deny /sys/kernel/security/** rwklx,
  deny mount,
}
`;
  return {
    id: 'privileges.apparmor',
    family: 'privileges',
    phase: 'harden',
    title: node
      ? 'Deny such shells in all other containers, with AppArmor'
      : 'Deny the programs that ran, with AppArmor',
    why: node
      ? 'This agent of the node needs {0}; hardly any other container does, and there the kernel can refuse it.'
      : 'The container started {0}; the kernel can refuse that whatever the image holds.',
    values: [programs.map((program) => program.path ?? program.name).join(', ')],
    factIds: context.facts('proc.exepath', 'proc.cmdline'),
    artefacts: [{ kind: 'apparmor-profile', filename: NAME, language: 'text', content: profile }],
    rollout:
      `Put the file in /etc/apparmor.d/ on every node that can run the pod, load it in complain mode (apparmor_parser -r -C), read the log for a week, then enforce (apparmor_parser -r). ` +
      (isKubernetes(context)
        ? `In the pod: securityContext.appArmorProfile: {type: Localhost, localhostProfile: ${NAME}} (a field since Kubernetes 1.30). Without the profile on its node the pod does not start.`
        : `docker run --security-opt apparmor=${NAME}.`),
    effect: node
      ? 'Nothing for this agent, which must not get the profile. In containers that do, starting these programs fails, and Falco still sees the attempt.'
      : 'Starting these programs fails with "Permission denied"; Falco still sees the attempt.',
    breaks:
      'Entrypoints, probes and lifecycle hooks that use a shell, and kubectl exec with one. An image whose entrypoint is a shell script cannot run under it.',
    rollback: `Set appArmorProfile back to RuntimeDefault, then apparmor_parser -R /etc/apparmor.d/${NAME}.`,
    references: refs('M1038', 'M1048', 'D3-MAC', 'D3-EDL', 'N4.4.3'),
    effort: 'hours',
    needsDecision: context.benign,
    checks: [checkAppArmor(context.tools, profile), ...workloadCheck(context, profile)],
  };
}

/** With merged /usr both paths lead to one file, and AppArmor sees the resolved one. */
function merged(path: string): string[] {
  if (/^\/s?bin\//.test(path)) return [`/usr${path}`];
  return /^\/usr\/s?bin\//.test(path) ? [path.slice('/usr'.length)] : [];
}
