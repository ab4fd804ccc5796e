// What every planner asks of an incident: its fields over all samples, its workload, what ran, and which of the
// reader's manifests is about it.

import type { FieldValue } from '../alerts/index.ts';
import { type AlertView, type Fact, type Triage, viewsOf, type Workload } from '../triage/index.ts';
import { DEFAULT_KUBERNETES_VERSION, type KubernetesVersion } from './checks/kubernetes-schema.ts';
import { Toolbox } from './checks/toolbox.ts';
import { findTarget, type ManifestTarget } from './container/manifests.ts';

export interface PlanOptions {
  /** Kubernetes manifests of the reader's, in any number of documents each. */
  readonly manifests?: readonly { readonly file: string; readonly text: string }[];
  /** Falco rule files, in Falco's order. */
  readonly rules?: readonly { readonly name: string; readonly content: string }[];
  readonly kubernetesVersion?: KubernetesVersion;
  /** Share one over the incidents of a run, so that the same artefact is checked once. By default a new one. */
  readonly tools?: Toolbox;
}

export interface PlanContext {
  readonly triage: Triage;
  readonly options: PlanOptions;
  readonly tools: Toolbox;
  readonly version: KubernetesVersion;
  readonly views: readonly AlertView[];
  readonly workload: Workload;
  /** Ids of behaviours that are certain. */
  readonly behaviours: ReadonlySet<string>;
  /** Ids of their ATT&CK techniques, parents included. */
  readonly techniques: ReadonlySet<string>;
  readonly verdict: Triage['verdict']['word'];
  /** malicious or likely-malicious. */
  readonly hostile: boolean;
  /** benign or likely-benign. */
  readonly benign: boolean;
  readonly place: 'container' | 'host' | 'kubernetes-audit' | 'cloud' | 'unknown';
  readonly target: ManifestTarget | undefined;
  /** The first value of a field as text, `''` when no alert shows it. */
  text(field: string): string;
  /** All different values of a field, lists flattened, bounded. */
  all(field: string): string[];
  is(field: string, value: FieldValue): boolean;
  /** Ids of the facts that rest on these fields. */
  facts(...fields: string[]): string[];
}

const MAX_VALUES = 50;

export function planContext(triage: Triage, options: PlanOptions): PlanContext {
  const views = viewsOf(triage.incident).flatMap((finding) => finding.views);
  const certain = triage.behaviours.filter((behaviour) => behaviour.truth === 'true');
  const techniques = new Set(
    certain.flatMap((b) => b.techniques.flatMap(({ id }) => [id, id.split('.')[0] as string])),
  );
  const workload = mergeWorkloads(triage.incident.findings.map((finding) => finding.workload));
  const word = triage.verdict.word;
  return {
    triage,
    options,
    tools: options.tools ?? new Toolbox(true),
    version: options.kubernetesVersion ?? DEFAULT_KUBERNETES_VERSION,
    views,
    workload,
    behaviours: new Set(certain.map((behaviour) => behaviour.id)),
    techniques,
    verdict: word,
    hostile: word === 'malicious' || word === 'likely-malicious',
    benign: word === 'benign' || word === 'likely-benign',
    place: workload.kind,
    target: findTarget(options.manifests ?? [], workload),
    text: (field) => {
      for (const view of views) {
        const value = view.text(field);
        if (value !== '' && value !== '<NA>') return value;
      }
      return '';
    },
    all: (field) => {
      const values = new Set<string>();
      for (const view of views) {
        for (const value of [view.get(field) ?? []].flat()) {
          if (value !== null && value !== '' && value !== '<NA>' && values.size < MAX_VALUES)
            values.add(String(value));
        }
      }
      return [...values];
    },
    is: (field, value) => views.some((view) => view.get(field) === value),
    facts: (...fields) => factsAbout(triage.facts, fields),
  };
}

function factsAbout(facts: readonly Fact[], fields: readonly string[]): string[] {
  return facts.filter((fact) => fields.includes(fact.field)).map((fact) => fact.id);
}

/** The fullest picture: a finding that names its pod comes first, then what it lacks from the others. */
function mergeWorkloads(workloads: readonly Workload[]): Workload {
  const order = { container: 0, 'kubernetes-audit': 1, cloud: 2, host: 3, unknown: 4 };
  const sorted = [...workloads].sort(
    (a, b) => order[a.kind] - order[b.kind] || Object.keys(b).length - Object.keys(a).length,
  );
  const merged: Record<string, unknown> = {};
  const kind = sorted[0]?.kind ?? 'unknown';
  for (const workload of sorted) {
    if (workload.kind !== kind) continue;
    for (const [key, value] of Object.entries(workload)) if (value !== undefined) merged[key] ??= value;
  }
  return { ...merged, kind };
}
