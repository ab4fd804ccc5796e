// The command palette: every place and everything the page's keys do, by typing a part of its name; or words to search
// findings for.

import { useId, useState } from 'preact/hooks';
import { go, linkTo } from '../location.ts';
import { Key } from '../parts/basics.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { activeShortcuts } from '../parts/keyboard.ts';
import { keyName } from './help.tsx';

interface Command {
  readonly name: string;
  readonly keys: string;
  readonly run: () => void;
}

function commandsFor(text: string, all: readonly Command[]): readonly Command[] {
  const words = text.toLowerCase().split(/\s+/);
  const found = all.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
  if (text.trim() === '') return found;
  return [
    ...found,
    {
      name: `search findings for “${text}”`,
      keys: '',
      run: () => go(linkTo(['findings'], { search: text })),
    },
  ];
}

export function Palette({ onClose }: { readonly onClose: () => void }) {
  const [all] = useState<readonly Command[]>(() =>
    activeShortcuts().flatMap(({ shortcuts }) =>
      shortcuts
        .filter(({ keys }) => keys !== 'Mod+k')
        .map(({ keys, does = '', run }) => ({ name: does, keys, run })),
    ),
  );
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const id = useId();
  const commands = commandsFor(text, all);
  const chosen = Math.min(at, commands.length - 1);
  const choose = (command: Command | undefined, close: () => void): void => {
    if (command === undefined) return;
    close();
    // After the dialog gave the focus back: what the command does may move it.
    requestAnimationFrame(command.run);
  };
  const onKey = (event: KeyboardEvent, close: () => void): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && commands.length > 0) {
      event.preventDefault();
      const next = (chosen + step + commands.length) % commands.length;
      setAt(next);
      document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      choose(commands[chosen], close);
    }
  };
  return (
    <Dialog title="Go to, or do" class="palette" onClose={onClose}>
      {(close) => (
        <>
          <input
            role="combobox"
            aria-label="A place or an action"
            aria-expanded="true"
            aria-autocomplete="list"
            aria-controls={`${id}-list`}
            aria-activedescendant={commands.length === 0 ? undefined : `${id}-${chosen}`}
            autocomplete="off"
            spellcheck={false}
            value={text}
            onInput={(event) => {
              setText(event.currentTarget.value);
              setAt(0);
            }}
            onKeyDown={(event) => onKey(event, close)}
          />
          <div id={`${id}-list`} role="listbox" aria-label="Matches" class="options" tabIndex={-1}>
            {commands.map((command, i) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox has the keys (ARIA combobox pattern)
              <div
                key={command.name}
                id={`${id}-${i}`}
                role="option"
                tabIndex={-1}
                aria-selected={i === chosen}
                onClick={() => choose(command, close)}
              >
                <span>{command.name}</span>
                {command.keys !== '' && <Key keys={keyName(command.keys)} />}
              </div>
            ))}
          </div>
          <p role="status" class="visually-hidden">
            {commands.length} matches
          </p>
        </>
      )}
    </Dialog>
  );
}
