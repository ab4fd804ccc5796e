// The report's formats. A renderer is loaded when its format is asked for, so that a start pays for one.

import type { Diagnostic } from '../base/diagnostic.ts';
import type { Report } from './model.ts';
import type { TerminalOptions } from './terminal/paint.ts';

/** Each format with the file name that `--out` gives it and its media type. `text` is for the terminal. */
export const FORMATS = {
  text: { file: 'report.txt', mediaType: 'text/plain; charset=utf-8' },
  md: { file: 'report.md', mediaType: 'text/markdown; charset=utf-8' },
  html: { file: 'report.html', mediaType: 'text/html; charset=utf-8' },
  json: { file: 'report.json', mediaType: 'application/json' },
  ocsf: { file: 'report.ocsf.json', mediaType: 'application/json' },
  sarif: { file: 'report.sarif', mediaType: 'application/sarif+json' },
  stix: { file: 'report.stix.json', mediaType: 'application/stix+json;version=2.1' },
} as const;

export type FormatName = keyof typeof FORMATS;

/** Whether `name` is a format's. */
export function isFormat(name: string): name is FormatName {
  return Object.hasOwn(FORMATS, name);
}

/** The report in one format; ends with a line feed. `terminal` is for `text` only: by default 80 columns, no colour, all. */
export async function renderReport(
  report: Report,
  format: FormatName,
  terminal: TerminalOptions = { width: 80, color: false, full: true },
): Promise<string> {
  switch (format) {
    case 'text':
      return (await import('./terminal/document.ts')).renderTerminal(report, terminal);
    case 'md':
      return (await import('./markdown.ts')).renderMarkdown(report);
    case 'html':
      return (await import('./html/document.ts')).renderHtml(report);
    case 'json':
      return (await import('./json/document.ts')).renderJson(report);
    case 'ocsf':
      return (await import('./ocsf/detection-finding.ts')).renderOcsf(report);
    case 'sarif':
      return (await import('./sarif/log.ts')).renderSarif(report);
    case 'stix':
      return (await import('./stix/bundle.ts')).renderStix(report);
  }
}

/** A SARIF 2.1.0 log of findings about the user's files, as `yarak check` has them; ends with a line feed. */
export async function renderDiagnosticsSarif(findings: {
  readonly version: string;
  readonly diagnostics: readonly Diagnostic[];
}): Promise<string> {
  return (await import('./sarif/log.ts')).renderDiagnosticsSarif(findings);
}
