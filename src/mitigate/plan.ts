// From an incident to what to do: every planner is asked, what it writes is checked, and the result is put in the order
// in which a responder acts. One planner's failure never costs the others.

import type { Triage } from '../triage/index.ts';
import { planEgress } from './container/egress.ts';
import { planHostReach } from './container/host-reach.ts';
import { planImage } from './container/image.ts';
import { planWorkload } from './container/workload.ts';
import { type PlanContext, type PlanOptions, planContext } from './context.ts';
import { type Draft, finishDraft } from './draft.ts';
import { planAppendOutput } from './falco/append-output.ts';
import { planCapture } from './falco/capture.ts';
import { planExceptions } from './falco/exception.ts';
import { planModernEbpf } from './falco/modern-ebpf.ts';
import { planPriority } from './falco/priority.ts';
import { planTooBroad } from './falco/too-broad.ts';
import { planAlertRules } from './monitoring/alert-rules.ts';
import { planAuditPolicy } from './monitoring/audit-policy.ts';
import { planAuditdRules } from './monitoring/auditd.ts';
import { planQueries } from './monitoring/queries.ts';
import { planSecondRule } from './monitoring/second-rule.ts';
import { planAdmissionPolicy } from './privileges/admission-policy.ts';
import { planAppArmor } from './privileges/apparmor.ts';
import { planCapturedAppArmor } from './privileges/captured/apparmor.ts';
import { planCapturedSeccomp } from './privileges/captured/seccomp.ts';
import { planExecRights } from './privileges/exec-rights.ts';
import { planSudoers, planSysctl, planSystemdSandbox } from './privileges/host.ts';
import { planNamespaceLabels } from './privileges/namespace-labels.ts';
import { planSeccomp } from './privileges/seccomp.ts';
import { planSecurityContext } from './privileges/security-context.ts';
import { planSelinux } from './privileges/selinux.ts';
import { planUserNamespace } from './privileges/user-namespace.ts';
import { planContain } from './response/contain.ts';
import { planEradicate } from './response/eradicate.ts';
import { planPreserve } from './response/preserve.ts';
import { planRecover } from './response/recover.ts';
import { type Mitigation, PHASES } from './types.ts';

type Planner = (context: PlanContext) => Draft | readonly Draft[] | undefined;

/** In the order in which they are shown within a phase. */
const PLANNERS: readonly Planner[] = [
  planPreserve,
  planContain,
  planEradicate,
  planRecover,
  planModernEbpf,
  planWorkloadAndRights,
  planImage,
  planEgress,
  planCapturedAppArmor,
  planCapturedSeccomp,
  planAppArmor,
  planSeccomp,
  planAdmissionPolicy,
  planNamespaceLabels,
  planExecRights,
  planUserNamespace,
  planHostReach,
  planSudoers,
  planSysctl,
  planSystemdSandbox,
  planExceptions,
  planTooBroad,
  planPriority,
  planAppendOutput,
  planCapture,
  planSecondRule,
  planAuditPolicy,
  planAuditdRules,
  planSelinux,
  planQueries,
  planAlertRules,
];

/**
 * What to do about an incident, in order: preserve, contain, eradicate, recover, harden, tune, watch; within a phase
 * what destroys comes last. Every artefact has been through its checks; with `options.tools` switched off, those by
 * other programs are skipped by name.
 */
export async function planMitigations(triage: Triage, options: PlanOptions = {}): Promise<Mitigation[]> {
  const context = planContext(triage, options);
  const drafts = PLANNERS.flatMap((planner) => draftsOf(planner, context));
  const mitigations = await Promise.all(drafts.map(finishDraft));
  const rank = (one: Mitigation) => PHASES.indexOf(one.phase) * 2 + (one.destructive ? 1 : 0);
  return mitigations
    .map((mitigation, order) => ({ mitigation, order }))
    .sort((a, b) => rank(a.mitigation) - rank(b.mitigation) || a.order - b.order)
    .map(({ mitigation }) => mitigation);
}

/** The rights' diff is for the manifest as the container's diff leaves it. */
function planWorkloadAndRights(context: PlanContext): Draft[] {
  const workload = planWorkload(context);
  const rights = planSecurityContext(context, workload?.text);
  return [workload?.draft, rights].filter((draft) => draft !== undefined);
}

/** A planner that fails on an odd incident says so in its place. */
function draftsOf(planner: Planner, context: PlanContext): readonly Draft[] {
  try {
    const drafts = planner(context);
    return drafts === undefined ? [] : [drafts].flat();
  } catch (error) {
    return [
      {
        id: `failed.${planner.name}`,
        family: 'monitoring',
        phase: 'watch',
        title: 'One mitigation could not be written',
        why: 'Its planner failed on this incident; the others are complete.',
        artefacts: [],
        rollout: 'None.',
        effect: 'None.',
        breaks: 'Nothing.',
        rollback: 'Nothing to undo.',
        references: [],
        effort: 'minutes',
        checks: [],
        refused: error instanceof Error ? error.message.slice(0, 300) : 'unknown error',
      },
    ];
  }
}
