export { buildIncident, buildReport, type ReportInput, SCHEMA_VERSION } from './build/build.ts';
export { FORMATS, type FormatName, isFormat, renderDiagnosticsSarif, renderReport } from './formats.ts';
export { renderIncidentFragment } from './html/fragment.ts';
export type * from './model.ts';
export type { TerminalOptions } from './terminal/paint.ts';
