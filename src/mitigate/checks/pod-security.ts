// Which Pod Security level a pod meets, by the controls of the Pod Security Standards (Kubernetes 1.36 documentation,
// concepts/security/pod-security-standards). Linux pods; a pod whose `spec.os.name` is windows is spared the controls
// that the standard spares it.

import type { Check } from '../types.ts';
import { containersOf, isJson, type Json, listAt, objectAt, podSpecOf } from './pod-spec.ts';
import { ownCheck } from './toolbox.ts';

export type PodSecurityLevel = 'privileged' | 'baseline' | 'restricted';

export interface PodSecurityResult {
  /** The strictest level that the pod meets. */
  readonly level: PodSecurityLevel;
  /** What keeps it from `baseline`, each with its key. */
  readonly baseline: readonly string[];
  /** What further keeps it from `restricted`. */
  readonly restricted: readonly string[];
}

const BASELINE_CAPABILITIES = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);
const SELINUX_TYPES = new Set([
  '',
  'container_t',
  'container_init_t',
  'container_kvm_t',
  'container_engine_t',
]);
const SAFE_SYSCTLS = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
]);
const RESTRICTED_VOLUMES = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

/** The level of a pod spec. `annotations` are the pod's, for the older AppArmor annotation. */
export function podSecurity(spec: Json, annotations: Json = {}): PodSecurityResult {
  const baseline: string[] = [];
  const restricted: string[] = [];
  const windows = objectAt(spec, 'os')['name'] === 'windows';
  const podContext = objectAt(spec, 'securityContext');
  const containers = containersOf(spec);

  for (const key of ['hostNetwork', 'hostPID', 'hostIPC']) {
    if (spec[key] === true) baseline.push(`${key}: true`);
  }
  for (const volume of listAt(spec, 'volumes')) {
    const kind = Object.keys(volume).find((key) => key !== 'name') ?? 'emptyDir';
    if (kind === 'hostPath') baseline.push(`volume ${name(volume)}: hostPath`);
    else if (!RESTRICTED_VOLUMES.has(kind)) restricted.push(`volume ${name(volume)}: type ${kind}`);
  }
  for (const sysctl of listAt(podContext, 'sysctls')) {
    if (!SAFE_SYSCTLS.has(String(sysctl['name']))) baseline.push(`sysctl ${String(sysctl['name'])}`);
  }
  contextBaseline(podContext, 'pod', baseline);
  for (const [key, value] of Object.entries(annotations)) {
    if (!key.startsWith('container.apparmor.security.beta.kubernetes.io/')) continue;
    if (value !== 'runtime/default' && !String(value).startsWith('localhost/'))
      baseline.push(`annotation ${key}`);
  }

  for (const container of containers) {
    const who = `container ${name(container)}`;
    const context = objectAt(container, 'securityContext');
    if (context['privileged'] === true) baseline.push(`${who}: privileged: true`);
    for (const port of listAt(container, 'ports')) {
      if (typeof port['hostPort'] === 'number' && port['hostPort'] !== 0)
        baseline.push(`${who}: hostPort ${port['hostPort']}`);
    }
    for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe'])
      probeHost(container[probe], who, baseline);
    for (const hook of ['postStart', 'preStop'])
      probeHost(objectAt(container, 'lifecycle')[hook], who, baseline);
    for (const capability of addedCapabilities(context)) {
      if (!BASELINE_CAPABILITIES.has(capability)) baseline.push(`${who}: capability ${capability} added`);
      else if (capability !== 'NET_BIND_SERVICE' && !windows)
        restricted.push(`${who}: capability ${capability} added`);
    }
    contextBaseline(context, who, baseline);
    if (context['procMount'] !== undefined && context['procMount'] !== 'Default')
      baseline.push(`${who}: procMount ${String(context['procMount'])}`);

    if (windows) continue;
    if (context['allowPrivilegeEscalation'] !== false)
      restricted.push(`${who}: allowPrivilegeEscalation is not false`);
    const drop = objectAt(context, 'capabilities')['drop'];
    if (!Array.isArray(drop) || !drop.includes('ALL')) restricted.push(`${who}: capabilities.drop lacks ALL`);
    const profile =
      objectAt(context, 'seccompProfile')['type'] ?? objectAt(podContext, 'seccompProfile')['type'];
    if (profile !== 'RuntimeDefault' && profile !== 'Localhost')
      restricted.push(`${who}: seccompProfile is not RuntimeDefault or Localhost`);
  }

  for (const container of containers) {
    const context = objectAt(container, 'securityContext');
    const who = `container ${name(container)}`;
    const nonRoot = context['runAsNonRoot'] ?? podContext['runAsNonRoot'];
    if (nonRoot !== true) restricted.push(`${who}: runAsNonRoot is not true`);
    if (context['runAsUser'] === 0) restricted.push(`${who}: runAsUser is 0`);
  }
  if (podContext['runAsUser'] === 0) restricted.push('pod: runAsUser is 0');

  const level = baseline.length > 0 ? 'privileged' : restricted.length > 0 ? 'baseline' : 'restricted';
  return { level, baseline, restricted };
}

/** Compares the levels before and after a change; passes when `wanted` is met afterwards. Proves `simulated`. */
export function checkPodSecurity(before: unknown, after: unknown, wanted: PodSecurityLevel): Check {
  const after_ = levelOf(after);
  const before_ = levelOf(before);
  const order: readonly PodSecurityLevel[] = ['privileged', 'baseline', 'restricted'];
  const problems =
    after_ === undefined
      ? ['no pod in the object']
      : order.indexOf(after_.level) >= order.indexOf(wanted)
        ? []
        : [...after_.baseline, ...(wanted === 'restricted' ? after_.restricted : [])];
  return ownCheck(
    'yarak Pod Security',
    'standards of 1.36',
    'simulated',
    `Does the pod meet Pod Security level ${wanted} afterwards?`,
    problems,
    before_ === undefined
      ? `level ${after_?.level}`
      : `level ${before_.level} before, ${after_?.level} after`,
  );
}

/** The level of the pod in any workload object. */
export function levelOf(object: unknown): PodSecurityResult | undefined {
  const spec = podSpecOf(object);
  if (spec === undefined) return undefined;
  const template =
    isJson(object) && object['kind'] === 'Pod' ? object : objectAt(objectAt(object, 'spec'), 'template');
  return podSecurity(spec, objectAt(objectAt(template, 'metadata'), 'annotations'));
}

function contextBaseline(context: Json, who: string, problems: string[]): void {
  const selinux = objectAt(context, 'seLinuxOptions');
  if (!SELINUX_TYPES.has(String(selinux['type'] ?? '')))
    problems.push(`${who}: SELinux type ${String(selinux['type'])}`);
  for (const key of ['user', 'role']) {
    if ((selinux[key] ?? '') !== '') problems.push(`${who}: SELinux ${key} set`);
  }
  if (objectAt(context, 'seccompProfile')['type'] === 'Unconfined')
    problems.push(`${who}: seccomp Unconfined`);
  if (objectAt(context, 'appArmorProfile')['type'] === 'Unconfined')
    problems.push(`${who}: AppArmor Unconfined`);
  if (objectAt(context, 'windowsOptions')['hostProcess'] === true) problems.push(`${who}: hostProcess: true`);
}

/** Probes and hooks may not name another host (a control of the standard since 1.34). */
function probeHost(handler: unknown, who: string, problems: string[]): void {
  for (const kind of ['httpGet', 'tcpSocket']) {
    const host = objectAt(handler, kind)['host'];
    if (typeof host === 'string' && host !== '') problems.push(`${who}: ${kind} names host ${host}`);
  }
}

function addedCapabilities(context: Json): string[] {
  const add = objectAt(context, 'capabilities')['add'];
  return Array.isArray(add) ? add.map(String) : [];
}

function name(object: Json): string {
  return typeof object['name'] === 'string' ? object['name'] : '(unnamed)';
}
