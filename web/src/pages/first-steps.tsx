// The empty state: how to connect Falco, and a button that loads the example alerts.

import { useState } from 'preact/hooks';
import { ApiError, call } from '../api.ts';
import { Copy, Empty } from '../parts/basics.tsx';

export function FirstSteps({ onLoaded }: { readonly onLoaded: () => void }) {
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const url = `${location.origin}/ingest`;
  const config = `json_output: true\njson_include_output_property: true\nhttp_output:\n  enabled: true\n  url: ${url}\n`;
  const load = async (): Promise<void> => {
    setBusy(true);
    try {
      await call('POST /api/v1/examples', {});
      onLoaded();
    } catch (error) {
      setProblem(error instanceof ApiError ? error.message : String(error));
    }
    setBusy(false);
  };
  return (
    <Empty title="No alerts yet">
      <p>
        Let Falco post here: put this into <code>falco.yaml</code> and restart Falco.
      </p>
      <div class="code">
        <div class="bar">
          <span class="mono">falco.yaml</span>
          <Copy text={config} />
        </div>
        <pre>{config}</pre>
      </div>
      <p>Or look around first, with real alerts from a lab:</p>
      <button type="button" class="primary" disabled={busy} onClick={load}>
        Load the example alerts
      </button>
      {problem !== '' && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <p>
        Or <a href="#/drop">drop an alerts file</a> and get its report, without storing anything.
      </p>
    </Empty>
  );
}
