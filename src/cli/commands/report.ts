// `yarak report`: alerts in, incident reports out.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pc from 'picocolors';
import type { HealthReport } from '../../alerts/index.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { terminalText } from '../../base/escape/terminal.ts';
import { VERSION } from '../../base/node/version.ts';
import { buildReport, FORMATS, type FormatName, type Report, renderReport } from '../../report/index.ts';
import { type Analysis, type AnalysisOptions, createAnalysis } from '../analysis.ts';
import { captureSource, captureSources, isCaptureFile, replayCaptures } from '../captures.ts';
import { CliError, EXIT, systemError } from '../error.ts';
import { parseFormats } from '../formats.ts';
import { type InputFile, resolveInputs } from '../inputs.ts';
import { readAlertFiles } from '../read-alerts.ts';

export interface ReportOptions {
  readonly format?: string;
  readonly out?: string;
  readonly manifest?: readonly string[];
  readonly rules?: readonly string[];
  readonly capture?: readonly string[];
  readonly knowledge?: readonly string[];
  readonly kubernetesVersion?: string;
  readonly full?: boolean;
  readonly demo?: boolean;
}

/** Standard input, unless nobody is typing into it. */
function inputsOrStdin(inputs: readonly string[]): readonly string[] {
  if (inputs.length > 0) return inputs;
  if (process.stdin.isTTY !== true) return ['-'];
  throw new CliError(
    2,
    'name files or folders with alerts, or captures with their rules, or pipe alerts in: yarak report alerts.jsonl',
  );
}

/** Formats for standard output and for the folder. */
function plan(options: ReportOptions): { stdout: FormatName; files: readonly FormatName[] } {
  const formats = options.format === undefined ? undefined : parseFormats(options.format);
  if (options.out !== undefined) {
    const files = (formats ?? (['md', 'html', 'json'] as const)).filter((format) => format !== 'text');
    return { stdout: 'text', files };
  }
  if (formats !== undefined && formats.length > 1) {
    throw new CliError(2, `${formats.length} formats need a folder: --out DIR`);
  }
  return { stdout: formats?.[0] ?? 'text', files: [] };
}

/** With its parents. Node's own recursive mkdir never returns for a folder that /proc refuses to hold. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  mkdirSync(folder);
}

async function writeFiles(report: Report, folder: string, formats: readonly FormatName[]): Promise<string[]> {
  const written: string[] = [];
  try {
    makeFolder(folder);
    for (const format of formats) {
      const file = join(folder, FORMATS[format].file);
      writeFileSync(file, await renderReport(report, format));
      written.push(file);
    }
  } catch (error) {
    if (error instanceof Error && 'syscall' in error)
      throw systemError(`cannot write ${terminalText(folder)}`, error);
    throw error;
  }
  return written;
}

const NEXT = `
What to type next
  npx yarak report examples/reverse-shell.jsonl --full          everything about one incident
  npx yarak report YOUR-ALERTS.jsonl --format html --out DIR    your own alerts
  kubectl logs -n falco -l app.kubernetes.io/name=falco -c falco --tail=-1 | npx yarak report -
  npx yarak report --help
`;

/** Captures among the inputs; they need rules, and to be files. */
function splitInputs(files: readonly InputFile[], rules: readonly string[]) {
  const isCapture = (file: InputFile): boolean => file.path !== undefined && isCaptureFile(file.path);
  const captures = files.filter(isCapture);
  const [first] = captures;
  if (first !== undefined && rules.length === 0) {
    const name = terminalText(first.name);
    throw new CliError(
      2,
      `${name} is a capture: add the rules to run over it (-r falco_rules.yaml), or give the alerts and --capture ${name}`,
    );
  }
  return { captures, alerts: files.filter((file) => !captures.includes(file)) };
}

/** Plays the captures; what Falco would refuse to load is not run. */
async function playCaptures(captures: readonly InputFile[], analysis: Analysis) {
  if (captures.length === 0) return { alerts: 0, diagnostics: [] };
  if (analysis.rules === undefined) return undefined;
  const sources = captures.map(({ name }) => captureSource(name));
  return replayCaptures(sources, analysis.rules, (alert) => analysis.add(alert));
}

/** Runs the command; the exit code is 1 when a record was rejected. */
export async function run(inputs: readonly string[], options: ReportOptions): Promise<number> {
  const { stdout, files: formats } = plan(options);
  const files = resolveInputs(inputsOrStdin(inputs));
  const { captures, alerts: alertFiles } = splitInputs(files, options.rules ?? []);
  const analysisOptions: AnalysisOptions = {
    captures: captureSources([...captures.map(({ name }) => name), ...(options.capture ?? [])]),
    rules: options.rules ?? [],
    manifests: options.manifest ?? [],
    knowledge: options.knowledge ?? [],
    ...(options.kubernetesVersion === undefined ? {} : { kubernetesVersion: options.kubernetesVersion }),
  };
  const analysis = await createAnalysis(analysisOptions);
  const health: HealthReport[] = [];
  const diagnostics: Diagnostic[] = [...analysis.diagnostics];
  const played = await playCaptures(captures, analysis);
  if (played === undefined) {
    process.stderr.write('yarak: the rules do not load, so no capture is played: yarak check says why\n');
    return EXIT.failed;
  }
  diagnostics.push(...played.diagnostics);
  const fromFiles = await readAlertFiles(alertFiles, analysis.readOptions, (item) => {
    if (item.kind === 'alert') analysis.add(item.alert);
    else if (item.kind === 'diagnostic') diagnostics.push(item.diagnostic);
    else if (health.length < MAX_HEALTH) health.push(item.report);
  });
  const counts = {
    ...fromFiles,
    read: fromFiles.read + played.alerts,
    accepted: fromFiles.accepted + played.alerts,
  };
  const incidents = await analysis.finish();
  const report = buildReport({
    version: VERSION,
    attackVersion: analysis.attackVersion,
    input: { names: files.map((file) => file.name), ...counts },
    incidents,
    health,
    diagnostics,
  });
  process.stdout.write(
    await renderReport(report, stdout, {
      width: process.stdout.columns ?? 100,
      color: stdout === 'text' && pc.isColorSupported && process.stdout.isTTY === true,
      full: options.full === true,
    }),
  );
  const written = options.out === undefined ? [] : await writeFiles(report, options.out, formats);
  const records = counts.read === 1 ? 'record' : 'records';
  process.stderr.write(
    `yarak: ${counts.read} ${records} read, ${counts.accepted} accepted, ${counts.rejected} rejected\n`,
  );
  for (const file of written) process.stderr.write(`yarak: wrote ${terminalText(file)}\n`);
  if (options.demo === true) process.stdout.write(NEXT);
  const damaged = played.diagnostics.some(({ severity }) => severity === 'error');
  return counts.rejected > 0 || damaged ? EXIT.failed : EXIT.ok;
}

/** Health reports kept; a sensor in trouble writes thousands. */
const MAX_HEALTH = 1000;
