// Rules: the loaded files, and an editor whose diagnostics are the loader's own, run in the browser as one types. The
// editor and the loader are a chunk of their own, fetched when this page opens.

import { useEffect, useRef, useState } from 'preact/hooks';
import { call } from '../api.ts';
import { Copy, ErrorBox, Skeleton } from '../parts/basics.tsx';
import { useData } from '../use-data.ts';

type Editor = typeof import('../parts/rule-editor.ts');
type Checked = ReturnType<Editor['check']>;

const SAMPLE = `- rule: Shell in a container
  desc: A shell started in a container.
  condition: evt.type in (execve, execveat) and container.id != host and proc.name in (bash, sh)
  output: Shell in a container (command=%proc.cmdline user=%user.name image=%container.image.repository)
  priority: NOTICE
  tags: [container, T1059.004]
`;

export function RulesPage() {
  const loaded = useData('rules', (signal) => call('GET /api/v1/rules', {}, signal));
  const [file, setFile] = useState('');
  const [checked, setChecked] = useState<Checked | undefined>(undefined);
  const [text, setText] = useState('');
  const box = useRef<HTMLDivElement>(null);
  const files = loaded.value?.files ?? [];
  const current = files.find((f) => f.name === file) ?? files[0];
  useEffect(() => {
    if (loaded.value === undefined || box.current === null) return;
    let gone = false;
    let destroy: (() => void) | undefined;
    const others = current === undefined ? [] : files.slice(0, files.indexOf(current));
    const start = current?.content ?? SAMPLE;
    setText(start);
    void import('../parts/rule-editor.ts').then((editor) => {
      if (gone || box.current === null) return;
      destroy = editor.openEditor(
        box.current,
        start,
        current?.name ?? 'rules.yaml',
        others,
        (result, now) => {
          setChecked(result);
          setText(now);
        },
      );
    });
    return () => {
      gone = true;
      destroy?.();
    };
  }, [loaded.value, current?.name]);
  return (
    <main id="main">
      <h1>Rules</h1>
      <p class="lead">
        {files.length === 0
          ? 'The service has no rule files (`rules:` in its configuration). Try the language here: what you see is what Falco’s loader would say, and more.'
          : 'The files that the service loaded. Edits are checked here and change nothing: copy the result into your repository.'}
      </p>
      {loaded.error && <ErrorBox error={loaded.error} retry={loaded.reload} />}
      {loaded.value === undefined && loaded.loading && <Skeleton rows={8} />}
      {files.length > 0 && (
        <label class="inline">
          File
          <select value={current?.name} onChange={(event) => setFile(event.currentTarget.value)}>
            {files.map((f) => (
              <option key={f.name}>{f.name}</option>
            ))}
          </select>
        </label>
      )}
      <div class="editor" ref={box} />
      {checked && (
        <section class="panel" aria-live="polite">
          <h2>
            {checked.errors} errors, {checked.warnings} warnings, {checked.rules} rules{' '}
            <Copy text={text} label="Copy the file" />
          </h2>
          <ol class="diagnostics">
            {checked.diagnostics.slice(0, 100).map((d, i) => (
              <li key={i}>
                <span class={`badge ${d.severity === 'error' ? 'failed' : 'unchecked'}`}>{d.severity}</span>{' '}
                <span class="mono">
                  {d.at?.line}:{d.at?.column} {d.code}
                </span>{' '}
                {d.message} {d.help !== undefined && <span class="muted">{d.help}</span>}
              </li>
            ))}
          </ol>
        </section>
      )}
    </main>
  );
}
