export { renderHtml } from './html/document.ts';
export { renderJson } from './json/document.ts';
export { renderMarkdown } from './markdown.ts';
export type * from './model.ts';
export { renderOcsf } from './ocsf/detection-finding.ts';
export { renderSarif } from './sarif/log.ts';
export { renderStix } from './stix/bundle.ts';
export { renderTerminal } from './terminal/document.ts';
