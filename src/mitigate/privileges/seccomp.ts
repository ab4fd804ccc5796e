// A seccomp profile that refuses the system calls behind what was seen. It is a list of refusals over "allow", made of
// what container runtimes refuse by default and of what the alerts show; a recorded allow-list is tighter still.

import { checkSeccomp } from '../checks/seccomp.ts';
import { isNodeComponent } from '../container/workload.ts';
import type { PlanContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import { refs } from '../references.ts';

/** Refused by the default profiles of Docker and containerd for a container without capabilities. */
const DEFAULT_REFUSED =
  'acct add_key bpf clock_adjtime clock_settime create_module delete_module finit_module fsconfig fsmount fsopen fspick get_kernel_syms init_module io_uring_enter io_uring_register io_uring_setup ioperm iopl kcmp kexec_file_load kexec_load keyctl lookup_dcookie mount mount_setattr move_mount name_to_handle_at nfsservctl open_by_handle_at open_tree perf_event_open pivot_root process_vm_readv process_vm_writev ptrace query_module quotactl reboot request_key setns settimeofday swapoff swapon sysfs umount2 unshare userfaultfd ustat'.split(
    ' ',
  );
/** Calls that an alert may show and that a workload can do without, beyond the default. */
const ALSO = new Set(['memfd_create', 'execveat', 'symlinkat', 'symlink']);
const KEPT = ['read', 'write', 'openat', 'execve', 'exit_group', 'futex', 'mmap', 'clone', 'rt_sigreturn'];
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET (linux/sched.h). */
const NAMESPACE_FLAGS = [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000];
const EPERM = 1;
const ENOSYS = 38;

export function planSeccomp(context: PlanContext): Draft | undefined {
  if (context.place === 'host' || isNodeComponent(context)) return undefined;
  const seen = new Set(context.all('evt.type'));
  if (context.behaviours.has('fileless-execution')) seen.add('memfd_create');
  if (context.techniques.has('T1611')) seen.add('mount');
  const observed = [...seen].filter((call) => DEFAULT_REFUSED.includes(call) || call === 'memfd_create');
  if (observed.length === 0) return undefined;
  const refused = [...new Set([...DEFAULT_REFUSED, ...observed.filter((call) => ALSO.has(call))])].sort();
  const profile = {
    defaultAction: 'SCMP_ACT_ALLOW',
    architectures: [
      'SCMP_ARCH_X86_64',
      'SCMP_ARCH_X86',
      'SCMP_ARCH_X32',
      'SCMP_ARCH_AARCH64',
      'SCMP_ARCH_ARM',
    ],
    syscalls: [
      { names: refused, action: 'SCMP_ACT_ERRNO', errnoRet: EPERM },
      // glibc falls back to clone, whose flags can be looked at.
      { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
      ...NAMESPACE_FLAGS.map((flag) => ({
        names: ['clone'],
        action: 'SCMP_ACT_ERRNO',
        errnoRet: EPERM,
        args: [{ index: 0, value: flag, valueTwo: flag, op: 'SCMP_CMP_MASKED_EQ' }],
      })),
    ],
  };
  const content = `${JSON.stringify(profile, null, 2)}\n`;
  return {
    id: 'privileges.seccomp',
    family: 'privileges',
    phase: 'harden',
    title: 'Refuse the system calls behind it with seccomp',
    why: 'The alerts show system calls that a workload hardly ever needs: {0}.',
    values: [observed.join(', ')],
    factIds: context.facts('evt.type'),
    artefacts: [{ kind: 'seccomp-profile', filename: 'refuse-observed.json', language: 'json', content }],
    rollout:
      'If the pod runs Unconfined or privileged, RuntimeDefault alone already refuses most of it: set that first. For this profile: put the file below /var/lib/kubelet/seccomp/ on every node, set SCMP_ACT_LOG in place of SCMP_ACT_ERRNO for a week and read the audit log, then seccompProfile: {type: Localhost, localhostProfile: refuse-observed.json}. A privileged container ignores seccomp: remove privileged first.',
    effect: `The kernel answers ${observed.join(', ')} with an error, so this attempt fails; Falco still sees it, with the result EPERM.`,
    breaks: 'Debuggers, profilers, io_uring users and anything that makes namespaces or loads modules.',
    rollback: 'Set the profile back to RuntimeDefault and restart the pod.',
    references: refs('M1048', 'D3-SCF', '5.7.2', 'pss-restricted'),
    effort: 'hours',
    checks: checkSeccomp(context.tools, content, observed, KEPT),
  };
}
