// The planners on the recorded alerts, with every tool that is installed: all four families, no failed check, evidence
// first, exceptions only where the verdict allows them.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyPatch } from 'diff';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { readAlertText } from '../../../src/alerts/index.ts';
import {
  FAMILIES,
  type Mitigation,
  PHASES,
  type PlanOptions,
  planMitigations,
  podSecurityLevel,
  Toolbox,
} from '../../../src/mitigate/index.ts';
import {
  FindingBuilder,
  joinIncidents,
  type Knowledge,
  loadKnowledge,
  type Triage,
  triageIncident,
} from '../../../src/triage/index.ts';

const alerts = process.env['YARAK_ALERTS'] ?? join(import.meta.dirname, '../../alerts');
const stockRules = process.env['YARAK_FALCO_RULES'];
const tools = new Toolbox(true);
let knowledge: Knowledge;
let scenarios: Map<string, string>;

beforeAll(async () => {
  ({ knowledge } = await loadKnowledge([]));
  scenarios = new Map();
  for (const line of readFileSync(join(alerts, 'rich.jsonl'), 'utf8').trim().split('\n')) {
    const { scenario, alert } = JSON.parse(line) as { scenario: string; alert: unknown };
    scenarios.set(scenario, `${scenarios.get(scenario) ?? ''}${JSON.stringify(alert)}\n`);
  }
});

function triage(text: string): Triage[] {
  const builder = new FindingBuilder();
  for (const alert of readAlertText(text).alerts) builder.add(alert);
  return joinIncidents(builder.finish()).map((incident) => triageIncident(incident, knowledge));
}

async function plan(
  text: string,
  options: PlanOptions = {},
): Promise<{ triage: Triage; mitigations: Mitigation[] }[]> {
  const plans = [];
  for (const one of triage(text))
    plans.push({ triage: one, mitigations: await planMitigations(one, { tools, ...options }) });
  return plans;
}

const failedChecks = (mitigations: readonly Mitigation[]) =>
  mitigations.flatMap(({ id, checks }) =>
    checks.filter(({ result }) => result === 'failed').map((c) => `${id}: ${c.tool}: ${c.output}`),
  );
const find = (mitigations: readonly Mitigation[], id: string) =>
  mitigations.find((one) => one.id === id) as Mitigation;

describe('all recorded scenarios', () => {
  it('have all four families, no failed check, and responders in order', async () => {
    for (const [name, text] of scenarios) {
      for (const { triage: one, mitigations } of await plan(text)) {
        expect(failedChecks(mitigations), name).toEqual([]);
        expect(
          mitigations.filter(({ id }) => id.startsWith('failed.')).map(({ reason }) => reason),
          name,
        ).toEqual([]);
        const families = new Set(
          mitigations.filter(({ status }) => status !== 'refused').map(({ family }) => family),
        );
        expect(
          [...FAMILIES].filter((family) => !families.has(family)),
          name,
        ).toEqual([]);
        const phases = mitigations.map(({ phase }) => PHASES.indexOf(phase));
        expect(phases, name).toEqual([...phases].sort((a, b) => a - b));
        const word = one.verdict.word;
        const benign = word === 'benign' || word === 'likely-benign';
        for (const exception of mitigations.filter(({ id }) => id.startsWith('falco.exception'))) {
          if (benign) expect(exception.needsDecision || exception.status === 'refused', name).toBe(true);
          else expect(exception.status, name).toBe('refused');
        }
        if (benign)
          expect(
            mitigations.some(({ phase }) => phase === 'contain' || phase === 'eradicate'),
            name,
          ).toBe(false);
        else expect(mitigations[0]?.phase, name).toBe('preserve');
        for (const { id, status, level } of mitigations) {
          if (status === 'offered')
            expect(['valid', 'simulated', 'proved'], `${name} ${id}`).toContain(level);
        }
      }
    }
  });

  it('never put a pid, a container id, a pod hash or a time in an exception', async () => {
    for (const [name, text] of scenarios) {
      for (const { mitigations } of await plan(text)) {
        for (const { id, artefacts } of mitigations) {
          if (!id.startsWith('falco.exception')) continue;
          for (const { content } of artefacts)
            expect(content, name).not.toMatch(/proc\.pid|container\.id|k8s\.pod\.name|evt\.time/);
        }
      }
    }
  });
});

/** As Helm prints it: lists not indented, odd blanks, comments, several documents. */
const MANIFEST = `---
# Source: shop/templates/service.yaml
apiVersion: v1
kind: Service
metadata:
  name: checkout   # keep this comment
spec:
  selector: {app: checkout}
  ports:
  - port: 80
---
# Source: shop/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: checkout
  namespace: shop
  labels:
    app: checkout
spec:
  replicas: 2
  selector:
    matchLabels:
      app: checkout
  template:
    metadata:
      labels:
        app: checkout
    spec:
      hostPID: true
      # the sidecar comes first
      containers:
      - name: proxy
        image: docker.io/envoyproxy/envoy:v1.31
      - name: app
        image: registry.example.com/shop/checkout:1.4.2   # built by CI
        securityContext:
          privileged: true
        volumeMounts:
        - name: host
          mountPath: /host
        - name: data
          mountPath: /data
      volumes:
      - name: host
        hostPath:
          path: /
      - name: data
        emptyDir: {}
---
# Source: shop/templates/config.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: checkout
data:
  a: "1"
`;

describe("the reader's manifest", () => {
  const file = 'checkout.yaml';
  const text = MANIFEST;

  it('is changed by two diffs that apply one after the other and keep comments, order and the other documents', async () => {
    const [first] = await plan(scenarios.get('cryptominer_stratum') as string, {
      manifests: [{ file, text }],
    });
    const mitigations = first?.mitigations ?? [];
    const workload = find(mitigations, 'container.workload');
    const rights = find(mitigations, 'privileges.security-context');
    const once = applyPatch(text, workload.artefacts[0]?.content as string) as string;
    const twice = applyPatch(once, rights.artefacts[0]?.content as string) as string;
    expect(twice).toContain('name: checkout   # keep this comment');
    expect(twice).toContain('# built by CI');
    expect(twice).toContain('# the sidecar comes first');
    expect(twice).toContain('selector: {app: checkout}');
    const before = parseAllDocuments(text).map((document) => document.toJS());
    const after = parseAllDocuments(twice).map((document) => document.toJS());
    expect(after[0]).toEqual(before[0]);
    expect(after[2]).toEqual(before[2]);
    expect(podSecurityLevel(before[1])?.level).toBe('privileged');
    expect(podSecurityLevel(after[1])?.level).toBe('restricted');
    const [proxy, app] = after[1]?.spec.template.spec.containers ?? [];
    expect(app.securityContext.readOnlyRootFilesystem).toBe(true);
    expect(proxy.securityContext.readOnlyRootFilesystem).toBeUndefined();
    expect(app.image).toMatch(/^registry\.example\.com\/shop\/checkout:1\.4\.2@sha256:[0-9a-f]{64}$/);
    expect(app.volumeMounts.map((mount: { mountPath: string }) => mount.mountPath)).toEqual([
      '/data',
      '/tmp',
    ]);
    expect(after[1]?.spec.template.spec.hostPID).toBe(false);
    expect(workload.level).toBe('simulated');
    expect(rights.level).toBe('simulated');
    // Only what changes is in the diff.
    const removed = (workload.artefacts[0]?.content ?? '').split('\n').filter((line) => /^-[^-]/.test(line));
    expect(
      removed.every((line) => /hostPID|privileged|image:|host|path: \//.test(line)),
      removed.join('\n'),
    ).toBe(true);
  });

  it('of another workload is left alone', async () => {
    const other = text.replaceAll('checkout', 'catalogue');
    const [first] = await plan(scenarios.get('cryptominer_stratum') as string, {
      manifests: [{ file, text: other }],
    });
    expect(find(first?.mitigations ?? [], 'container.workload').artefacts[0]?.kind).toBe('kubernetes-patch');
  });

  it('with errors costs nothing else', async () => {
    const [first] = await plan(scenarios.get('cryptominer_stratum') as string, {
      manifests: [{ file: 'x.yaml', text: 'a: [\nkind: {{ .Values.x }}' }],
    });
    expect(find(first?.mitigations ?? [], 'container.workload').level).toBe('simulated');
  });
});

describe("Falco's own driver loader", () => {
  it('bare: the modern probe with its condition, no exception, and the rule called too broad', async () => {
    const text = readFileSync(join(import.meta.dirname, '../../../examples/shell-in-container.json'), 'utf8');
    const [first] = await plan(text);
    const mitigations = first?.mitigations ?? [];
    const probe = find(mitigations, 'falco.modern-ebpf');
    expect(probe.values).toContain('5.4.0-198-generic');
    expect(probe.rollout).toMatch(/\/sys\/kernel\/btf\/vmlinux.*5\.8.*older/s);
    expect(probe.artefacts[0]?.content).toContain('driver.kind=modern_ebpf');
    expect(find(mitigations, 'falco.exception').status).toBe('refused');
    expect(find(mitigations, 'falco.too-broad').level).toBe('simulated');
    expect(find(mitigations, 'privileges.apparmor').title).toMatch(/other containers/);
    expect(find(mitigations, 'falco.append-output').artefacts[0]?.content).toContain(
      'container.image.digest',
    );
  });

  it('full: a narrow exception, simulated, for a person to decide', async () => {
    const [first] = await plan(readFileSync(join(alerts, 'detect-shell-in-container.jsonl'), 'utf8'));
    const exception = find(first?.mitigations ?? [], 'falco.exception');
    expect(exception).toMatchObject({ status: 'offered', level: 'simulated', needsDecision: true });
    expect(exception.artefacts[0]?.content).toContain('docker.io/falcosecurity/falco-driver-loader');
    expect(exception.checks.map(({ output }) => output).join()).toMatch(
      /another image; a command appended; a renamed program/,
    );
  });
});

describe.skipIf(stockRules === undefined)("Falco's stock rules (YARAK_FALCO_RULES)", () => {
  it('take the exceptions, or their own hook macro, without a warning', async () => {
    const folder = stockRules as string;
    const rules = readdirSync(folder)
      .filter((name) => name.endsWith('.yaml'))
      .sort(
        (a, b) => Number(b === 'falco_rules.yaml') - Number(a === 'falco_rules.yaml') || a.localeCompare(b),
      )
      .map((name) => ({ name, content: readFileSync(join(folder, name), 'utf8') }));
    let simulated = 0;
    for (const [name, text] of scenarios) {
      for (const { mitigations } of await plan(text, { rules })) {
        expect(failedChecks(mitigations), name).toEqual([]);
        simulated += mitigations.filter(
          ({ id, level }) => id.startsWith('falco.exception') && level === 'simulated',
        ).length;
      }
    }
    expect(simulated).toBeGreaterThan(5);
  });
});

describe('hostile alerts', () => {
  const nasty = [
    "'; rm -rf / #",
    '$(reboot)',
    '`reboot`',
    '\u001b[2J\u202e',
    '"}\nrule: x',
    '{{ .Values.x }}',
    'a'.repeat(100_000),
    '-rf',
    '../../etc/passwd',
    '[x](javascript:alert(1))',
    '\u0000',
  ];
  it.each(nasty.map((value) => [JSON.stringify(value).slice(0, 40), value]))(
    '%s becomes no command and breaks no plan',
    async (_name, value) => {
      const record = {
        time: '2026-11-24T03:18:20Z',
        rule: value,
        priority: 'Critical',
        source: 'syscall',
        output: value,
        hostname: value,
        tags: [value],
        output_fields: {
          'container.id': value,
          'container.name': value,
          'container.image.repository': value,
          'k8s.ns.name': value,
          'k8s.pod.name': value,
          'proc.cmdline': `bash -c ${value}`,
          'proc.name': value,
          'proc.exepath': `/tmp/${value}`,
          'proc.is_exe_upper_layer': true,
          'fd.name': `/tmp/${value}`,
          'user.name': value,
          'user.loginname': value,
          'evt.type': 'openat',
        },
      };
      const plans = await plan(`${JSON.stringify(record)}\n`);
      expect(plans.length).toBeGreaterThan(0);
      for (const { mitigations } of plans) {
        expect(mitigations.length).toBeGreaterThan(3);
        expect(mitigations.filter(({ id }) => id.startsWith('failed.')).map(({ reason }) => reason)).toEqual(
          [],
        );
        for (const { artefacts, checks } of mitigations) {
          for (const { kind, content } of artefacts) {
            expect(content).not.toMatch(/[\u0000\u001b\u202e]/);
            if (kind === 'command')
              expect(checks.filter((c) => c.tool === 'bash').map((c) => c.result)).not.toContain('failed');
          }
        }
      }
    },
  );
});
