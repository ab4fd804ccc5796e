// CodeMirror with the loader's own diagnostics and completion of fields. Loaded on demand (rules.tsx).

import { autocompletion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { defaultHighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic as EditorDiagnostic, linter, lintGutter } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import type { Diagnostic } from '../../../src/base/diagnostic.ts';
import { catalogueFor } from '../../../src/detect/fields/index.ts';
import { loadRules } from '../../../src/detect/rules/index.ts';

export interface RuleFile {
  readonly name: string;
  readonly content: string;
}

export interface Checked {
  readonly diagnostics: readonly Diagnostic[];
  readonly errors: number;
  readonly warnings: number;
  readonly rules: number;
}

/** What the loader says of `text` after the files that come before it. */
export function check(name: string, text: string, before: readonly RuleFile[]): Checked {
  const set = loadRules([...before, { name, content: text }], {});
  const own = set.results.at(-1);
  const diagnostics = [...(own?.errors ?? []), ...(own?.warnings ?? [])]
    .map((f) => f.diagnostic)
    .filter((d) => d.at === undefined || d.at.file === name);
  return {
    diagnostics,
    errors: diagnostics.filter((d) => d.severity === 'error').length,
    warnings: diagnostics.filter((d) => d.severity !== 'error').length,
    rules: set.rules.length,
  };
}

function asEditorDiagnostic(d: Diagnostic, length: number): EditorDiagnostic {
  const from = Math.min(d.at?.from ?? 0, length);
  return {
    from,
    to: Math.min(Math.max(d.at?.to ?? from, from), length),
    severity: d.severity === 'error' ? 'error' : 'warning',
    source: d.code,
    message: d.help === undefined ? d.message : `${d.message}\n${d.help}`,
  };
}

function completeField(context: CompletionContext): CompletionResult | null {
  const word = context.matchBefore(/[a-z_]+\.[a-z_.]*/);
  if (word === null) return null;
  return {
    from: word.from,
    validFor: /^[a-z_.]*$/,
    options: [...catalogueFor('syscall').fields].map((field) => ({
      label: field.name,
      info: field.description,
      type: 'property',
    })),
  };
}

/** In a shadow root, where CodeMirror's styles are constructed sheets: the page's policy allows no style elements. */
const theme = EditorView.theme({
  '&': { maxHeight: '60vh', backgroundColor: 'var(--surface)', color: 'var(--text)', fontSize: 'var(--size-small)' },
  '.cm-scroller': { fontFamily: 'var(--mono)' },
  '.cm-gutters': { border: '0', backgroundColor: 'var(--sunken)', color: 'var(--muted)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-tooltip': { backgroundColor: 'var(--surface)', color: 'var(--text)', border: '1px solid var(--line-strong)' },
});

/** Opens the editor in `parent`; returns how to close it. `changed` gets the diagnostics after every pause in typing. */
export function openEditor(
  parent: HTMLElement,
  text: string,
  name: string,
  before: readonly RuleFile[],
  changed: (checked: Checked, text: string) => void,
): () => void {
  const lint = linter(
    (view) => {
      const now = view.state.doc.toString();
      const checked = check(name, now, before);
      changed(checked, now);
      return checked.diagnostics.map((d) => asEditorDiagnostic(d, now.length));
    },
    { delay: 300 },
  );
  const shadow = parent.shadowRoot ?? parent.attachShadow({ mode: 'open' });
  shadow.replaceChildren();
  const view = new EditorView({
    parent: shadow,
    root: shadow,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        history(),
        keymap.of([...defaultKeymap, ...historyKeymap]),
        yaml(),
        syntaxHighlighting(defaultHighlightStyle),
        lintGutter(),
        lint,
        autocompletion({ override: [completeField] }),
        theme,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': `Rules file ${name}`, spellcheck: 'false' }),
      ],
    }),
  });
  return () => view.destroy();
}
