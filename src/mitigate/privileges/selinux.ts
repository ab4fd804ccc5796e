// An SELinux module that records kernel modules being labelled or loaded from containers. Policy modules cannot take
// rights away from the base policy, so this one watches; what refuses is the container's own domain (container_t).

import { checkSelinux } from '../checks/selinux.ts';
import type { PlanContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import { refs } from '../references.ts';
import { Script } from '../script.ts';

const MODULE = 'yarak_audit_modules';

export function planSelinux(context: PlanContext): Draft | undefined {
  const relabel =
    context.all('yarak.cmd.names').includes('chcon') || context.all('yarak.cmd.names').includes('setenforce');
  const module =
    context.techniques.has('T1547.006') || context.behaviours.has('kernel-module-load-in-container');
  if (!relabel && !module) return undefined;
  const source = `module ${MODULE} 1.0;

require {
  type container_t;
  type spc_t;
  type modules_object_t;
  class file { relabelto create write append rename unlink };
  class system module_load;
}

# Every success is written to the audit log; what is refused is logged anyway.
auditallow spc_t modules_object_t:file { relabelto create write append rename unlink };
auditallow container_t modules_object_t:file { relabelto create write append rename unlink };
auditallow spc_t modules_object_t:system module_load;
`;
  const load = new Script()
    .run(['checkmodule', '-M', '-m', '-o', `${MODULE}.mod`, `${MODULE}.te`])
    .run(['semodule_package', '-o', `${MODULE}.pp`, '-m', `${MODULE}.mod`])
    .run(['semodule', '-i', `${MODULE}.pp`]);
  return {
    id: 'privileges.selinux',
    family: 'privileges',
    phase: 'watch',
    title: 'Let SELinux record who labels or loads kernel modules from a container',
    why: 'A container gave a file the label of kernel modules, or loaded one ({0}). A confined container (container_t) may not; one that runs as spc_t (privileged) may.',
    values: [context.text('proc.cmdline')],
    factIds: context.facts('proc.cmdline'),
    artefacts: [
      { kind: 'selinux-module', filename: `${MODULE}.te`, language: 'text', content: source },
      load.artefact('load-module.sh'),
    ],
    rollout:
      'Only on nodes where SELinux is enforcing (Fedora, RHEL, CoreOS families); elsewhere it does nothing. The file must keep its name: it is the name of the module.',
    effect:
      'Each such act leaves an AVC record with the process and the label, also when it succeeds. Nothing is refused that was allowed before.',
    breaks: 'Nothing; a few more lines in the audit log.',
    rollback: `semodule -r ${MODULE}`,
    references: refs('D3-MAC', 'D3-DLIC', 'M1047'),
    effort: 'hours',
    checks: [checkSelinux(context.tools, MODULE, source), ...load.checks(context.tools)],
  };
}
