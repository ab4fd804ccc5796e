// The source k8s_audit as Falco's k8saudit plugin reads it (falco-engine-spec 4.4), quirks included: they are marked
// [Q] there and here. What paths can say is data, the rest code.

import { PLUGIN_VERSIONS, type Value } from '../../../detect/fields/index.ts';
import { builtInFields, defineJsonSource } from '../define.ts';
import { isRecord, type JsonRecord, jsonText, own } from '../event.ts';
import { type Extraction, indexOf } from '../extract.ts';
import { collect, compilePath, follow } from '../pointer.ts';
import type { JsonField, JsonSource } from '../source.ts';

const pathOf = (text: string) => compilePath(text).steps;

const annotation = (name: string): Extraction => ({ path: `/annotations/${name.replace(/\//g, '~1')}` });

const nonEmpty = (values: readonly string[]): Value | undefined => (values.length === 0 ? undefined : values);

/** [Q] Cut at the first `:` or `@`, so that `registry:5000/x` becomes `registry`. */
const repository = (image: string): string => image.split(/[:@]/, 1)[0] as string;

/** A list of texts, changed; absent as a whole when one element lacks the value. */
const allTexts = (path: string, change: (text: string) => string): JsonField => {
  const steps = pathOf(path);
  return (record, arg) => {
    const out: string[] = [];
    for (const value of collect(record, steps, indexOf(arg))) {
      if (value === undefined || value === null) return undefined;
      out.push(change(jsonText(value)));
    }
    return nonEmpty(out);
  };
};

/** [Q] Looks for `runAsUser` beside the containers' other keys, not under `securityContext`. */
const effective = (list: string, key: string): JsonField => {
  const steps = pathOf(`/requestObject/spec/${list}/*/${key}`);
  return (record, arg) => {
    const pod = own(follow(record, ['requestObject', 'spec']), key);
    return nonEmpty(collect(record, steps, indexOf(arg)).map((value) => jsonText(value ?? pod ?? '0')));
  };
};

const hostPorts = (list: string): JsonField => {
  const steps = pathOf(`/requestObject/spec/${list}/*/ports/*`);
  return (record, arg) =>
    nonEmpty(
      collect(record, steps, indexOf(arg)).flatMap((port) => {
        const value = own(port, 'hostPort') ?? own(port, 'containerPort');
        return value === undefined || value === null ? [] : [jsonText(value)];
      }),
    );
};

type Way = readonly [string, Extraction | JsonField];

function containerFields(list: string): Way[] {
  const base = `ka.req.pod.${list}`;
  const at = `/requestObject/spec/${list}/*`;
  const security = (key: string): Extraction => ({ path: `${at}/securityContext/${key}` });
  const ports: Way[] = list === 'ephemeralContainers' ? [] : [[`${base}.host_port`, hostPorts(list)]];
  return [
    ...ports,
    [`${base}.args`, { path: `${at}/args`, join: ' ' }],
    [`${base}.command`, { path: `${at}/command`, join: ' ' }],
    [`${base}.name`, { path: `${at}/name`, complete: true }],
    [`${base}.image`, { path: `${at}/image`, complete: true }],
    [`${base}.image.repository`, allTexts(`${at}/image`, repository)],
    [`${base}.privileged`, security('privileged')],
    [`${base}.allow_privilege_escalation`, security('allowPrivilegeEscalation')],
    [`${base}.read_only_fs`, security('readOnlyRootFilesystem')],
    [`${base}.run_as_user`, security('runAsUser')],
    [`${base}.run_as_group`, security('runAsGroup')],
    [`${base}.proc_mount`, security('procMount')],
    // [Q] Each element is the JSON text of one container's list, so that `in (SYS_ADMIN)` never holds.
    [`${base}.add_capabilities`, security('capabilities/add')],
    [`${base}.eff_run_as_user`, effective(list, 'runAsUser')],
    [`${base}.eff_run_as_group`, effective(list, 'runAsGroup')],
  ];
}

/** `namespace:name` of the service accounts. */
const serviceAccounts: JsonField = (record) =>
  nonEmpty(
    collect(record, SERVICE_ACCOUNTS, undefined).flatMap((subject) => {
      if (!isRecord(subject)) return [];
      return [`${jsonText(own(subject, 'namespace') ?? '')}:${jsonText(own(subject, 'name') ?? '')}`];
    }),
  );

const SERVICE_ACCOUNTS = pathOf('/requestObject/subjects/[kind=ServiceAccount]');

const subjects = (kind: string): Extraction => ({ path: `/requestObject/subjects/[kind=${kind}]/name` });

function queryParameter(record: JsonRecord, name: string | undefined): Value | undefined {
  const uri = own(record, 'requestURI');
  if (typeof uri !== 'string' || name === undefined) return undefined;
  const mark = uri.indexOf('?');
  return mark < 0 ? undefined : (new URLSearchParams(uri.slice(mark + 1)).get(name) ?? undefined);
}

const HOST_PATHS = pathOf('/requestObject/spec/volumes/*/hostPath/path');

/** [Q] Only the first volume is looked at: the key argument is taken for an index of 0. */
function mountsHostPath(record: JsonRecord, path: string | undefined): Value | undefined {
  const [mounted] = collect(record, HOST_PATHS, 0);
  if (path === undefined) return undefined;
  if (typeof mounted !== 'string') return 'false';
  return String(path.endsWith('*') ? mounted.startsWith(path.slice(0, -1)) : mounted === path);
}

function anyPrivileged(record: JsonRecord): Value | undefined {
  const containers = follow(record, ['requestObject', 'spec', 'containers']);
  if (!Array.isArray(containers)) return undefined;
  return String(
    containers.some((container) => follow(container, ['securityContext', 'privileged']) === true),
  );
}

const firstContainer = (change: (image: string) => string): JsonField => {
  const way = ['requestObject', 'spec', 'containers', '0', 'image'];
  return (record) => {
    const image = follow(record, way);
    return typeof image === 'string' ? change(image) : undefined;
  };
};

/** [Q] Read from the response, not from objectRef. */
function targetPod(record: JsonRecord): Value | undefined {
  const target = own(record, 'objectRef');
  if (own(target, 'resource') !== 'pods' || own(target, 'subresource') !== undefined) return undefined;
  const name = follow(record, ['responseObject', 'metadata', 'name']);
  return typeof name === 'string' ? name : undefined;
}

const VOLUMES = pathOf('/requestObject/spec/volumes/*');

const volumeTypes: JsonField = (record, arg) =>
  nonEmpty(
    collect(record, VOLUMES, indexOf(arg)).flatMap((volume) =>
      isRecord(volume) ? Object.keys(volume).filter((key) => key !== 'name') : [],
    ),
  );

const WAYS: readonly Way[] = [
  ['ka.auditid', { path: '/auditID' }],
  ['ka.stage', { path: '/stage' }],
  ['ka.auth.decision', annotation('authorization.k8s.io/decision')],
  ['ka.auth.reason', annotation('authorization.k8s.io/reason')],
  ['ka.auth.openshift.decision', annotation('authentication.openshift.io/decision')],
  ['ka.auth.openshift.username', annotation('authentication.openshift.io/username')],
  [
    'ka.validations.admission.policy.failure',
    annotation('validation.policy.admission.k8s.io/validation_failure'),
  ],
  ['ka.security.pod.violations', annotation('pod-security.kubernetes.io/audit-violations')],
  ['ka.cluster.name', annotation('cluster_name')],
  ['ka.user.name', { path: '/user/username' }],
  ['ka.user.groups', { path: '/user/groups/*' }],
  ['ka.impuser.name', { path: '/impersonatedUser/username' }],
  ['ka.verb', { path: '/verb' }],
  ['ka.uri', { path: '/requestURI' }],
  ['ka.uri.param', queryParameter],
  ['ka.target.name', { path: '/objectRef/name' }],
  ['ka.target.namespace', { path: '/objectRef/namespace' }],
  ['ka.target.resource', { path: '/objectRef/resource' }],
  ['ka.target.subresource', { path: '/objectRef/subresource' }],
  ['ka.target.pod.name', targetPod],
  ['ka.req.binding.subjects', { path: '/requestObject/subjects/*' }],
  ['ka.req.binding.subjects.user_names', subjects('User')],
  ['ka.req.binding.subjects.group_names', subjects('Group')],
  ['ka.req.binding.subjects.serviceaccount_names', subjects('ServiceAccount')],
  ['ka.req.binding.subjects.serviceaccount_ns_names', serviceAccounts],
  ['ka.req.binding.role', { path: '/requestObject/roleRef/name' }],
  // [Q] Whatever the argument says.
  ['ka.req.binding.subject.has_name', () => 'true'],
  ['ka.req.configmap.name', { path: '/objectRef/name' }],
  ['ka.req.configmap.obj', { path: '/requestObject/data' }],
  ...['containers', 'initContainers', 'ephemeralContainers'].flatMap(containerFields),
  ['ka.req.container.image', firstContainer((image) => image)],
  ['ka.req.container.image.repository', firstContainer(repository)],
  ['ka.req.container.privileged', anyPrivileged],
  ['ka.req.container.host_network', { path: '/requestObject/spec/hostNetwork' }],
  ['ka.req.pod.host_ipc', { path: '/requestObject/spec/hostIPC' }],
  ['ka.req.pod.host_network', { path: '/requestObject/spec/hostNetwork' }],
  ['ka.req.pod.host_pid', { path: '/requestObject/spec/hostPID' }],
  ['ka.req.pod.run_as_user', { path: '/requestObject/spec/securityContext/runAsUser' }],
  ['ka.req.pod.run_as_group', { path: '/requestObject/spec/securityContext/runAsGroup' }],
  ['ka.req.pod.fs_group', { path: '/requestObject/spec/securityContext/fsGroup' }],
  ['ka.req.pod.supplemental_groups', { path: '/requestObject/spec/securityContext/supplementalGroups/*' }],
  ['ka.req.role.rules', { path: '/requestObject/rules/*' }],
  ['ka.req.role.rules.apiGroups', { path: '/requestObject/rules/*/apiGroups/*' }],
  ['ka.req.role.rules.nonResourceURLs', { path: '/requestObject/rules/*/nonResourceURLs/*' }],
  ['ka.req.role.rules.verbs', { path: '/requestObject/rules/*/verbs/*' }],
  ['ka.req.role.rules.resources', { path: '/requestObject/rules/*/resources/*' }],
  ['ka.req.service.type', { path: '/requestObject/spec/type' }],
  ['ka.req.service.ports', { path: '/requestObject/spec/ports/*' }],
  ['ka.req.pod.volumes.hostpath', { path: '/requestObject/spec/volumes/*/hostPath/path' }],
  ['ka.req.volume.hostpath', mountsHostPath],
  ['ka.req.pod.volumes.flexvolume_driver', { path: '/requestObject/spec/volumes/*/flexVolume/driver' }],
  ['ka.req.pod.volumes.volume_type', volumeTypes],
  ['ka.resp.name', { path: '/responseObject/metadata/name' }],
  ['ka.response.code', { path: '/responseStatus/code' }],
  ['ka.response.reason', { path: '/responseStatus/reason' }],
  ['ka.useragent', { path: '/userAgent' }],
  // [Q] Where source addresses never are.
  ['ka.sourceips', { path: '/requestObject/rules/*/sourceIPs/*' }],
];

/** Nothing is extracted from an event without an audit id. */
const withAuditId =
  (field: JsonField): JsonField =>
  (record, arg, event) =>
    own(record, 'auditID') === undefined ? undefined : field(record, arg, event);

const source = defineJsonSource({
  name: 'k8s_audit',
  plugin: 'k8saudit',
  version: PLUGIN_VERSIONS['k8saudit'] as string,
  description: 'Kubernetes audit events: the log file, an EventList, what the webhook sends',
  accept: ['/auditID', ['/kind=Event', { path: '/apiVersion', starts_with: ['audit.k8s.io/'] }]],
  // EventList; CloudWatch's log events; Azure's diagnostic records.
  lists: ['/items', '/events', '/logEvents', '/records'],
  // The event as a text: in CloudWatch's messages (EKS) and Azure's records (AKS).
  unwrap: [{ path: '/message' }, { path: '/properties/log' }],
  time: ['/stageTimestamp'],
  fields: builtInFields('k8s_audit', Object.fromEntries(WAYS)),
});

export const KUBERNETES_AUDIT: JsonSource = {
  ...source,
  fields: new Map([...source.fields].map(([name, field]) => [name, withAuditId(field)])),
};
