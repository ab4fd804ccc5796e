// Fields of Falco's k8saudit plugin: a Kubernetes audit event.

import { parseFieldRows } from './rows.ts';

/** What the plugin knows about each kind of container list of a pod. */
const CONTAINERS = [
  ['containers', 'containers'],
  ['initContainers', 'init containers'],
  ['ephemeralContainers', 'ephemeral containers'],
] as const;

const containerRows = CONTAINERS.map(([list, words]) => {
  const rows = `
ka.req.pod.${list}.args str[]?index Arguments of the ${words}
ka.req.pod.${list}.command str[]?index Commands of the ${words}
ka.req.pod.${list}.name str[]?index Names of the ${words}
ka.req.pod.${list}.image str[]?index Images of the ${words}
ka.req.pod.${list}.image.repository str[]?index Images of the ${words} without tag and digest
ka.req.pod.${list}.privileged str[]?index privileged flags of the ${words}
ka.req.pod.${list}.allow_privilege_escalation str[]?index allowPrivilegeEscalation flags of the ${words}
ka.req.pod.${list}.read_only_fs str[]?index readOnlyRootFilesystem flags of the ${words}
ka.req.pod.${list}.run_as_user str[]?index runAsUser of the ${words}
ka.req.pod.${list}.eff_run_as_user str[]?index User ids with which the ${words} start
ka.req.pod.${list}.run_as_group str[]?index runAsGroup of the ${words}
ka.req.pod.${list}.eff_run_as_group str[]?index Group ids with which the ${words} start
ka.req.pod.${list}.proc_mount str[]?index procMount of the ${words}
ka.req.pod.${list}.add_capabilities str[]?index Capabilities that the ${words} add
`;
  const ports = `ka.req.pod.${list}.host_port str[]?index Host ports of the ${words}\n`;
  return list === 'ephemeralContainers' ? rows : rows + ports;
});

export const K8S_AUDIT_FIELDS = parseFieldRows(
  'ka',
  `
ka.auditid str Unique id of the audit event
ka.stage str Stage of the request: RequestReceived, ResponseComplete, …
ka.auth.decision str Decision of the authorizer: allow or forbid
ka.auth.reason str Reason of the authorizer's decision
ka.auth.openshift.decision str Decision of OpenShift's authentication
ka.auth.openshift.username str User name in OpenShift's authentication
ka.validations.admission.policy.failure str Failure that a validating admission policy reported
ka.security.pod.violations str Pod Security Standards that the pod violates
ka.cluster.name str Name of the cluster
ka.user.name str User that made the request
ka.user.groups str[] Groups of the user
ka.impuser.name str User that is impersonated
ka.verb str What the request does: create, delete, get, …
ka.uri str Request URI
ka.uri.param str!key Value of one query parameter of the request URI
ka.target.name str Name of the object
ka.target.namespace str Namespace of the object
ka.target.resource str Resource of the object: pods, secrets, …
ka.target.subresource str Subresource: exec, attach, log, …
ka.target.pod.name str Name of the pod that the response holds
ka.req.binding.subjects str[] Subjects of a role binding
ka.req.binding.subjects.user_names str[] Names of the users that a role binding binds
ka.req.binding.subjects.serviceaccount_names str[] Names of the service accounts that a role binding binds
ka.req.binding.subjects.serviceaccount_ns_names str[] Service accounts that a role binding binds, as namespace:name
ka.req.binding.subjects.group_names str[] Names of the groups that a role binding binds
ka.req.binding.role str Role that a role binding grants
ka.req.binding.subject.has_name str!key Always true; kept for old rules
ka.req.configmap.name str Name of the config map
ka.req.configmap.obj str Data of the config map as JSON
${containerRows.join('')}
ka.req.container.image str Image of the first container
ka.req.container.image.repository str Image of the first container without tag and digest
ka.req.container.privileged str true if any container is privileged
ka.req.container.host_network str Same as ka.req.pod.host_network
ka.req.pod.host_ipc str hostIPC of the pod
ka.req.pod.host_network str hostNetwork of the pod
ka.req.pod.host_pid str hostPID of the pod
ka.req.pod.run_as_user str runAsUser of the pod's security context
ka.req.pod.run_as_group str runAsGroup of the pod's security context
ka.req.pod.fs_group str fsGroup of the pod's security context
ka.req.pod.supplemental_groups str[] supplementalGroups of the pod's security context
ka.req.role.rules str[] Rules of a role, each as JSON
ka.req.role.rules.apiGroups str[]?index API groups in the rules of a role
ka.req.role.rules.nonResourceURLs str[]?index Non-resource URLs in the rules of a role
ka.req.role.rules.verbs str[]?index Verbs in the rules of a role
ka.req.role.rules.resources str[]?index Resources in the rules of a role
ka.req.service.type str Type of a service
ka.req.service.ports str[]?index Ports of a service, each as JSON
ka.req.pod.volumes.hostpath str[]?index Host paths of the pod's volumes
ka.req.volume.hostpath str!key true if a volume mounts the host path given as argument
ka.req.pod.volumes.flexvolume_driver str[]?index FlexVolume drivers of the pod's volumes
ka.req.pod.volumes.volume_type str[]?index Kinds of the pod's volumes
ka.resp.name str Name of the object in the response
ka.response.code str Status code of the response
ka.response.reason str Reason in the response's status
ka.useragent str User agent of the client
ka.sourceips str[]?index Source addresses; the plugin reads them from a place where they never are
`,
);
