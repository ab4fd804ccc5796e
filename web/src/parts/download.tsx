// The incident's report as a file: the formats, folded away behind a word.

import type { Operations } from '../api.generated.ts';

type Format = Operations['GET /api/v1/incidents/{id}/report/{format}']['input']['params']['format'];

const NAMES: Readonly<Record<Format, string>> = {
  md: 'Markdown',
  html: 'HTML',
  text: 'Text',
  json: 'JSON',
  ocsf: 'OCSF',
  sarif: 'SARIF',
  stix: 'STIX',
};

export function Download({ id }: { readonly id: string }) {
  return (
    <details class="download">
      <summary class="button">Download</summary>
      <ul aria-label="Formats">
        {Object.entries(NAMES).map(([format, name]) => (
          <li key={format}>
            <a class="button" href={`/api/v1/incidents/${encodeURIComponent(id)}/report/${format}`} download>
              {name}
            </a>
          </li>
        ))}
      </ul>
    </details>
  );
}
