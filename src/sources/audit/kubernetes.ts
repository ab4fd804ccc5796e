// The source k8s_audit as Falco's k8saudit plugin reads it (falco-engine-spec 4.4), quirks included: they are marked
// [Q] there and here.

import { catalogueFor, type Value } from '../../detect/fields/index.ts';
import { isRecord, type Json, type JsonRecord, jsonText, own } from './event.ts';
import { collect, follow } from './pointer.ts';
import type { JsonField, JsonSource } from './source.ts';

const steps = (path: string): string[] => path.split('.');

/** One value, as text. */
const text = (path: string): JsonField => {
  const way = steps(path);
  return (record) => {
    const value = follow(record, way);
    return value === undefined || value === null ? undefined : jsonText(value);
  };
};

/** An annotation; its name has dots, so it is one step. */
const annotation = (name: string): JsonField => {
  const way = ['annotations', name];
  return (record) => {
    const value = follow(record, way);
    return value === undefined || value === null ? undefined : jsonText(value);
  };
};

const indexOf = (arg: string | undefined): number | undefined =>
  arg === undefined ? undefined : Number(arg);

const nonEmpty = (values: readonly string[]): Value | undefined => (values.length === 0 ? undefined : values);

/** A list of texts; elements that lack the value are skipped. */
const texts = (path: string): JsonField => {
  const way = steps(path);
  return (record, arg) =>
    nonEmpty(
      collect(record, way, indexOf(arg)).flatMap((value) =>
        value === undefined || value === null ? [] : [jsonText(value)],
      ),
    );
};

/** A list of texts that is absent as a whole when one element lacks the value. */
const allTexts = (path: string, change: (text: string) => string = (t) => t): JsonField => {
  const way = steps(path);
  return (record, arg) => {
    const values = collect(record, way, indexOf(arg));
    if (values.some((value) => value === undefined || value === null)) return undefined;
    return nonEmpty(values.map((value) => change(jsonText(value as Json))));
  };
};

/** Each container's list, joined by blanks. */
const joined = (path: string): JsonField => {
  const way = steps(path);
  return (record, arg) =>
    nonEmpty(
      collect(record, way, indexOf(arg)).flatMap((value) =>
        Array.isArray(value) ? [value.map(jsonText).join(' ')] : [],
      ),
    );
};

/** [Q] Cut at the first `:` or `@`, so that `registry:5000/x` becomes `registry`. */
const repository = (image: string): string => image.split(/[:@]/, 1)[0] as string;

/** [Q] Looks for `runAsUser` beside the containers' other keys, not under `securityContext`. */
const effective = (list: string, key: string): JsonField => {
  const way = ['requestObject', 'spec', list, '*', key];
  return (record, arg) => {
    const pod = own(follow(record, ['requestObject', 'spec']), key);
    return nonEmpty(collect(record, way, indexOf(arg)).map((value) => jsonText(value ?? pod ?? '0')));
  };
};

const hostPorts = (list: string): JsonField => {
  const way = ['requestObject', 'spec', list, '*', 'ports', '*'];
  return (record, arg) =>
    nonEmpty(
      collect(record, way, indexOf(arg)).flatMap((port) => {
        const value = own(port, 'hostPort') ?? own(port, 'containerPort');
        return value === undefined || value === null ? [] : [jsonText(value)];
      }),
    );
};

function containerFields(list: string): [string, JsonField][] {
  const base = `ka.req.pod.${list}`;
  const at = `requestObject.spec.${list}.*`;
  const security = (key: string): JsonField => texts(`${at}.securityContext.${key}`);
  return [
    [`${base}.args`, joined(`${at}.args`)],
    [`${base}.command`, joined(`${at}.command`)],
    [`${base}.name`, allTexts(`${at}.name`)],
    [`${base}.image`, allTexts(`${at}.image`)],
    [`${base}.image.repository`, allTexts(`${at}.image`, repository)],
    [`${base}.host_port`, hostPorts(list)],
    [`${base}.privileged`, security('privileged')],
    [`${base}.allow_privilege_escalation`, security('allowPrivilegeEscalation')],
    [`${base}.read_only_fs`, security('readOnlyRootFilesystem')],
    [`${base}.run_as_user`, security('runAsUser')],
    [`${base}.run_as_group`, security('runAsGroup')],
    [`${base}.proc_mount`, security('procMount')],
    // [Q] Each element is the JSON text of one container's list, so that `in (SYS_ADMIN)` never holds.
    [`${base}.add_capabilities`, security('capabilities.add')],
    [`${base}.eff_run_as_user`, effective(list, 'runAsUser')],
    [`${base}.eff_run_as_group`, effective(list, 'runAsGroup')],
  ];
}

const subjects = (kind: string, name: (subject: JsonRecord) => string | undefined): JsonField => {
  return (record) => {
    const list = follow(record, ['requestObject', 'subjects']);
    if (!Array.isArray(list)) return undefined;
    return nonEmpty(
      list.flatMap((subject) => {
        if (!isRecord(subject) || own(subject, 'kind') !== kind) return [];
        const found = name(subject);
        return found === undefined ? [] : [found];
      }),
    );
  };
};

const subjectName = (subject: JsonRecord): string | undefined => {
  const name = own(subject, 'name');
  return name === undefined || name === null ? undefined : jsonText(name);
};

function queryParameter(record: JsonRecord, name: string | undefined): Value | undefined {
  const uri = own(record, 'requestURI');
  if (typeof uri !== 'string' || name === undefined) return undefined;
  const mark = uri.indexOf('?');
  return mark < 0 ? undefined : (new URLSearchParams(uri.slice(mark + 1)).get(name) ?? undefined);
}

/** [Q] Only the first volume is looked at: the key argument is taken for an index of 0. */
function mountsHostPath(record: JsonRecord, path: string | undefined): Value | undefined {
  const [mounted] = collect(record, ['requestObject', 'spec', 'volumes', '*', 'hostPath', 'path'], 0);
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
  const way = steps('requestObject.spec.containers.0.image');
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

const volumeTypes: JsonField = (record, arg) =>
  nonEmpty(
    collect(record, steps('requestObject.spec.volumes.*'), indexOf(arg)).flatMap((volume) =>
      isRecord(volume) ? Object.keys(volume).filter((key) => key !== 'name') : [],
    ),
  );

const FIELDS: readonly (readonly [string, JsonField])[] = [
  ['ka.auditid', text('auditID')],
  ['ka.stage', text('stage')],
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
  ['ka.user.name', text('user.username')],
  ['ka.user.groups', texts('user.groups.*')],
  ['ka.impuser.name', text('impersonatedUser.username')],
  ['ka.verb', text('verb')],
  ['ka.uri', text('requestURI')],
  ['ka.uri.param', queryParameter],
  ['ka.target.name', text('objectRef.name')],
  ['ka.target.namespace', text('objectRef.namespace')],
  ['ka.target.resource', text('objectRef.resource')],
  ['ka.target.subresource', text('objectRef.subresource')],
  ['ka.target.pod.name', targetPod],
  ['ka.req.binding.subjects', texts('requestObject.subjects.*')],
  ['ka.req.binding.subjects.user_names', subjects('User', subjectName)],
  ['ka.req.binding.subjects.group_names', subjects('Group', subjectName)],
  ['ka.req.binding.subjects.serviceaccount_names', subjects('ServiceAccount', subjectName)],
  [
    'ka.req.binding.subjects.serviceaccount_ns_names',
    subjects(
      'ServiceAccount',
      (subject) => `${jsonText(own(subject, 'namespace') ?? '')}:${subjectName(subject) ?? ''}`,
    ),
  ],
  ['ka.req.binding.role', text('requestObject.roleRef.name')],
  // [Q] Whatever the argument says.
  ['ka.req.binding.subject.has_name', () => 'true'],
  ['ka.req.configmap.name', text('objectRef.name')],
  ['ka.req.configmap.obj', text('requestObject.data')],
  ...['containers', 'initContainers', 'ephemeralContainers'].flatMap(containerFields),
  ['ka.req.container.image', firstContainer((image) => image)],
  ['ka.req.container.image.repository', firstContainer(repository)],
  ['ka.req.container.privileged', anyPrivileged],
  ['ka.req.container.host_network', text('requestObject.spec.hostNetwork')],
  ['ka.req.pod.host_ipc', text('requestObject.spec.hostIPC')],
  ['ka.req.pod.host_network', text('requestObject.spec.hostNetwork')],
  ['ka.req.pod.host_pid', text('requestObject.spec.hostPID')],
  ['ka.req.pod.run_as_user', text('requestObject.spec.securityContext.runAsUser')],
  ['ka.req.pod.run_as_group', text('requestObject.spec.securityContext.runAsGroup')],
  ['ka.req.pod.fs_group', text('requestObject.spec.securityContext.fsGroup')],
  ['ka.req.pod.supplemental_groups', texts('requestObject.spec.securityContext.supplementalGroups.*')],
  ['ka.req.role.rules', texts('requestObject.rules.*')],
  ['ka.req.role.rules.apiGroups', texts('requestObject.rules.*.apiGroups.*')],
  ['ka.req.role.rules.nonResourceURLs', texts('requestObject.rules.*.nonResourceURLs.*')],
  ['ka.req.role.rules.verbs', texts('requestObject.rules.*.verbs.*')],
  ['ka.req.role.rules.resources', texts('requestObject.rules.*.resources.*')],
  ['ka.req.service.type', text('requestObject.spec.type')],
  ['ka.req.service.ports', texts('requestObject.spec.ports.*')],
  ['ka.req.pod.volumes.hostpath', texts('requestObject.spec.volumes.*.hostPath.path')],
  ['ka.req.volume.hostpath', mountsHostPath],
  ['ka.req.pod.volumes.flexvolume_driver', texts('requestObject.spec.volumes.*.flexVolume.driver')],
  ['ka.req.pod.volumes.volume_type', volumeTypes],
  ['ka.resp.name', text('responseObject.metadata.name')],
  ['ka.response.code', text('responseStatus.code')],
  ['ka.response.reason', text('responseStatus.reason')],
  ['ka.useragent', text('userAgent')],
  // [Q] Where source addresses never are.
  ['ka.sourceips', texts('requestObject.rules.*.sourceIPs.*')],
];

/** Nothing is extracted from an event without an audit id. */
const withAuditId =
  (field: JsonField): JsonField =>
  (record, arg, event) =>
    own(record, 'auditID') === undefined ? undefined : field(record, arg, event);

export const KUBERNETES_AUDIT: JsonSource = {
  name: 'k8s_audit',
  plugin: 'k8saudit',
  defs: catalogueFor('k8s_audit').fields,
  fields: new Map(FIELDS.map(([name, field]) => [name, withAuditId(field)])),
  lists: ['items'],
  timePaths: [['stageTimestamp']],
  accepts: (record) => own(record, 'kind') === 'Event' || own(record, 'auditID') !== undefined,
};
