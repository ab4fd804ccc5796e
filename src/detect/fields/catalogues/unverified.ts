// Fields of the syscall source whose value no recorded vector shows: neither the field dumps of captures nor the
// alerts that Falco printed for them. They are computed as Falco's documentation and behaviour elsewhere suggest.

export const UNVERIFIED: ReadonlySet<string> = new Set(
  `
evt.pluginname evt.plugininfo evt.latency.quantized evt.outputtime evt.type.is evt.rawarg evt.count.procinfo
evt.count.threadinfo evt.around evt.buflen.in evt.buflen.out evt.buflen.file evt.buflen.file.in evt.buflen.file.out
evt.buflen.net evt.buflen.net.in evt.buflen.net.out evt.infra.docker.name evt.infra.docker.container.id
evt.infra.docker.container.name evt.infra.docker.container.image proc.vpgid.name proc.pgid.name thread.nametid
thread.vmsize.b thread.vmrss.b proc.stdin.name proc.stdout.name proc.stderr.name fd.ip fd.port fd.proto fd.net fd.cnet
fd.snet fd.lnet fd.rnet fd.cip.name fd.sip.name fd.lip.name fd.rip.name container.full_id container.image.id
container.mount container.mount.source container.mount.dest container.mount.mode container.mount.rdwr
container.mount.propagation container.healthcheck container.liveness_probe container.readiness_probe
container.duration container.cni.json container.host_pid container.host_network container.host_ipc container.labels
proc.is_container_healthcheck proc.is_container_liveness_probe proc.is_container_readiness_probe k8s.pod.id
k8s.pod.sandbox_id k8s.pod.full_sandbox_id k8s.pod.label k8s.pod.ip k8s.pod.cni.json k8s.rc.name k8s.rc.id k8s.rc.label
k8s.rc.labels k8s.svc.name k8s.svc.id k8s.svc.label k8s.svc.labels k8s.ns.id k8s.ns.label k8s.ns.labels k8s.rs.name
k8s.rs.id k8s.rs.label k8s.rs.labels k8s.deployment.name k8s.deployment.id k8s.deployment.label k8s.deployment.labels
`
    .trim()
    .split(/\s+/),
);
