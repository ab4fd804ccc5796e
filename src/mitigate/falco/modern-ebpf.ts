// The lasting cure for alerts about Falco's own driver loader: the modern eBPF probe, which is part of Falco and needs
// neither a module nor a loader. It needs BTF and the BPF ring buffer.

import { parse } from 'yaml';
import { ownCheck } from '../checks/toolbox.ts';
import type { PlanContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import { refs } from '../references.ts';
import { Script } from '../script.ts';
import { toYaml } from '../yaml-text.ts';

/** `falco_ubuntu-generic_5.4.0-198-generic_218.ko` → 5.4.0-198-generic. */
const MODULE = /falco_[\w.-]*?_(\d+\.\d+\.\d+[\w.+~-]*?)_\d+\.ko/;
const KINDS = ['kmod', 'ebpf', 'modern_ebpf', 'replay', 'nodriver'];

export function planModernEbpf(context: PlanContext): Draft | undefined {
  const line = context.views
    .map((view) => view.text('proc.cmdline'))
    .find((text) => MODULE.test(text) || /\/\.falco\//.test(text));
  if (line === undefined && !context.triage.benign.some(({ id }) => id === 'falco-driver-loader'))
    return undefined;
  const kernel = line?.match(MODULE)?.[1];
  const [major = 0, minor = 0] = (kernel ?? '').split('.').map(Number);
  const old = kernel !== undefined && (major < 5 || (major === 5 && minor < 8));
  const config = { engine: { kind: 'modern_ebpf' } };
  const values = { driver: { enabled: true, kind: 'modern_ebpf' } };
  const namespace = context.workload.namespace ?? '<namespace>';
  const script = new Script()
    .note('on each node: the kernel, BTF, and the ring buffer')
    .run(['uname', '-r'])
    .run(['test', '-r', '/sys/kernel/btf/vmlinux'])
    .run(['bpftool', 'feature', 'probe', 'kernel'], { pipe: [['grep', '-E', 'ringbuf|tracing']] })
    .note('where all three are there')
    .run([
      'helm',
      'upgrade',
      'falco',
      'falcosecurity/falco',
      '--namespace',
      namespace,
      '--reuse-values',
      '--set',
      'driver.kind=modern_ebpf',
    ]);
  const yaml = toYaml(config);
  const kind = (parse(yaml) as typeof config).engine.kind;
  return {
    id: 'falco.modern-ebpf',
    family: 'falco',
    phase: 'harden',
    title: 'Run Falco with its modern eBPF probe: no module, no loader',
    why:
      kernel === undefined
        ? 'The alert shows Falco preparing its own kernel module.'
        : 'The alert shows Falco preparing its own kernel module for kernel {0}.',
    values: [kernel ?? ''],
    factIds: context.facts('proc.cmdline', 'yarak.falco.module'),
    artefacts: [
      script.artefact('modern-ebpf.sh'),
      { kind: 'falco-config', filename: 'engine-kind.yaml', language: 'yaml', content: yaml },
      { kind: 'falco-config', filename: 'helm-values.yaml', language: 'yaml', content: toYaml(values) },
    ],
    rollout:
      'Condition: /sys/kernel/btf/vmlinux is there and the kernel has the BPF ring buffer, which usually means 5.8 or newer. ' +
      (old
        ? 'This one says {0}, which is older, so most likely not before the node gets a newer kernel (some vendors port the features back: the commands tell). Until then keep the kernel module, built ahead and loaded at boot on the host instead of from a container.'
        : 'The commands tell. Change one node first and look at Falco’s log.'),
    effect:
      'No driver loader runs any more, so what it did (a shell, chcon, loading a module, in a privileged container) no longer happens and no longer alerts.',
    breaks: 'Nodes without BTF or the ring buffer: Falco does not start there with this kind.',
    rollback: 'helm rollback falco, or engine.kind: kmod.',
    references: refs('falco-drivers', 'M1042', 'D3-DLIC'),
    effort: 'hours',
    checks: [
      ownCheck(
        'yarak falco.yaml reader',
        'Falco 0.44',
        'valid',
        'Is it an engine kind that Falco has?',
        KINDS.includes(kind) ? [] : [`no kind ${kind}`],
        `engine.kind ${kind} is one of ${KINDS.join(', ')}`,
      ),
      ...script.checks(context.tools),
    ],
    unknowns: [
      "the nodes' kernels",
      "the Helm release's name (here: falco)",
      ...(namespace === '<namespace>' ? ['<namespace>'] : []),
    ],
  };
}
