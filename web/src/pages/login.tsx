// Not logged in: the one-time link that the terminal printed, or an API token.

import { useState } from 'preact/hooks';
import { Problem } from '../parts/basics.tsx';
import { Page } from '../parts/page.tsx';

async function logIn(token: string): Promise<string> {
  try {
    const response = await fetch('/api/v1/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
    if (response.ok) return '';
    return ((await response.json()) as { detail?: string }).detail ?? 'That did not work.';
  } catch {
    return 'The service cannot be reached. Is it running?';
  }
}

export function LoginPage({ expired, onDone }: { readonly expired: boolean; readonly onDone: () => void }) {
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState(expired ? 'That link has expired or was used before.' : '');
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const wrong = token.trim() === '' ? 'Give a token.' : await logIn(token.trim());
    if (wrong === '') onDone();
    else setProblem(wrong);
  };
  return (
    <Page title="Log in" class="login">
      <p>
        Open the link that <code>yarak serve</code> printed, or give an API token with the role read, respond
        or admin.
      </p>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <label>
          API token
          <input
            type="password"
            autocomplete="current-password"
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
        <Problem text={problem} />
        <div class="buttons">
          <button type="submit" class="primary">
            Log in
          </button>
        </div>
      </form>
    </Page>
  );
}
