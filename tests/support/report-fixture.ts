// A report written by hand, with every part of the model in use: what the renderers' tests read. `text` rewrites each
// value that an attacker could have written.

import type { Alert } from '../../src/alerts/index.ts';
import type { Mitigation } from '../../src/mitigate/index.ts';
import type { IncidentReport, Report } from '../../src/report/index.ts';
import type { Finding, Question, Triage } from '../../src/triage/index.ts';

type Rewrite = (text: string) => string;
const same: Rewrite = (text) => text;

const CMDLINE =
  'bash -c chcon -t modules_object_t "/root/.falco/7.3.0+driver/x86_64/falco_ubuntu-generic_5.4.0-198-generic_218.ko"';
const FIRST_NS = 1_795_490_300_461_273_900n;

function alert(text: Rewrite): Alert {
  const fields = new Map<string, string | null | bigint>([
    ['container.id', text('185304d1bba4')],
    ['container.image.repository', null],
    ['evt.time.iso8601', FIRST_NS],
    ['proc.cmdline', text(CMDLINE)],
    ['proc.name', text('bash')],
    ['user.name', text('root')],
  ]);
  return {
    ref: { file: text('alerts.jsonl'), line: 1 },
    rule: text('Detect Shell in Container'),
    priority: 'Warning',
    source: 'syscall',
    timeNs: FIRST_NS,
    hostname: text('k8s-master-01'),
    tags: [text('container')],
    output: text(`Warning Shell command executed in container (user=root command=${CMDLINE})`),
    fields,
    fieldsFrom: 'json',
    raw: text(`{"rule":"Detect Shell in Container","hostname":"k8s-master-01"}`),
  };
}

function finding(text: Rewrite): Finding {
  const spread = (value: string) => ({ values: [text(value)], total: 1, atLeast: false });
  return {
    id: '0011223344556677',
    fingerprint: [
      { name: 'rule', value: text('Detect Shell in Container') },
      { name: 'process', value: text('bash') },
    ],
    rule: text('Detect Shell in Container'),
    source: 'syscall',
    priority: 'Warning',
    tags: [text('container')],
    workload: { kind: 'container', containerId: text('185304d1bba4'), node: text('k8s-master-01') },
    count: 4120,
    firstSeenNs: FIRST_NS,
    lastSeenNs: FIRST_NS + 42_000_000_000n,
    spread: {
      nodes: spread('k8s-master-01'),
      pods: { values: [], total: 0, atLeast: false },
      images: { values: [], total: 0, atLeast: false },
      users: spread('root'),
    },
    refs: [{ file: text('alerts.jsonl'), line: 1 }],
    samples: [alert(text)],
  };
}

function question(text: Rewrite): Question {
  return {
    text: 'Does the container run the image that the Falco chart deploys as its driver loader?',
    command: `crictl inspect ${text('185304d1bba4').replace(/[^\w.-]/g, '_')} | jq -r .status.imageRef`,
    ifSo: 'The command is part of loading the driver.',
    ifNot: 'Somebody labels a kernel module that is not the loader: treat it as an intrusion.',
  };
}

function mitigation(text: Rewrite, change: Partial<Mitigation>): Mitigation {
  return {
    id: 'restricted-security-context',
    family: 'privileges',
    phase: 'harden',
    title: 'Run {0} under the restricted Pod Security Standard',
    why: '{0} ran a shell as root.',
    values: [text('container 185304d1bba4')],
    factIds: ['fact-1'],
    artefacts: [
      {
        kind: 'kubernetes-patch',
        filename: 'restricted.patch.yaml',
        language: 'yaml',
        content: `spec:\n  template:\n    spec:\n      containers:\n        - name: ${text('<container>')}\n`,
      },
    ],
    rollout: 'Apply it to the owner, not to the pod; roll out with warn and audit first.',
    effect: 'The shell no longer starts as root.',
    breaks: 'An entrypoint that needs root, ports below 1024.',
    rollback: 'kubectl rollout undo',
    references: [
      {
        id: 'Pod Security Standards (restricted)',
        url: 'https://kubernetes.io/docs/concepts/security/pod-security-standards/',
      },
      { id: 'NIST SP 800-190 4.4.3' },
    ],
    effort: 'hours',
    checks: [
      {
        tool: 'Kubernetes schema',
        version: '1.34',
        level: 'valid',
        result: 'passed',
        output: 'ok',
        asked: 'Is every key known?',
      },
      {
        tool: 'apparmor_parser',
        version: '3.0.8',
        level: 'valid',
        result: 'skipped',
        output: text('not installed: apt-get install apparmor'),
        asked: 'Does the profile compile?',
      },
    ],
    level: 'valid',
    status: 'offered',
    needsDecision: false,
    destructive: false,
    unknowns: ['the name of the container'],
    ...change,
  };
}

function triage(text: Rewrite): Triage {
  const one = finding(text);
  return {
    incident: {
      id: 'inc-0011223344556677',
      findings: [one],
      joinedBy: [{ kind: 'container', value: text('185304d1bba4') }],
      firstSeenNs: one.firstSeenNs,
      lastSeenNs: one.lastSeenNs,
    },
    title: { text: '{0} set the SELinux type of a kernel module', values: [text('bash')] },
    facts: [
      {
        id: 'fact-1',
        text: '{0} ran {1}',
        values: [text('bash'), text(CMDLINE)],
        field: 'proc.cmdline',
        from: 'field',
        ref: { file: text('alerts.jsonl'), line: 1 },
      },
    ],
    behaviours: [
      {
        id: 'shell-in-container',
        title: 'Shell in a container',
        severity: 'medium',
        techniques: [{ id: 'T1059.004', name: 'Unix Shell', tactics: ['Execution'] }],
        truth: 'true',
        fields: ['proc.name', 'container.id'],
        missing: [],
        findingIds: [one.id],
        questions: [question(text)],
      },
      {
        id: 'kernel-module-load',
        title: 'Kernel module loaded',
        severity: 'high',
        techniques: [
          {
            id: 'T1547.006',
            name: 'Kernel Modules and Extensions',
            tactics: ['Persistence', 'Privilege Escalation'],
          },
        ],
        truth: 'unknown',
        fields: [],
        missing: ['proc.pexepath'],
        findingIds: [one.id],
        questions: [],
      },
    ],
    benign: [
      {
        id: 'falco-driver-loader',
        title: "Falco's driver loader",
        strength: 'claimed',
        held: ['The path is where the loader keeps its modules.'],
        notShown: ['container.image.digest'],
        findingIds: [one.id],
      },
    ],
    verdict: {
      word: 'undetermined',
      leaning: 'benign',
      because: 'The command is the one that the driver loader runs, but nothing shows which image ran it.',
      evidence: [
        {
          id: 'loader-path',
          text: '{0} is where the driver loader keeps its modules',
          values: [text('/root/.falco/7.3.0+driver/x86_64')],
          weight: -3,
          fields: ['proc.cmdline'],
          spoofable: true,
          findingIds: [one.id],
        },
        {
          id: 'shell-as-root',
          text: 'A shell ran as {0}',
          values: [text('root')],
          weight: 2,
          fields: ['user.name'],
          spoofable: false,
          findingIds: [one.id],
        },
      ],
      missing: [
        {
          field: 'container.image.repository',
          why: 'it names the image that ran the command',
          command: 'crictl ps -a --no-trunc',
          askFor: true,
        },
      ],
      decides: question(text),
    },
    processes: [
      {
        id: 'p0',
        name: text('containerd-shim'),
        children: [
          {
            id: 'p1',
            name: text('bash'),
            pid: 4711,
            exepath: text('/usr/bin/bash'),
            cmdline: text(CMDLINE),
            user: text('root'),
            children: [],
            findingIds: [one.id],
            seenOnlyAsAncestor: false,
          },
        ],
        findingIds: [],
        seenOnlyAsAncestor: true,
      },
    ],
    timeline: [
      {
        timeNs: FIRST_NS,
        kind: 'alert',
        text: '{0} ran a shell',
        values: [text('bash')],
        count: 4119,
        findingId: one.id,
      },
      { timeNs: FIRST_NS + 42_000_000_000n, kind: 'network', text: 'the last of them', values: [], count: 1 },
      { timeNs: undefined, kind: 'audit', text: 'an entry without a time', values: [], count: 1 },
    ],
    playbooks: [
      {
        rule: 'Detect Shell in Container',
        meaning: 'A shell started in a container.',
        benignCauses: ['An operator used kubectl exec.'],
        questions: [],
        limits: ['It does not see a shell that another interpreter imitates.'],
      },
    ],
  };
}

function incident(text: Rewrite): IncidentReport {
  const one = triage(text);
  return {
    triage: one,
    whatHappened: [
      {
        text: 'In container {0} on {1}, {2} ran {3} as {4}.',
        values: [
          text('185304d1bba4'),
          text('k8s-master-01'),
          text('bash'),
          text('chcon -t modules_object_t'),
          text('root'),
        ],
        fields: ['container.id', 'hostname', 'proc.name', 'proc.cmdline', 'user.name'],
      },
      {
        text: 'It happened 4,120 times in 42 s.',
        values: [],
        fields: ['time'],
      },
    ],
    doNow: {
      text: 'Find out which image {0} runs.',
      values: [text('185304d1bba4')],
      command: question(text).command as string,
    },
    mitigations: [
      mitigation(text, {
        id: 'keep-evidence',
        family: 'monitoring',
        phase: 'preserve',
        title: 'Keep the evidence of {0}',
        artefacts: [
          { kind: 'command', filename: 'preserve.sh', language: 'sh', content: 'crictl logs 185304d1bba4\n' },
        ],
      }),
      mitigation(text, {
        id: 'remove-shell',
        family: 'container',
        title: 'Build the image without a shell',
        status: 'proposal',
        level: 'none',
      }),
      mitigation(text, {}),
      mitigation(text, {
        id: 'exception',
        family: 'falco',
        phase: 'tune',
        title: 'Except the driver loader',
        status: 'refused',
        level: 'none',
        reason: 'Nothing that an attacker does not control tells this command from an attack: {0}.',
        artefacts: [],
        checks: [],
        needsDecision: true,
      }),
      mitigation(text, {
        id: 'kill',
        family: 'container',
        phase: 'eradicate',
        title: 'Delete {0}',
        destructive: true,
        needsDecision: true,
      }),
    ],
    questions: [question(text)],
    gaps: [
      {
        text: 'The image is not shown: {0} has no value.',
        values: ['container.image.repository'],
        fields: ['container.image.repository'],
      },
    ],
    indicators: [
      {
        kind: 'file',
        value: text('/root/.falco/7.3.0+driver/x86_64/falco_ubuntu-generic_5.4.0-198-generic_218.ko'),
        field: 'proc.cmdline',
      },
      { kind: 'ip', value: text('203.0.113.9'), field: 'fd.sip' },
      { kind: 'url', value: text('http://203.0.113.9/x'), field: 'proc.cmdline' },
      { kind: 'domain', value: text('evil.example'), field: 'proc.cmdline' },
      { kind: 'user', value: text('root'), field: 'user.name' },
      { kind: 'image', value: text('docker.io/library/nginx'), field: 'container.image.repository' },
      { kind: 'hash', value: 'a'.repeat(64), field: 'container.image.digest' },
    ],
    redactions: [{ kind: 'password', field: 'proc.cmdline', count: 1 }],
    records: [
      {
        ref: { file: text('alerts.jsonl'), line: 1 },
        timeNs: FIRST_NS,
        sha256: 'b'.repeat(64),
        raw: text('{"rule":"Detect Shell in Container","hostname":"k8s-master-01"}'),
      },
    ],
  };
}

/** The report; `text` rewrites what an attacker could have written (default: as it is). */
export function fixtureReport(text: Rewrite = same): Report {
  return {
    schemaVersion: '1.0',
    generator: { name: 'yarak', version: '0.1.0', attackVersion: '19.0' },
    input: { names: [text('alerts.jsonl')], read: 4121, accepted: 4120, rejected: 1 },
    incidents: [incident(text)],
    health: [
      {
        kind: 'drops',
        alert: alert(text),
        summary: 'Falco dropped 120 system call events in 1 s: what they were is not known.',
      },
    ],
    diagnostics: [
      {
        code: 'ALERT_NOT_JSON',
        severity: 'error',
        message: `Found ${text('}')} where a value was expected`,
        at: { file: text('alerts.jsonl'), from: 0, to: 1, line: 2, column: 1 },
        help: 'Each line is one JSON object.',
      },
    ],
  };
}
