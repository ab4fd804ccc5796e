export { validateCommands } from './checks/commands.ts';
export {
  DEFAULT_KUBERNETES_VERSION,
  KUBERNETES_VERSIONS,
  type KubernetesVersion,
  validateKubernetes,
} from './checks/kubernetes-schema.ts';
export {
  levelOf as podSecurityLevel,
  type PodSecurityLevel,
  type PodSecurityResult,
} from './checks/pod-security.ts';
export { Toolbox } from './checks/toolbox.ts';
export type { PlanOptions } from './context.ts';
export { planMitigations } from './plan.ts';
export type * from './types.ts';
export { FAMILIES, LEVELS, PHASES } from './types.ts';
