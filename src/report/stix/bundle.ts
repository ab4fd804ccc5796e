// The report as a STIX 2.1 bundle: observed data, sightings of ATT&CK techniques, indicators where the verdict calls
// for them, courses of action that mitigate, and one report an incident. Marked TLP:AMBER, for a person to widen.
// Source: OASIS STIX Version 2.1 (OASIS Standard, 10 June 2021).

import { stringifyJson } from '../../base/json.ts';
import type { Technique, VerdictWord } from '../../triage/index.ts';
import { epochMs, verdictText } from '../format.ts';
import type { IncidentReport, Report } from '../model.ts';
import { inOrder } from '../phases.ts';
import { plain } from '../template.ts';
import { objectId } from './ids.ts';
import { indicatorObservable, processObservables, type StixObject } from './observables.ts';

/** TLP:AMBER as STIX 2.1 defines it (section 7.2.1.4); its id and time are fixed there. */
const TLP_AMBER: StixObject = {
  type: 'marking-definition',
  spec_version: '2.1',
  id: 'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82',
  created: '2017-01-20T00:00:00.000Z',
  definition_type: 'tlp',
  name: 'TLP:AMBER',
  definition: { tlp: 'amber' },
};

const CONFIDENCE: Readonly<Record<VerdictWord, number>> = {
  malicious: 90,
  'likely-malicious': 70,
  undetermined: 50,
  'likely-benign': 30,
  benign: 10,
};

/** A STIX timestamp. Without any time in the input, the epoch: STIX wants one, and there is no clock here. */
function timestamp(ns: bigint | undefined): string {
  return new Date((ns === undefined ? undefined : epochMs(ns)) ?? 0).toISOString();
}

/** Collects objects once by id, in order. */
class Bundle {
  readonly #objects = new Map<string, StixObject>();

  add<T extends StixObject>(object: T): T {
    if (!this.#objects.has(object.id)) this.#objects.set(object.id, object);
    return object;
  }

  all(): StixObject[] {
    return [...this.#objects.values()];
  }
}

/** Shared by all incidents, hence as old as the bundle's author. */
function attackPattern(technique: Technique, author: StixObject): StixObject {
  return {
    type: 'attack-pattern',
    spec_version: '2.1',
    id: objectId('attack-pattern', technique.id),
    created_by_ref: author.id,
    created: author['created'],
    modified: author['modified'],
    name: technique.name,
    external_references: [
      {
        source_name: 'mitre-attack',
        external_id: technique.id,
        ...(/^T\d{4}(\.\d{3})?$/.test(technique.id)
          ? { url: `https://attack.mitre.org/techniques/${technique.id.replace('.', '/')}/` }
          : {}),
      },
    ],
    ...(technique.tactics.length === 0
      ? {}
      : {
          kill_chain_phases: technique.tactics.map((tactic) => ({
            kill_chain_name: 'mitre-attack',
            phase_name: tactic.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
          })),
        }),
  };
}

function addIncident(bundle: Bundle, incident: IncidentReport, author: StixObject): void {
  const identity = author.id;
  const { triage } = incident;
  const id = triage.incident.id;
  const first = timestamp(triage.incident.firstSeenNs ?? triage.incident.lastSeenNs);
  const last = timestamp(triage.incident.lastSeenNs ?? triage.incident.firstSeenNs);
  // ISO texts of one length sort as their times do.
  const until = [first, last].sort()[1] as string;
  const common = {
    spec_version: '2.1' as const,
    created_by_ref: identity,
    created: last,
    modified: last,
    object_marking_refs: [TLP_AMBER.id],
  };
  const refs: string[] = [];
  const keep = (object: StixObject) => {
    refs.push(bundle.add(object).id);
    return object.id;
  };

  const seen = new Set<string>();
  for (const finding of triage.incident.findings) {
    for (const sample of finding.samples) {
      for (const object of processObservables(sample, id)) seen.add(bundle.add(object).id);
    }
  }
  const hostile = triage.verdict.word === 'malicious' || triage.verdict.word === 'likely-malicious';
  const indicators: string[] = [];
  for (const item of incident.indicators) {
    const known = indicatorObservable(item);
    if (known === undefined) continue;
    seen.add(bundle.add(known.observable).id);
    if (!hostile || item.kind === 'user' || item.kind === 'image') continue;
    indicators.push(
      keep({
        type: 'indicator',
        id: objectId('indicator', id, known.pattern),
        ...common,
        name: `${item.kind} seen in ${item.field}`,
        indicator_types: ['malicious-activity'],
        pattern: known.pattern,
        pattern_type: 'stix',
        valid_from: first,
        confidence: CONFIDENCE[triage.verdict.word],
      }),
    );
  }
  const count = triage.incident.findings.reduce((sum, finding) => sum + finding.count, 0);
  const number = Math.max(1, Math.min(count, 999_999_999));
  const observed =
    seen.size === 0
      ? undefined
      : keep({
          type: 'observed-data',
          id: objectId('observed-data', id),
          ...common,
          first_observed: first,
          last_observed: until,
          number_observed: number,
          object_refs: [...seen],
        });

  const techniques = new Map(
    triage.behaviours
      .filter((behaviour) => behaviour.truth === 'true')
      .flatMap((behaviour) => behaviour.techniques.map((technique) => [technique.id, technique] as const)),
  );
  const patterns = [...techniques.values()].map((technique) => keep(attackPattern(technique, author)));
  for (const pattern of patterns) {
    keep({
      type: 'sighting',
      id: objectId('sighting', id, pattern),
      ...common,
      first_seen: first,
      last_seen: until,
      count: number,
      sighting_of_ref: pattern,
      ...(observed === undefined ? {} : { observed_data_refs: [observed] }),
      where_sighted_refs: [identity],
    });
    for (const indicator of indicators) {
      keep({
        type: 'relationship',
        id: objectId('relationship', 'indicates', indicator, pattern),
        ...common,
        relationship_type: 'indicates',
        source_ref: indicator,
        target_ref: pattern,
      });
    }
  }
  for (const one of inOrder(incident.mitigations)) {
    if (one.status !== 'offered') continue;
    const filled = (template: string) => plain({ text: template, values: one.values });
    const external = one.references
      .filter((item) => item.url !== undefined)
      .map((item) => ({ source_name: item.id, url: item.url }));
    const action = keep({
      type: 'course-of-action',
      id: objectId('course-of-action', id, one.id),
      ...common,
      name: filled(one.title),
      description: `${filled(one.why)} ${filled(one.effect)} (${one.family}; checked: ${one.level})`,
      ...(external.length === 0 ? {} : { external_references: external }),
    });
    if (one.phase === 'tune') continue;
    for (const pattern of patterns) {
      keep({
        type: 'relationship',
        id: objectId('relationship', 'mitigates', action, pattern),
        ...common,
        relationship_type: 'mitigates',
        source_ref: action,
        target_ref: pattern,
      });
    }
  }
  const about = refs.length === 0 ? [identity] : [...refs];
  keep({
    type: 'note',
    id: objectId('note', id),
    ...common,
    abstract: `Verdict: ${verdictText(triage.verdict)}`,
    content: [
      triage.verdict.because,
      ...triage.verdict.evidence.map(
        (item) => `${item.weight > 0 ? '+' : ''}${item.weight} ${plain(item)} (${item.fields.join(', ')})`,
      ),
    ].join('\n'),
    object_refs: about,
  });
  bundle.add({
    type: 'report',
    id: objectId('report', id),
    ...common,
    name: plain(triage.title),
    description: incident.whatHappened.map(plain).join(' '),
    report_types: ['observed-data'],
    published: last,
    confidence: CONFIDENCE[triage.verdict.word],
    object_refs: [...new Set(refs)],
  });
}

/** The report as one STIX bundle, ending with one line feed. */
export function renderStix(report: Report): string {
  const bundle = new Bundle();
  const times = report.incidents
    .map((incident) => incident.triage.incident.firstSeenNs)
    .filter((ns) => ns !== undefined);
  const earliest = times.reduce<bigint | undefined>(
    (least, ns) => (least === undefined || ns < least ? ns : least),
    undefined,
  );
  bundle.add(TLP_AMBER);
  const identity = bundle.add({
    type: 'identity',
    spec_version: '2.1',
    id: objectId('identity', 'yarak'),
    created: timestamp(earliest),
    modified: timestamp(earliest),
    name: `Yarak ${report.generator.version}`,
    identity_class: 'system',
  });
  for (const incident of report.incidents) addIncident(bundle, incident, identity);
  const objects = bundle.all();
  const id = objectId('bundle', ...objects.map((object) => object.id));
  return `${stringifyJson({ type: 'bundle', id, objects }, 2)}\n`;
}
