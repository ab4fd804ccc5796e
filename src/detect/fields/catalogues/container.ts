// Fields of Falco's container plugin, which come with every syscall source that has it.

import { parseFieldRows } from './rows.ts';
import { UNVERIFIED } from './unverified.ts';

export const CONTAINER_FIELDS = parseFieldRows(
  'container',
  `
container.id str Container id, cut to 12 characters; host outside containers
container.full_id str Full container id; host outside containers
container.name str Container name; host outside containers
container.image str Image name with its tag or digest
container.image.id str Image id
container.type str Container engine: docker, containerd, cri-o, podman, …
container.privileged bool True if the container runs privileged
container.mounts str All mounts as source:destination:mode:rdwr:propagation, comma-separated
container.mount str!any One mount, by position or source path, as in container.mounts
container.mount.source str!any Source of a mount, by position or destination path
container.mount.dest str!any Destination of a mount, by position or source path
container.mount.mode str!any Mode of a mount, by position or source path
container.mount.rdwr str!any Whether a mount is writable, by position or source path
container.mount.propagation str!any Propagation of a mount, by position or source path
container.image.repository str Image repository, without tag and digest
container.image.tag str Image tag
container.image.digest str Image registry digest
container.healthcheck str Health check command; no longer filled
container.liveness_probe str Liveness probe command; no longer filled
container.readiness_probe str Readiness probe command; no longer filled
container.start_ts abstime Start of the container's first process in nanoseconds
container.duration reltime Nanoseconds since the container's first process started
container.ip str Primary address of the container
container.cni.json str Result of the pod network's CNI plugin as JSON
container.host_pid bool True if the container shares the host's pid namespace
container.host_network bool True if the container shares the host's network namespace
container.host_ipc bool True if the container shares the host's IPC namespace
container.label str!key One label of the container
container.labels str All labels of the container as key:value, comma-separated
proc.is_container_healthcheck bool Once true for health check processes; no longer filled
proc.is_container_liveness_probe bool Once true for liveness probe processes; no longer filled
proc.is_container_readiness_probe bool Once true for readiness probe processes; no longer filled
k8s.pod.name str Name of the pod
k8s.ns.name str Namespace of the pod
k8s.pod.id str Pod sandbox id; older name of k8s.pod.sandbox_id
k8s.pod.uid str Unique id of the pod in Kubernetes
k8s.pod.sandbox_id str Pod sandbox id, cut to 12 characters
k8s.pod.full_sandbox_id str Full pod sandbox id
k8s.pod.label str!key One label of the pod
k8s.pod.labels str All labels of the pod as key:value, comma-separated
k8s.pod.ip str Address of the pod
k8s.pod.cni.json str Result of the pod network's CNI plugin as JSON
k8s.rc.name str Name of the replication controller; no longer filled
k8s.rc.id str Id of the replication controller; no longer filled
k8s.rc.label str!key Label of the replication controller; no longer filled
k8s.rc.labels str Labels of the replication controller; no longer filled
k8s.svc.name str Name of the service; no longer filled
k8s.svc.id str Id of the service; no longer filled
k8s.svc.label str!key Label of the service; no longer filled
k8s.svc.labels str Labels of the service; no longer filled
k8s.ns.id str Id of the namespace; no longer filled
k8s.ns.label str!key Label of the namespace; no longer filled
k8s.ns.labels str Labels of the namespace; no longer filled
k8s.rs.name str Name of the replica set; no longer filled
k8s.rs.id str Id of the replica set; no longer filled
k8s.rs.label str!key Label of the replica set; no longer filled
k8s.rs.labels str Labels of the replica set; no longer filled
k8s.deployment.name str Name of the deployment; no longer filled
k8s.deployment.id str Id of the deployment; no longer filled
k8s.deployment.label str!key Label of the deployment; no longer filled
k8s.deployment.labels str Labels of the deployment; no longer filled
`,
).map((field) => (UNVERIFIED.has(field.name) ? { ...field, unverified: true } : field));

/** Fields that `append_output` adds with `suggested_output`. */
export const SUGGESTED_FIELDS: readonly string[] = [
  'container.id',
  'container.name',
  'container.image.repository',
  'container.image.tag',
  'k8s.pod.name',
  'k8s.ns.name',
];
