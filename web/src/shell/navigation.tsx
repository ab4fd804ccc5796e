// The navigation: a column beside the page, or a bar with a menu where the page is narrow.

import { useEffect, useState } from 'preact/hooks';
import { Key } from '../parts/basics.tsx';
import { useSession } from '../session.ts';
import { change, following, useSetting } from '../settings.ts';
import { placesFor } from './places.ts';

export interface NavigationProps {
  /** First segment of the path. */
  readonly here: string;
  readonly onHelp: () => void;
  readonly onPalette: () => void;
  readonly onLogOut: () => void;
}

export function Navigation({ here, onHelp, onPalette, onLogOut }: NavigationProps) {
  const { actor, role } = useSession();
  const theme = useSetting('theme');
  const times = useSetting('times');
  const [open, setOpen] = useState(false);
  useEffect(() => setOpen(false), [here]);
  return (
    <header class="side" data-open={open}>
      <div class="side-top">
        <a class="brand" href="#/incidents">
          Yarak
        </a>
        <button
          type="button"
          class="menu-button"
          aria-expanded={open}
          aria-controls="menu"
          onClick={() => setOpen(!open)}
        >
          Menu
        </button>
      </div>
      <div id="menu" class="menu">
        <nav aria-label="Pages">
          <ul>
            {placesFor(role).map((place) => (
              <li key={place.path}>
                <a
                  href={`#/${place.path}`}
                  aria-current={here === place.path ? 'page' : undefined}
                  onClick={() => setOpen(false)}
                >
                  {place.name}
                  <Key keys={place.keys} />
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <div class="side-foot">
          <button type="button" class="small" onClick={onPalette}>
            Go to… <Key keys="Ctrl K" />
          </button>
          <button type="button" class="small" onClick={onHelp}>
            Keys <Key keys="?" />
          </button>
          <button type="button" class="small" onClick={() => change('theme', following('theme'))}>
            Theme: {theme}
          </button>
          <button type="button" class="small" onClick={() => change('times', following('times'))}>
            Times: {times}
          </button>
          <p class="who">
            <bdi>{actor}</bdi>, {role}
          </p>
          <button type="button" class="small" onClick={onLogOut}>
            Log out
          </button>
        </div>
      </div>
    </header>
  );
}
