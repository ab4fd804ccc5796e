// The shell: who is logged in, where one can go, the keyboard's help, files dropped anywhere. Pages do the rest.

import { useEffect, useState } from 'preact/hooks';
import { call, onLoggedOut, setCsrf } from './api.ts';
import { useLiveLost } from './live.ts';
import { go, useLocation } from './location.ts';
import { ActivityPage } from './pages/activity.tsx';
import { DropPage, handOver } from './pages/drop.tsx';
import { FindingPage } from './pages/finding.tsx';
import { IncidentPage } from './pages/incident.tsx';
import { ListPage } from './pages/list/list.tsx';
import { LoginPage } from './pages/login.tsx';
import { NoisePage } from './pages/noise.tsx';
import { RulesPage } from './pages/rules.tsx';
import { SilencesPage } from './pages/silences.tsx';
import { TokensPage } from './pages/tokens.tsx';
import { ErrorBox } from './parts/basics.tsx';
import { useShortcuts } from './parts/keyboard.ts';
import { Page } from './parts/page.tsx';
import { Toasts } from './parts/toast.tsx';
import { SessionContext } from './session.ts';
import { change, following } from './settings.ts';
import { Help } from './shell/help.tsx';
import { Navigation } from './shell/navigation.tsx';
import { Palette } from './shell/palette.tsx';
import { placesFor } from './shell/places.ts';
import { useData } from './use-data.ts';

const isEmpty = (id: string | undefined): id is undefined => id === undefined || id === '';

function Route({ path }: { readonly path: readonly string[] }) {
  const [name = 'incidents', id] = path;
  switch (name) {
    case 'incidents':
      return isEmpty(id) ? <ListPage key="incidents" kind="incidents" /> : <IncidentPage key={id} id={id} />;
    case 'findings':
      return isEmpty(id) ? <ListPage key="findings" kind="findings" /> : <FindingPage key={id} id={id} />;
    case 'noise':
      return <NoisePage />;
    case 'rules':
      return <RulesPage />;
    case 'silences':
      return <SilencesPage />;
    case 'activity':
      return <ActivityPage />;
    case 'tokens':
      return <TokensPage />;
    case 'drop':
      return <DropPage />;
    default:
      return (
        <Page key={path.join('/')} title="There is no such page">
          <p>
            <a href="#/incidents">To the incidents</a>
          </p>
        </Page>
      );
  }
}

/** A file dropped on any page goes to the page that reads it. */
function useDroppedFiles(): void {
  useEffect(() => {
    const hasFile = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true;
    const over = (event: DragEvent): void => {
      if (hasFile(event)) event.preventDefault();
    };
    const drop = (event: DragEvent): void => {
      const file = event.dataTransfer?.files[0];
      if (!hasFile(event) || event.defaultPrevented || file === undefined) return;
      event.preventDefault();
      handOver(file);
      go('#/drop');
    };
    addEventListener('dragover', over);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('drop', drop);
    };
  }, []);
}

export function App() {
  const { path, query } = useLocation();
  const [shown, setShown] = useState<'help' | 'palette' | undefined>(undefined);
  const session = useData('session', async (signal) => {
    const me = await call('GET /api/v1/session', {}, signal);
    setCsrf(me.csrf ?? '');
    return me;
  });
  const lost = useLiveLost();
  const places = placesFor(session.value?.role ?? 'read');
  useEffect(() => onLoggedOut(session.reload), []);
  useDroppedFiles();
  useShortcuts('Everywhere', [
    { keys: 'Mod+k', does: 'go to a place, or do something, by name', run: () => setShown('palette') },
    { keys: '?', does: 'help with the keys', run: () => setShown('help') },
    {
      keys: 't',
      does: 'times: relative or exact',
      run: () => change('times', following('times')),
    },
    ...places.map((place) => ({
      keys: place.keys,
      does: `go to ${place.name}`,
      run: () => go(`#/${place.path}`),
    })),
  ]);
  if (session.error?.problem.status === 401)
    return <LoginPage expired={query.has('expired')} onDone={session.reload} />;
  if (session.value === undefined)
    return session.error ? <ErrorBox error={session.error} retry={session.reload} /> : null;
  // A dialog's end is told later than the next key: the other one may be open by then.
  const closed = (which: 'help' | 'palette'): void => setShown((now) => (now === which ? undefined : now));
  const logOut = async (): Promise<void> => {
    await call('DELETE /api/v1/session', {});
    session.reload();
  };
  return (
    <SessionContext.Provider value={session.value}>
      <button
        type="button"
        class="skip"
        onClick={() => document.querySelector<HTMLElement>('#main h1')?.focus()}
      >
        Skip to the page
      </button>
      <Navigation
        here={path[0] ?? 'incidents'}
        onHelp={() => setShown('help')}
        onPalette={() => setShown('palette')}
        onLogOut={() => void logOut()}
      />
      <div class="page-column">
        <p role="status" class={lost ? 'banner' : 'visually-hidden'}>
          {lost && 'Live updates are interrupted: what you see may be old. Trying again.'}
        </p>
        <Route path={path} />
      </div>
      <Toasts />
      {shown === 'help' && <Help onClose={() => closed('help')} />}
      {shown === 'palette' && <Palette onClose={() => closed('palette')} />}
    </SessionContext.Provider>
  );
}
