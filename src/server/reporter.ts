// Reports for the service: the same triage, mitigations and model as the command line's, over stored alerts or over a
// file that somebody dropped on the page.

import { readFileSync } from 'node:fs';
import type { Alert, HealthReport } from '../alerts/index.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import { VERSION } from '../base/node/version.ts';
import type { Rule } from '../detect/rules/index.ts';
import { planMitigations, Toolbox } from '../mitigate/index.ts';
import { buildReport, type Report } from '../report/index.ts';
import {
  FindingBuilder,
  joinIncidents,
  loadKnowledge,
  type Triage,
  triageIncident,
  VERDICTS,
} from '../triage/index.ts';
import type { Config } from './config.ts';

/** Incidents of one report that get mitigations. */
const MAX_PLANNED = 20;

export interface Reporter {
  /** The loaded rules: by their output templates text lines are recognised, and captures are played against them. */
  readonly templates: readonly Rule[];
  /** Triage of the alerts as one story: for the lists, quick, without mitigations. */
  triage(alerts: Iterable<Alert>): readonly Triage[];
  /** The whole report. */
  report(input: {
    readonly names: readonly string[];
    readonly alerts: Iterable<Alert>;
    readonly health?: readonly HealthReport[];
    readonly diagnostics?: readonly Diagnostic[];
    readonly counts: { readonly read: number; readonly accepted: number; readonly rejected: number };
  }): Promise<Report>;
}

/** Reads rules and knowledge that the configuration names; throws what Node throws for a file that cannot be read. */
export async function createReporter(config: Config): Promise<Reporter> {
  const { knowledge } = await loadKnowledge(config.knowledge);
  const rules = config.rules.map((name) => ({ name, content: readFileSync(name, 'utf8') }));
  const templates =
    rules.length === 0 ? [] : (await import('../detect/rules/index.ts')).loadRules(rules).rules;
  const triage = (alerts: Iterable<Alert>): Triage[] => {
    const builder = new FindingBuilder();
    for (const alert of alerts) builder.add(alert);
    return joinIncidents(builder.finish()).map((incident) =>
      triageIncident(incident, knowledge, { rules: templates }),
    );
  };
  // One for all reports: equal artefacts are checked once.
  const tools = new Toolbox(true);
  return {
    templates,
    triage,
    async report({ names, alerts, health = [], diagnostics = [], counts }) {
      const incidents = [];
      const triages = triage(alerts).toSorted(
        (a, b) => VERDICTS.indexOf(b.verdict.word) - VERDICTS.indexOf(a.verdict.word),
      );
      // Planning starts programs: of a file with hundreds of incidents the worst get mitigations.
      for (const [i, one] of triages.entries()) {
        incidents.push({
          triage: one,
          mitigations:
            i >= MAX_PLANNED
              ? []
              : await planMitigations(one, {
                  tools,
                  rules,
                  ...(config.kubernetesVersion === undefined
                    ? {}
                    : { kubernetesVersion: config.kubernetesVersion }),
                }),
        });
      }
      return buildReport({
        version: VERSION,
        attackVersion: knowledge.attackVersion,
        input: { names, ...counts },
        incidents,
        health,
        diagnostics,
      });
    },
  };
}
