// Not logged in: the one-time link that the terminal printed, or an API token.

import { useState } from 'preact/hooks';

export function LoginPage({ expired, onDone }: { readonly expired: boolean; readonly onDone: () => void }) {
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState('');
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const response = await fetch('/api/v1/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: token.trim() }),
    });
    if (response.ok) onDone();
    else setProblem(((await response.json()) as { detail?: string }).detail ?? 'That did not work.');
  };
  return (
    <main id="main" class="login">
      <h1>Log in</h1>
      {expired && <p class="problem">That link has expired or was used before.</p>}
      <p>
        Open the link that <code>yarak serve</code> printed, or give an API token with the role read, respond
        or admin.
      </p>
      <form class="form" onSubmit={submit}>
        <label>
          API token
          <input
            type="password"
            required
            autocomplete="current-password"
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
        {problem !== '' && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" class="primary">
          Log in
        </button>
      </form>
    </main>
  );
}
