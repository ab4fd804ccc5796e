// A condition in Falco's language, checked in the browser as one types, with the same parser as everywhere. The parser
// is a chunk of its own, fetched when the field first gets the focus.

import { useEffect, useId, useRef, useState } from 'preact/hooks';

const SETTLE_MS = 250;

export interface FilterBarProps {
  readonly value: string;
  readonly label: string;
  readonly placeholder: string;
  /** Called once typing settles on a valid condition, or an empty one. */
  readonly onChange: (value: string) => void;
  /** On Enter. */
  readonly onEnter?: () => void;
  /** For a condition that is read as a whole: so many lines, into which it is broken. */
  readonly rows?: number;
}

type Language = typeof import('./condition.ts');
let language: Language | undefined;
const loading = (): Promise<Language> => import('./condition.ts');

export function FilterBar({ value, label, placeholder, onChange, onEnter, rows }: FilterBarProps) {
  const [text, setText] = useState(value);
  const [ready, setReady] = useState(language !== undefined);
  const id = useId();
  const fetchLanguage = (): void => {
    if (language !== undefined) return;
    void loading().then((loaded) => {
      language = loaded;
      setReady(true);
    });
  };
  useEffect(() => {
    setText(value);
    // A condition that came with the link is checked as well.
    if (value !== '') fetchLanguage();
  }, [value]);
  const problem = ready ? language?.conditionProblem(text) : undefined;
  const unsettled = text !== value && problem === undefined && (ready || text === '');
  const tell = useRef(onChange);
  tell.current = onChange;
  useEffect(() => {
    if (!unsettled) return;
    const timer = setTimeout(() => tell.current(text), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text, unsettled]);
  const field = {
    id,
    class: 'mono',
    'data-filter': true,
    spellcheck: false,
    autocomplete: 'off',
    autocapitalize: 'off',
    'aria-invalid': problem !== undefined,
    'aria-describedby': `${id}-problem`,
    placeholder,
    value: text,
    onFocus: fetchLanguage,
    onInput: (event: InputEvent) => {
      fetchLanguage();
      setText((event.currentTarget as HTMLInputElement).value);
    },
    onBlur: () => unsettled && onChange(text),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key !== 'Enter') return;
      // In a form, the first Enter takes the condition over, the next one sends the form.
      if (text !== value || rows !== undefined) event.preventDefault();
      if (unsettled) onChange(text);
      if (problem === undefined) onEnter?.();
    },
  } as const;
  return (
    <div class="field-box filter-bar">
      <label for={id}>{label}</label>
      {rows === undefined ? <input type="text" {...field} /> : <textarea rows={rows} {...field} />}
      <p id={`${id}-problem`} class="field-problem" role="status">
        {problem}
      </p>
    </div>
  );
}
