// From alerts to what a report is built of: findings and incidents, triage, mitigations. The command line's one place
// that puts the rooms together; alerts are added as they are read and not kept.

import { readFileSync, statSync } from 'node:fs';
import type { Alert, ReadOptions } from '../alerts/index.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import { terminalText } from '../base/escape/terminal.ts';
import type { KubernetesVersion, Mitigation } from '../mitigate/index.ts';
import {
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
}

export interface Analysis {
  /** What is wrong with the rule files, manifests and packs. */
  readonly diagnostics: readonly Diagnostic[];
  readonly attackVersion: string;
  readonly readOptions: Pick<ReadOptions, 'rules'>;
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
  readonly diagnostics: readonly Diagnostic[];
}> {
  if (files.length === 0) return { readOptions: {}, texts: [], diagnostics: [] };
  const texts = files.map((name) => ({ name, content: readText(name) }));
  const { loadRules } = await import('../detect/rules/index.ts');
  const { rules, results } = loadRules(texts);
  const diagnostics = results.flatMap(({ errors, warnings }) =>
    [...errors, ...warnings].map((finding) => finding.diagnostic),
  );
  return { readOptions: { rules }, texts, diagnostics };
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
  const { readOptions, texts: rules, diagnostics: ruleDiagnostics } = await readRules(options.rules);
  const manifests = options.manifests.map((file) => ({ file, text: readText(file) }));
  const kubernetesVersion = await readVersion(options.kubernetesVersion);
  const { knowledge, diagnostics: packDiagnostics } = await readKnowledge(options.knowledge);
  const builder = new FindingBuilder();
  return {
    diagnostics: [...ruleDiagnostics, ...packDiagnostics],
    attackVersion: knowledge.attackVersion,
    readOptions,
    add: (alert) => builder.add(alert),
    async finish() {
      const triages = joinIncidents(builder.finish()).map((incident) => triageIncident(incident, knowledge));
      const { planMitigations, Toolbox } = await import('../mitigate/index.ts');
      const tools = new Toolbox(true);
      const planned: { triage: Triage; mitigations: readonly Mitigation[] }[] = [];
      // One after the other: the checks start processes, and equal artefacts are checked once.
      for (const triage of triages) {
        planned.push({
          triage,
          mitigations: await planMitigations(triage, { rules, manifests, kubernetesVersion, tools }),
        });
      }
      return planned;
    },
  };
}
