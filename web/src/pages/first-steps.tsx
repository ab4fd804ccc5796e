// The empty state: how to connect Falco, and a button that loads the example alerts.

import { useState } from 'preact/hooks';
import { call, messageOf } from '../api.ts';
import { Copy, Empty, Problem } from '../parts/basics.tsx';
import { tell } from '../parts/toast.tsx';
import { useSession } from '../session.ts';

const LOOPBACK = /^(localhost|127\.[\d.]+|\[::1\])$/;

/** What makes Falco post to this address. Away from this machine it needs a token of the role ingest. */
export function falcoConfig(origin: string, token: string | undefined): string {
  const header = token === undefined ? '' : `  custom_headers:\n    - "Authorization: Bearer ${token}"\n`;
  return `json_output: true\njson_include_output_property: true\nhttp_output:\n  enabled: true\n  url: ${origin}/ingest\n${header}`;
}

export function FirstSteps({ onLoaded }: { readonly onLoaded: () => void }) {
  const { mayRespond, isAdmin } = useSession();
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const [token, setToken] = useState<string | undefined>(undefined);
  const isLocal = LOOPBACK.test(location.hostname);
  const shown = token ?? (isLocal ? undefined : 'YOUR-INGEST-TOKEN');
  const config = falcoConfig(location.origin, shown);
  const act = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setProblem('');
    try {
      await work();
    } catch (error) {
      setProblem(messageOf(error));
    }
    setBusy(false);
  };
  const load = (): Promise<void> =>
    act(async () => {
      const { stored } = await call('POST /api/v1/examples', {});
      tell(`${stored} example alerts are stored.`);
      onLoaded();
    });
  const makeToken = (): Promise<void> =>
    act(async () => {
      const made = await call('POST /api/v1/tokens', { body: { name: 'falco', role: 'ingest' } });
      setToken(made.token);
    });
  return (
    <Empty title="No alerts yet">
      <p>
        Let Falco post here: put this into <code>falco.yaml</code> and restart Falco. The list fills by
        itself.
      </p>
      <div class="code">
        <div class="bar">
          <span class="mono">falco.yaml</span>
          <Copy text={config} of="the lines for falco.yaml" />
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keys */}
        <pre tabIndex={0}>{config}</pre>
      </div>
      <p>
        {isLocal
          ? 'On this machine Falco may post without a token; from elsewhere it needs one.'
          : 'Falco needs a token of the role ingest.'}{' '}
        {token !== undefined && 'The token is shown this once.'}
      </p>
      <div class="buttons">
        {isAdmin && token === undefined && (
          <button type="button" disabled={busy} onClick={() => void makeToken()}>
            Make a token for Falco
          </button>
        )}
      </div>
      <p>Or look around first, with real alerts from a lab:</p>
      <div class="buttons">
        {mayRespond ? (
          <button type="button" class="primary" disabled={busy} onClick={() => void load()}>
            Load the example alerts
          </button>
        ) : (
          <span class="muted">somebody with the role respond can load the example alerts.</span>
        )}
      </div>
      <Problem text={problem} />
      <p>
        Or <a href="#/drop">read the report on a file</a> with alerts or on a capture: nothing of it is
        stored.
      </p>
    </Empty>
  );
}
