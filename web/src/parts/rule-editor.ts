// CodeMirror with the loader's own diagnostics and their fixes, and the language server's completion and hover. Loaded on
// demand (rules.tsx). Tab leaves the editor, as everywhere on the page; F8 goes to the next diagnostic.

import { autocompletion } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { defaultHighlightStyle, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic as EditorDiagnostic, linter, lintGutter, lintKeymap } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import type { Diagnostic, Fix } from '../../../src/base/diagnostic.ts';
import type { Checked, RuleFile } from './rule-check.ts';
import { ruleLanguage } from './rule-language.ts';
import type { CheckAnswer, CheckRequest } from './rule-worker.ts';
import workerUrl from './rule-worker.ts?worker&url';
import { trusted } from './trusted.ts';

export type { Checked, RuleFile };

function changesOf({ edits }: Fix, length: number) {
  return edits.map(({ at, text }) => ({
    from: Math.min(at.from, length),
    to: Math.min(at.to, length),
    insert: text,
  }));
}

function asEditorDiagnostic(d: Diagnostic, length: number): EditorDiagnostic {
  const from = Math.min(d.at?.from ?? 0, length);
  return {
    from,
    to: Math.min(Math.max(d.at?.to ?? from, from), length),
    severity: d.severity,
    source: d.code,
    message: d.help === undefined ? d.message : `${d.message}\n${d.help}`,
    actions: (d.fixes ?? []).map((fix) => ({
      name: fix.title,
      apply: (view) => view.dispatch({ changes: changesOf(fix, view.state.doc.length) }),
    })),
  };
}

/** CodeMirror's own colours are for white ground only: the same parts of speech, in the page's tokens. */
const TOKEN_OF: Readonly<Record<string, string>> = {
  '#708': 'var(--accent)',
  '#219': 'var(--accent)',
  '#00f': 'var(--accent)',
  '#00c': 'var(--accent)',
  '#164': 'var(--good)',
  '#a11': 'var(--unsure)',
  '#e40': 'var(--unsure)',
  '#940': 'var(--muted)',
  '#f00': 'var(--bad)',
};
const highlightStyle = HighlightStyle.define(
  defaultHighlightStyle.specs.map((spec) => ({
    ...spec,
    ...(typeof spec['color'] === 'string' ? { color: TOKEN_OF[spec['color']] ?? 'var(--text)' } : {}),
  })),
);

/** In a shadow root, where CodeMirror's styles are constructed sheets: the page's policy allows no style elements. */
const theme = EditorView.theme({
  '&': {
    maxHeight: '60vh',
    backgroundColor: 'var(--surface)',
    color: 'var(--text)',
    fontSize: 'var(--size-small)',
  },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.5' },
  '.cm-content': { caretColor: 'var(--text)', minHeight: '160px' },
  '.cm-gutters': { border: '0', backgroundColor: 'var(--sunken)', color: 'var(--muted)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--surface)',
    color: 'var(--text)',
    border: '1px solid var(--line-strong)',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    backgroundColor: 'var(--accent)',
    color: 'var(--on-accent)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { maxHeight: 'none', overflow: 'hidden' },
  '.cm-markdown': { maxWidth: 'min(60ch, 80vw)', maxHeight: '40vh', overflow: 'auto', padding: '4px 8px' },
  '.cm-markdown p, .cm-markdown pre': { margin: '2px 0', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' },
  '.cm-markdown code, .cm-markdown pre': { fontFamily: 'var(--mono)' },
  '.cm-completionDetail': { color: 'inherit' },
  '.cm-diagnosticSource': { fontSize: '0.9em', opacity: '1', color: 'var(--muted)' },
  '.cm-diagnosticAction': {
    minHeight: '24px',
    backgroundColor: 'var(--accent)',
    color: 'var(--on-accent)',
    borderRadius: '4px',
  },
});

/** The worker that checks; an answer that comes when a newer one was asked for is still given, and CodeMirror drops it. */
function startChecker() {
  const worker = new Worker(trusted.createScriptURL(workerUrl), { type: 'module' });
  const waiting = new Map<number, (checked: Checked) => void>();
  let last = 0;
  worker.addEventListener('message', ({ data }: MessageEvent<CheckAnswer>) => {
    waiting.get(data.id)?.(data.checked);
    waiting.delete(data.id);
  });
  return {
    check(file: RuleFile, before: readonly RuleFile[]): Promise<Checked> {
      const request: CheckRequest = { id: ++last, file, before };
      return new Promise((resolve) => {
        waiting.set(request.id, resolve);
        worker.postMessage(request);
      });
    },
    stop: () => worker.terminate(),
  };
}

export interface Editor {
  /** Puts the cursor at a diagnostic and the focus into the editor. */
  show(diagnostic: Diagnostic): void;
  /** Makes a fix; it can be undone as typing can. */
  apply(fix: Fix): void;
  destroy(): void;
}

export interface EditorOptions {
  readonly parent: HTMLElement;
  readonly file: RuleFile;
  /** The files that Falco loads before this one. */
  readonly before: readonly RuleFile[];
  /** After every pause in typing. */
  readonly changed: (checked: Checked, text: string) => void;
}

export function openEditor({ parent, file, before, changed }: EditorOptions): Editor {
  const language = ruleLanguage(file, before);
  const checker = startChecker();
  const lint = linter(
    async (view) => {
      const now = view.state.doc.toString();
      const checked = await checker.check({ ...file, content: now }, before);
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
      doc: file.content,
      extensions: [
        lineNumbers(),
        history(),
        keymap.of([...lintKeymap, ...defaultKeymap, ...historyKeymap]),
        yaml(),
        syntaxHighlighting(highlightStyle),
        lintGutter(),
        lint,
        // So few that the list need not scroll: only what has the focus scrolls by keyboard. Icons are of a font that not
        // everyone has.
        autocompletion({ override: [language.complete], maxRenderedOptions: 10, icons: false }),
        language.hover,
        theme,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({
          'aria-label': `Rules file ${file.name}`,
          spellcheck: 'false',
        }),
      ],
    }),
  });
  return {
    show({ at }) {
      const { length } = view.state.doc;
      const from = Math.min(at?.from ?? 0, length);
      view.dispatch({
        selection: { anchor: from, head: Math.min(at?.to ?? from, length) },
        effects: EditorView.scrollIntoView(from, { y: 'center' }),
      });
      view.focus();
    },
    apply(fix) {
      view.dispatch({ changes: changesOf(fix, view.state.doc.length) });
      view.focus();
    },
    destroy() {
      view.destroy();
      checker.stop();
    },
  };
}
