// Every renderer, as a plain function.

export { renderHtml } from '../../src/report/html/document.ts';
export { renderJson } from '../../src/report/json/document.ts';
export { renderMarkdown } from '../../src/report/markdown.ts';
export { renderOcsf } from '../../src/report/ocsf/detection-finding.ts';
export { renderSarif } from '../../src/report/sarif/log.ts';
export { renderStix } from '../../src/report/stix/bundle.ts';
export { renderTerminal } from '../../src/report/terminal/document.ts';
