// From alerts to what a report is built of: findings and incidents, triage, mitigations. The command line's one place
// that puts the rooms together; alerts are added as they are read and not kept.

import { readFileSync, statSync } from 'node:fs';
import type { Alert, ReadOptions } from '../alerts/index.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import { terminalText } from '../base/escape/terminal.ts';
import type { Rule } from '../detect/rules/index.ts';
import type { KubernetesVersion, Mitigation } from '../mitigate/index.ts';
import {
  AlertTimes,
  type CaptureSource,
  captureStories,
  FindingBuilder,
  joinIncidents,
  loadKnowledge,
  type Triage,
  triageIncident,
} from '../triage/index.ts';
import { CliError, systemError } from './error.ts';

export interface AnalysisOptions {
  /** Falco rule files, in Falco's order. */
  readonly rules: readonly string[];
  /** Kubernetes manifests of the workload. */
  readonly manifests: readonly string[];
  /** Folders of the user's own knowledge packs. */
  readonly knowledge: readonly string[];
  readonly kubernetesVersion?: string;
  /** Captures in which the alerts are looked for. */
  readonly captures?: readonly CaptureSource[];
}

export interface Analysis {
  /** What is wrong with the rule files, manifests and packs. */
  readonly diagnostics: readonly Diagnostic[];
  readonly attackVersion: string;
  readonly readOptions: Pick<ReadOptions, 'rules'>;
  /** The rules as Falco loads them; undefined when Falco would refuse the files. */
  readonly rules: readonly Rule[] | undefined;
  add(alert: Alert): void;
  finish(): Promise<{ readonly triage: Triage; readonly mitigations: readonly Mitigation[] }[]>;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw systemError(`cannot read ${terminalText(file)}`, error);
  }
}

/** Rules by whose templates text lines are recognised, and what Falco's loader says of the files. */
async function readRules(files: readonly string[]): Promise<{
  readonly readOptions: Pick<ReadOptions, 'rules'>;
  readonly texts: readonly { readonly name: string; readonly content: string }[];
  readonly rules: readonly Rule[];
  readonly loaded: boolean;
  readonly diagnostics: readonly Diagnostic[];
}> {
  if (files.length === 0) return { readOptions: {}, texts: [], rules: [], loaded: true, diagnostics: [] };
  const texts = files.map((name) => ({ name, content: readText(name) }));
  const { loadRules } = await import('../detect/rules/index.ts');
  const { rules, results } = loadRules(texts);
  const diagnostics = results.flatMap(({ errors, warnings }) =>
    [...errors, ...warnings].map((finding) => finding.diagnostic),
  );
  const loaded = results.every(({ successful }) => successful);
  return { readOptions: { rules }, texts, rules, loaded, diagnostics };
}

async function readVersion(given: string | undefined): Promise<KubernetesVersion> {
  const { DEFAULT_KUBERNETES_VERSION, KUBERNETES_VERSIONS } = await import('../mitigate/index.ts');
  if (given === undefined) return DEFAULT_KUBERNETES_VERSION;
  const known = KUBERNETES_VERSIONS.find((version) => version === given);
  if (known === undefined)
    throw new CliError(
      2,
      `unknown Kubernetes version ${terminalText(given)}; known are ${KUBERNETES_VERSIONS.join(', ')}`,
    );
  return known;
}

async function readKnowledge(folders: readonly string[]) {
  for (const folder of folders) {
    try {
      if (!statSync(folder).isDirectory()) throw new CliError(3, `${terminalText(folder)} is not a folder`);
    } catch (error) {
      throw error instanceof CliError ? error : systemError(`cannot read ${terminalText(folder)}`, error);
    }
  }
  return loadKnowledge(folders);
}

/** Loads what the options name. Throws `CliError`: 2 for a Kubernetes version that is not known, 3 for files. */
export async function createAnalysis(options: AnalysisOptions): Promise<Analysis> {
  const { readOptions, texts, rules, loaded, diagnostics: ruleDiagnostics } = await readRules(options.rules);
  const captures = options.captures ?? [];
  const manifests = options.manifests.map((file) => ({ file, text: readText(file) }));
  const kubernetesVersion = await readVersion(options.kubernetesVersion);
  const { knowledge, diagnostics: packDiagnostics } = await readKnowledge(options.knowledge);
  const builder = new FindingBuilder();
  const times = new AlertTimes();
  return {
    diagnostics: [...ruleDiagnostics, ...packDiagnostics],
    attackVersion: knowledge.attackVersion,
    readOptions,
    rules: loaded ? rules : undefined,
    add: (alert) => {
      builder.add(alert);
      if (captures.length > 0) times.add(alert);
    },
    async finish() {
      const incidents = joinIncidents(builder.finish());
      const stories = captures.length === 0 ? undefined : await captureStories(incidents, times, captures);
      const triages = incidents.map((incident) => {
        const reading = stories?.get(incident.id);
        return reading === undefined
          ? triageIncident(incident, knowledge, { rules })
          : triageIncident(reading.incident, knowledge, { rules, capture: reading.story });
      });
      const { planMitigations, Toolbox } = await import('../mitigate/index.ts');
      const tools = new Toolbox(true);
      const planned: { triage: Triage; mitigations: readonly Mitigation[] }[] = [];
      // One after the other: the checks start processes, and equal artefacts are checked once.
      for (const triage of triages) {
        planned.push({
          triage,
          mitigations: await planMitigations(triage, { rules: texts, manifests, kubernetesVersion, tools }),
        });
      }
      return planned;
    },
  };
}
