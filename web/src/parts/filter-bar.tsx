// The filter in Falco's rule language: checked while it is typed, by the same parser that the engine uses, without
// asking the server. What is wrong is underlined in words under the bar.

import { useEffect, useRef, useState } from 'preact/hooks';
import { parseCondition } from '../../../src/detect/lang/index.ts';

const SETTLE_MS = 250;

export interface FilterBarProps {
  readonly value: string;
  readonly label: string;
  readonly placeholder: string;
  /** Called once typing settles on a valid condition, or an empty one. */
  readonly onChange: (value: string) => void;
}

/** What is wrong with `text`, or `undefined`. */
export function filterProblem(text: string): string | undefined {
  if (text.trim() === '') return undefined;
  const { error } = parseCondition(text);
  return error === undefined ? undefined : `${error.message} (at character ${error.span.from + 1})`;
}

export function FilterBar({ value, label, placeholder, onChange }: FilterBarProps) {
  const [text, setText] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => setText(value), [value]);
  const problem = filterProblem(text);
  useEffect(() => {
    if (text === value || problem !== undefined) return;
    const timer = setTimeout(() => onChange(text), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text, value, problem]);
  return (
    <div class="filter-bar">
      <input
        ref={input}
        type="search"
        class="mono"
        data-filter
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        aria-label={label}
        aria-invalid={problem !== undefined}
        aria-describedby="filter-problem"
        placeholder={placeholder}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <p id="filter-problem" class="filter-problem" role="status">
        {problem}
      </p>
    </div>
  );
}
