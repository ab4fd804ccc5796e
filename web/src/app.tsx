// The shell: who is logged in, where one can go, the keyboard's help. Pages do the rest.

import { useState } from 'preact/hooks';
import { call, setCsrf } from './api.ts';
import { go, useLocation } from './location.ts';
import { DropPage } from './pages/drop.tsx';
import { FindingPage, IncidentPage } from './pages/incident.tsx';
import { ListPage } from './pages/list.tsx';
import { LoginPage } from './pages/login.tsx';
import { ActivityPage, SilencesPage, TokensPage } from './pages/manage.tsx';
import { NoisePage } from './pages/noise.tsx';
import { RulesPage } from './pages/rules.tsx';
import { ErrorBox } from './parts/basics.tsx';
import { Dialog } from './parts/dialog.tsx';
import { useShortcuts } from './parts/keyboard.ts';
import { useData } from './use-data.ts';

const PAGES = [
  { path: 'incidents', name: 'Incidents', key: 'g i' },
  { path: 'findings', name: 'Findings', key: 'g f' },
  { path: 'noise', name: 'Noise', key: 'g n' },
  { path: 'rules', name: 'Rules', key: 'g r' },
  { path: 'silences', name: 'Silences', key: 'g s' },
  { path: 'activity', name: 'Activity', key: 'g a' },
  { path: 'drop', name: 'Report on a file', key: 'g d' },
] as const;

const LIST_KEYS = [
  ['j  k', 'next, previous'],
  ['Enter', 'open'],
  ['x', 'select'],
  ['d', 'decide (on an incident)'],
  ['/', 'filter'],
  ['?', 'this help'],
] as const;

function Page({ path }: { readonly path: readonly string[] }) {
  const [name = 'incidents', id] = path;
  if (name === 'incidents')
    return id === undefined ? (
      <ListPage key="incidents" kind="incidents" />
    ) : (
      <IncidentPage key={id} id={id} />
    );
  if (name === 'findings')
    return id === undefined ? <ListPage key="findings" kind="findings" /> : <FindingPage key={id} id={id} />;
  if (name === 'noise') return <NoisePage />;
  if (name === 'rules') return <RulesPage />;
  if (name === 'silences') return <SilencesPage />;
  if (name === 'activity') return <ActivityPage />;
  if (name === 'tokens') return <TokensPage />;
  if (name === 'drop') return <DropPage />;
  return (
    <main id="main">
      <h1>There is no such page</h1>
      <p>
        <a href="#/incidents">To the incidents</a>
      </p>
    </main>
  );
}

function themeNow(): 'light' | 'dark' {
  const set = document.documentElement.dataset['theme'];
  if (set === 'light' || set === 'dark') return set;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

export function App() {
  const { path, query } = useLocation();
  const [help, setHelp] = useState(false);
  const [theme, setTheme] = useState(themeNow);
  const session = useData('session', async (signal) => {
    const me = await call('GET /api/v1/session', {}, signal);
    setCsrf(me.csrf ?? '');
    return me;
  });
  useShortcuts([
    { keys: '?', does: 'help', run: () => setHelp(true) },
    ...PAGES.map((page) => ({ keys: page.key, does: page.name, run: () => go(`#/${page.path}`) })),
  ]);
  if (session.value === undefined) {
    if (session.error?.problem.status === 401)
      return <LoginPage expired={query.has('expired')} onDone={session.reload} />;
    return session.error ? <ErrorBox error={session.error} retry={session.reload} /> : null;
  }
  const { actor, role } = session.value;
  const here = path[0] ?? 'incidents';
  const turn = (): void => {
    const next = theme === 'dark' ? 'light' : 'dark';
    document.documentElement.dataset['theme'] = next;
    localStorage.setItem('theme', next);
    setTheme(next);
  };
  const logOut = async (): Promise<void> => {
    await call('DELETE /api/v1/session', {});
    session.reload();
    location.reload();
  };
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.querySelector<HTMLElement>('#main h1')?.focus();
        }}
      >
        Skip to the page
      </a>
      <nav class="side" aria-label="Pages">
        <a class="brand" href="#/incidents">
          Yarak
        </a>
        {PAGES.map((page) => (
          <a key={page.path} href={`#/${page.path}`} aria-current={here === page.path ? 'page' : undefined}>
            {page.name} <kbd aria-hidden="true">{page.key}</kbd>
          </a>
        ))}
        {role === 'admin' && (
          <a href="#/tokens" aria-current={here === 'tokens' ? 'page' : undefined}>
            Tokens
          </a>
        )}
        <div class="side-foot">
          <button type="button" class="small" onClick={turn}>
            {theme === 'dark' ? 'Light' : 'Dark'}
          </button>
          <button type="button" class="small" onClick={() => setHelp(true)}>
            Keys <kbd>?</kbd>
          </button>
          <button type="button" class="small" onClick={logOut} title={`${actor}, ${role}`}>
            Log out
          </button>
        </div>
      </nav>
      <Page path={path} />
      {help && (
        <Dialog title="Keys" onClose={() => setHelp(false)}>
          <dl class="pairs">
            {[...LIST_KEYS, ...PAGES.map((page) => [page.key, `go to ${page.name}`] as const)].map(
              ([keys, does]) => (
                <div key={keys}>
                  <dt>
                    <kbd>{keys}</kbd>
                  </dt>
                  <dd>{does}</dd>
                </div>
              ),
            )}
          </dl>
        </Dialog>
      )}
    </>
  );
}
