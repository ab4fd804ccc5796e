// Rules: the loaded files, and an editor whose diagnostics are the loader's own, run in the browser as one types. The
// editor and the loader are a chunk of their own, fetched when this page opens.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { Diagnostic } from '../../../src/base/diagnostic.ts';
import { visible } from '../../../src/base/escape/visible.ts';
import { call } from '../api.ts';
import { plural } from '../format.ts';
import { setQuery, useLocation } from '../location.ts';
import { Copy, ErrorBox, Skeleton } from '../parts/basics.tsx';
import { useShortcuts } from '../parts/keyboard.ts';
import { Page } from '../parts/page.tsx';
import type { Checked, Editor, RuleFile } from '../parts/rule-editor.ts';
import { useData } from '../use-data.ts';

const SHOWN = 100;

const SAMPLE: RuleFile = {
  name: 'rules.yaml',
  content: `- rule: Shell in a container
  desc: A shell started in a container.
  condition: evt.type in (execve, execveat) and container.id != host and proc.name in (bash, sh)
  output: >
    Shell in a container (command=%proc.cmdline exe=%proc.exepath parent=%proc.pname
    user=%user.name image=%container.image.repository)
  priority: NOTICE
  tags: [container, T1059.004]
`,
};

const BADGE: Readonly<Record<Diagnostic['severity'], string>> = {
  error: 'failed',
  warning: 'unchecked',
  info: '',
  hint: '',
};

interface DiagnosticsProps {
  readonly checked: Checked;
  readonly editor: () => Editor | undefined;
}

function Diagnostics({ checked, editor }: DiagnosticsProps) {
  const { diagnostics } = checked;
  if (diagnostics.length === 0) return <p class="muted">Nothing to say about this file.</p>;
  return (
    <ol class="diagnostics">
      {diagnostics.slice(0, SHOWN).map((one, i) => (
        <li key={`${one.at?.from} ${one.code} ${i}`}>
          <button type="button" class="link" onClick={() => editor()?.show(one)}>
            <span class={`badge ${BADGE[one.severity]}`}>{one.severity}</span>{' '}
            <span class="mono">
              {one.at?.line}:{one.at?.column}
            </span>{' '}
            {visible(one.message)}
          </button>{' '}
          {one.help !== undefined && <span class="muted">{visible(one.help)} </span>}
          <span class="muted mono">{one.code}</span>{' '}
          {one.fixes?.map((fix) => (
            <button key={fix.title} type="button" class="small" onClick={() => editor()?.apply(fix)}>
              Fix: {visible(fix.title)}
            </button>
          ))}
        </li>
      ))}
      {diagnostics.length > SHOWN && <li class="muted">and {diagnostics.length - SHOWN} more</li>}
    </ol>
  );
}

export function RulesPage() {
  const { query } = useLocation();
  const loaded = useData('rules', (signal) => call('GET /api/v1/rules', {}, signal));
  const [checked, setChecked] = useState<Checked | undefined>(undefined);
  const [text, setText] = useState('');
  const box = useRef<HTMLDivElement>(null);
  const editor = useRef<Editor | undefined>(undefined);
  const files = loaded.value?.files;
  const file = files?.find(({ name }) => name === query.get('file')) ?? files?.[0] ?? SAMPLE;
  useEffect(() => {
    if (files === undefined || box.current === null) return;
    let gone = false;
    setText(file.content);
    setChecked(undefined);
    void import('../parts/rule-editor.ts').then(({ openEditor }) => {
      if (gone || box.current === null) return;
      editor.current = openEditor({
        parent: box.current,
        file,
        before: files.slice(0, Math.max(0, files.indexOf(file))),
        changed: (result, now) => {
          setChecked(result);
          setText(now);
        },
      });
    });
    return () => {
      gone = true;
      editor.current?.destroy();
      editor.current = undefined;
    };
  }, [files, file]);
  useShortcuts('The editor', [
    {
      keys: 'F8',
      does: 'to the first diagnostic; in the editor, to the next',
      run: () => {
        const first = checked?.diagnostics[0];
        if (first !== undefined) editor.current?.show(first);
      },
    },
    {
      keys: 'e',
      does: 'into the editor',
      run: () => box.current?.shadowRoot?.querySelector<HTMLElement>('.cm-content')?.focus(),
    },
  ]);
  return (
    <Page title="Rules" class="rules-page">
      <p class="lead">
        {files === undefined || files.length > 0 ? (
          'The files that the service loaded. Edits are checked here and change nothing: copy the result into your repository.'
        ) : (
          <>
            The service has no rule files (<code>rules:</code> in its configuration). Try the language here:
            what you see is what Falco’s loader would say, and more.
          </>
        )}
      </p>
      {loaded.error && <ErrorBox error={loaded.error} retry={loaded.reload} />}
      {files === undefined && loaded.loading && <Skeleton rows={8} />}
      {files !== undefined && files.length > 0 && (
        <label class="inline">
          File
          <select value={file.name} onChange={(event) => setQuery({ file: event.currentTarget.value })}>
            {files.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
      <div class="editor" ref={box} hidden={files === undefined} />
      {checked && (
        <section class="panel">
          <div class="panel-head">
            <h2>
              <span role="status">
                {plural(checked.errors, 'error')}, {plural(checked.warnings, 'warning')},{' '}
                {checked.hints > 0 && `${plural(checked.hints, 'hint')}, `}
                {plural(checked.rules, 'rule')}
              </span>
            </h2>
            <Copy text={text} label="Copy the file" />
          </div>
          <Diagnostics checked={checked} editor={() => editor.current} />
        </section>
      )}
    </Page>
  );
}
