// The keyboard's help: what the keys do on this page, as registered there, and the switch for one-character keys.

import { useState } from 'preact/hooks';
import { Dialog } from '../parts/dialog.tsx';
import { activeShortcuts } from '../parts/keyboard.ts';
import { change, useSetting } from '../settings.ts';

export function keyName(keys: string): string {
  return keys.replace('Mod+k', 'Ctrl K').replace('Escape', 'Esc').replace('Arrow', '');
}

export function Help({ onClose }: { readonly onClose: () => void }) {
  // What was active when the help opened.
  const [groups] = useState(activeShortcuts);
  const keys = useSetting('keys');
  return (
    <Dialog title="Keys" class="wide" onClose={onClose}>
      {() => (
        <>
          <div class="key-groups">
            {groups.map(({ group, shortcuts }) => (
              <section key={group}>
                <h3>{group}</h3>
                <dl>
                  {shortcuts.map((one) => (
                    <div key={one.keys}>
                      <dt>
                        <kbd>{keyName(one.keys)}</kbd>
                      </dt>
                      <dd>{one.does}</dd>
                    </div>
                  ))}
                </dl>
              </section>
            ))}
          </div>
          <label class="inline">
            <input
              type="checkbox"
              data-first
              checked={keys === 'on'}
              onChange={(event) => change('keys', event.currentTarget.checked ? 'on' : 'off')}
            />
            Keys without Control or Command work (switch this off when you speak to your computer)
          </label>
        </>
      )}
    </Dialog>
  );
}
