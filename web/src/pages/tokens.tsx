// API tokens: make one, see which there are, revoke.

import { useState } from 'preact/hooks';
import { visible } from '../../../src/base/escape/visible.ts';
import type { Token } from '../api.generated.ts';
import { call, messageOf } from '../api.ts';
import { Copy, Empty, ErrorBox, Problem, Skeleton, Time } from '../parts/basics.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Page } from '../parts/page.tsx';
import { tell } from '../parts/toast.tsx';
import type { Role } from '../session.ts';
import { useData } from '../use-data.ts';

const DAY_MS = 86_400_000;

const ROLES: Readonly<Record<Role, string>> = {
  ingest: 'ingest: Falco posts alerts',
  read: 'read: see everything, change nothing',
  respond: 'respond: decide and silence',
  admin: 'admin: everything, tokens too',
};
const TERMS = { never: 0, 'in 30 days': 30, 'in 90 days': 90, 'in a year': 365 } as const;

function NewToken({ onMade }: { readonly onMade: (token: string) => void }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('ingest');
  const [days, setDays] = useState(0);
  const [problem, setProblem] = useState('');
  const add = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (name.trim() === '') {
      setProblem('A token needs a name, such as the host that uses it.');
      return;
    }
    const expires = days === 0 ? {} : { expires: new Date(Date.now() + days * DAY_MS).toISOString() };
    try {
      const { token } = await call('POST /api/v1/tokens', { body: { name: name.trim(), role, ...expires } });
      setProblem('');
      setName('');
      onMade(token);
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  return (
    <form class="form" onSubmit={(event) => void add(event)}>
      <label>
        Name
        <input
          value={name}
          maxLength={200}
          autocomplete="off"
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <label>
        Role
        <select value={role} onChange={(event) => setRole(event.currentTarget.value as Role)}>
          {Object.entries(ROLES).map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <label>
        Expires
        <select value={days} onChange={(event) => setDays(Number(event.currentTarget.value))}>
          {Object.entries(TERMS).map(([text, value]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <Problem text={problem} />
      <div class="buttons">
        <button type="submit" class="primary">
          Make a token
        </button>
      </div>
    </form>
  );
}

interface RevokeProps {
  readonly token: Token;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** Asked first: a token that is revoked cannot be brought back. */
function Revoke({ token, onDone, onClose }: RevokeProps) {
  const [problem, setProblem] = useState('');
  const revoke = async (close: () => void): Promise<void> => {
    try {
      await call('DELETE /api/v1/tokens/{id}', { params: { id: token.id } });
    } catch (error) {
      setProblem(messageOf(error));
      return;
    }
    tell(`The token ${visible(token.name)} is revoked.`);
    close();
    onDone();
  };
  return (
    <Dialog title="Revoke this token?" onClose={onClose}>
      {(close) => (
        <div class="form">
          <p>
            What uses <strong>{visible(token.name)}</strong> ({token.role}) is refused from now on. This
            cannot be undone.
          </p>
          <Problem text={problem} />
          <div class="buttons">
            <button type="button" data-first onClick={close}>
              Keep it
            </button>
            <button type="button" class="danger" onClick={() => void revoke(close)}>
              Revoke
            </button>
          </div>
        </div>
      )}
    </Dialog>
  );
}

export function TokensPage() {
  const tokens = useData('tokens', (signal) => call('GET /api/v1/tokens', {}, signal));
  const [made, setMade] = useState('');
  const [revoking, setRevoking] = useState<Token | undefined>(undefined);
  return (
    <Page title="Tokens">
      <p class="lead">With a token, Falco posts alerts and programs use the API, each with its role.</p>
      {tokens.error && <ErrorBox error={tokens.error} retry={tokens.reload} />}
      {tokens.value === undefined && tokens.loading && <Skeleton rows={3} />}
      {tokens.value?.length === 0 && <Empty title="There is no token yet" />}
      {tokens.value && tokens.value.length > 0 && (
        <table class="plain cards">
          <caption class="visually-hidden">Tokens</caption>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Role</th>
              <th scope="col">Made</th>
              <th scope="col">Expires</th>
              <th scope="col">
                <span class="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {tokens.value.map((token) => (
              <tr key={token.id}>
                <th scope="row">
                  <bdi>{visible(token.name)}</bdi>
                </th>
                <td>
                  <span class="tag">{token.role}</span>
                </td>
                <td data-name="made">
                  <Time iso={token.created} />
                </td>
                <td data-name="expires">
                  {token.expires === undefined ? 'never' : <Time iso={token.expires} />}
                </td>
                <td>
                  {token.revoked ? (
                    <span class="muted">revoked</span>
                  ) : (
                    <button type="button" class="small" onClick={() => setRevoking(token)}>
                      Revoke…<span class="visually-hidden"> {visible(token.name)}</span>
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <section class="panel">
        <h2>Make a token</h2>
        {made !== '' && (
          <div class="made">
            <p role="status">The new token is shown this once:</p>
            <code>{made}</code> <Copy text={made} of="the token" />
          </div>
        )}
        <NewToken
          onMade={(token) => {
            setMade(token);
            tokens.reload();
          }}
        />
      </section>
      {revoking && <Revoke token={revoking} onDone={tokens.reload} onClose={() => setRevoking(undefined)} />}
    </Page>
  );
}
