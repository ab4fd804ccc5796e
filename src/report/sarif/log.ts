// Findings about the user's files (rules, manifests) as a SARIF 2.1.0 log, for code scanning. Alerts have no file and
// line, so incidents are not in it; records that could not be read are notifications. Source: OASIS SARIF 2.1.0.

import { createHash } from 'node:crypto';
import type { Diagnostic, Location } from '../../base/diagnostic.ts';
import { visibleLines } from '../../base/escape/visible.ts';
import { stringifyJson } from '../../base/json.ts';
import type { Artefact, Mitigation } from '../../mitigate/index.ts';
import type { Report } from '../model.ts';
import { plain } from '../template.ts';

const LEVEL: Readonly<Record<Diagnostic['severity'], 'error' | 'warning' | 'note'>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
  hint: 'note',
};

interface SarifRule {
  readonly id: string;
  readonly shortDescription: { readonly text: string };
}

/** A file name as a relative or file URI; backslashes and control characters are percent-encoded. */
function uri(file: string): string {
  const encoded = file
    .toWellFormed()
    .split('/')
    .map((segment) => encodeURIComponent(segment))
    .join('/');
  return file.startsWith('/') ? `file://${encoded}` : encoded;
}

function physical(at: Location) {
  return {
    physicalLocation: {
      artifactLocation: { uri: uri(at.file) },
      region: { startLine: Math.max(1, at.line), startColumn: Math.max(1, at.column) },
    },
  };
}

/** SARIF viewers show messages as text; control characters are made visible all the same. */
function message(text: string): { readonly text: string } {
  return { text: visibleLines(text) };
}

function fingerprint(...parts: readonly string[]): Readonly<Record<string, string>> {
  return { 'yarak/v1': createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32) };
}

function diagnosticResult(item: Diagnostic) {
  const notes = (item.notes ?? []).map((note) => note.message);
  return {
    ruleId: item.code,
    level: LEVEL[item.severity],
    message: message([item.message, ...notes, ...(item.help === undefined ? [] : [item.help])].join('\n')),
    ...(item.at === undefined ? {} : { locations: [physical(item.at)] }),
    partialFingerprints: fingerprint(item.code, item.at?.file ?? '', item.message),
  };
}

/** Where a unified diff starts in the user's file: the old file's name and its first changed hunk. */
function diffPlace(artefact: Artefact): { readonly file: string; readonly line: number } | undefined {
  const file = /^--- (?:a\/)?([^\t\n]+)/m.exec(artefact.content)?.[1];
  if (file === undefined) return undefined;
  const line = /^@@ -(\d+)/m.exec(artefact.content)?.[1];
  return { file, line: Math.max(1, Number(line ?? 1)) };
}

function manifestResults(mitigation: Mitigation) {
  return mitigation.artefacts.flatMap((artefact) => {
    if (artefact.kind !== 'manifest-diff') return [];
    const place = diffPlace(artefact);
    if (place === undefined) return [];
    const filled = (template: string) => plain({ text: template, values: mitigation.values });
    return [
      {
        ruleId: `mitigation/${mitigation.id}`,
        level: 'warning' as const,
        message: message(`${filled(mitigation.title)}. ${filled(mitigation.why)}\n${artefact.content}`),
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: uri(place.file) },
              region: { startLine: place.line },
            },
          },
        ],
        partialFingerprints: fingerprint(mitigation.id, place.file, artefact.content),
        title: filled(mitigation.title),
      },
    ];
  });
}

/** The log, ending with one line feed. */
export function renderSarif(report: Report): string {
  const inputs = new Set(report.input.names);
  const aboutInput = report.diagnostics.filter((item) => item.at !== undefined && inputs.has(item.at.file));
  const aboutFiles = report.diagnostics.filter((item) => !aboutInput.includes(item));
  const manifests = report.incidents
    .flatMap((incident) => incident.mitigations)
    .flatMap(manifestResults)
    .filter((result, index, all) => {
      const key = result.partialFingerprints['yarak/v1'];
      return all.findIndex((other) => other.partialFingerprints['yarak/v1'] === key) === index;
    });
  const rules = new Map<string, SarifRule>();
  const describe = (id: string, text: string) => {
    if (rules.has(id)) return;
    rules.set(id, { id, shortDescription: message(text) });
  };
  for (const item of aboutFiles) describe(item.code, item.code);
  for (const result of manifests) describe(result.ruleId, result.title);
  const ids = [...rules.keys()];
  const indexed = <T extends { readonly ruleId: string }>(result: T) => ({
    ...result,
    ruleIndex: ids.indexOf(result.ruleId),
  });
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Yarak',
            version: report.generator.version,
            rules: [...rules.values()],
          },
        },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: aboutInput.map((item) => ({
              descriptor: { id: item.code },
              level: LEVEL[item.severity],
              message: message(item.message),
              ...(item.at === undefined ? {} : { locations: [physical(item.at)] }),
            })),
          },
        ],
        results: [
          ...aboutFiles.map((item) => indexed(diagnosticResult(item))),
          ...manifests.map(({ title: _title, ...result }) => indexed(result)),
        ],
      },
    ],
  };
  return `${stringifyJson(log, 2)}\n`;
}

/** Findings about the user's files alone, without a report: what `yarak check` says. Ends with one line feed. */
export function renderDiagnosticsSarif({
  version,
  diagnostics,
}: {
  readonly version: string;
  readonly diagnostics: readonly Diagnostic[];
}): string {
  const ids = [...new Set(diagnostics.map(({ code }) => code))];
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: { name: 'Yarak', version, rules: ids.map((id) => ({ id, shortDescription: message(id) })) },
        },
        columnKind: 'utf16CodeUnits',
        results: diagnostics.map((item) => ({
          ...diagnosticResult(item),
          ruleIndex: ids.indexOf(item.code),
        })),
      },
    ],
  };
  return `${stringifyJson(log, 2)}\n`;
}
