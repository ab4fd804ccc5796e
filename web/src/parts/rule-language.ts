// Completion and hover of the rules editor, as `yarak lsp` gives them. Their text names what stands in rule files, which
// anyone may have written: it becomes text nodes, never markup.

import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import type { EditorState, Extension, Text } from '@codemirror/state';
import { type EditorView, hoverTooltip } from '@codemirror/view';
import {
  type CompletionKind,
  complete,
  FileReader,
  hoverAt,
  type Completions as LanguageCompletions,
  Workspace,
} from '../../../src/lsp/language/index.ts';
import type { RuleFile } from './rule-check.ts';

/** CodeMirror's icons. */
const TYPE_OF: Readonly<Record<CompletionKind, string>> = {
  field: 'property',
  macro: 'function',
  list: 'variable',
  event: 'constant',
  operator: 'keyword',
  transformer: 'function',
  keyword: 'keyword',
  key: 'property',
  value: 'enum',
  item: 'keyword',
};

/** Characters of a text that are shown: more is no help, and reading Markdown takes the square of a long run's length. */
const MAX_SHOWN = 4000;

/** Paragraphs, code and bold words of Markdown; whatever else it says stays as written. */
function markdownNodes(text: string): HTMLElement {
  const markdown = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
  const box = document.createElement('div');
  box.className = 'cm-markdown';
  for (const [, , fenced, plain] of markdown.matchAll(/(`{3,})[^\n]*\n([\s\S]*?)\n\1(?:\n|$)|([^\n]+)/g)) {
    if (plain === '---') {
      box.append(document.createElement('hr'));
      continue;
    }
    const block = box.appendChild(document.createElement(fenced === undefined ? 'p' : 'pre'));
    if (fenced !== undefined) block.textContent = fenced;
    // An escaped character, a code span or bold words; what is between them is text.
    for (const [all, escaped, , code, bold] of (plain ?? '').matchAll(
      /\\([!-/:-@[-`{-~])|(`+)(.+?)\2(?!`)|\*\*(.+?)\*\*|[^\\`*]+|./gu,
    )) {
      if (code === undefined && bold === undefined) block.append(escaped ?? all.replaceAll('&#32;', ' '));
      else
        block.appendChild(document.createElement(code === undefined ? 'strong' : 'code')).textContent =
          code ?? bold ?? '';
    }
  }
  return box;
}

/** Writes a snippet and selects its first place. Tab does not go to the next: it leaves the editor. */
function applySnippet(snippet: string) {
  return (view: EditorView, _: Completion, from: number, to: number) => {
    const indent = /^ */.exec(view.state.doc.lineAt(from).text)?.[0] ?? '';
    let text = '';
    let last = 0;
    let first: { anchor: number; head: number } | undefined;
    for (const found of snippet.matchAll(/\$(?:\d+|\{\d+(?::([^}]*)|\|([^,|]*)[^|]*\|)?\})/g)) {
      text += snippet.slice(last, found.index).replaceAll('\n', `\n${indent}`);
      const word = found[1] ?? found[2] ?? '';
      first ??= { anchor: from + text.length, head: from + text.length + word.length };
      text += word;
      last = found.index + found[0].length;
    }
    text += snippet.slice(last).replaceAll('\n', `\n${indent}`);
    view.dispatch({
      changes: { from, to, insert: text },
      selection: first ?? { anchor: from + text.length },
      userEvent: 'input.complete',
      scrollIntoView: true,
    });
  };
}

function asOption({
  label,
  kind,
  detail,
  documentation,
  text,
  snippet,
  rank = 1,
}: LanguageCompletions['items'][number]): Completion {
  return {
    label,
    type: TYPE_OF[kind],
    boost: 1 - rank,
    ...(detail !== undefined && { detail }),
    ...(documentation && { info: () => markdownNodes(documentation) }),
    ...(snippet !== undefined ? { apply: applySnippet(snippet) } : text !== undefined && { apply: text }),
  };
}

/** What the language knows of `file` as it is being written, after the files that come before it. */
export function ruleLanguage({ name }: RuleFile, before: readonly RuleFile[]) {
  const reader = new FileReader();
  let workspace = new Workspace([]);
  let read: Text | undefined;
  const workspaceOf = ({ doc }: EditorState): Workspace => {
    if (doc !== read)
      workspace = new Workspace(reader.read([...before, { name, content: doc.toString() }], workspace.files));
    read = doc;
    return workspace;
  };
  const hover: Extension = hoverTooltip(({ state }, pos) => {
    const found = hoverAt(workspaceOf(state), name, pos);
    return found === undefined
      ? null
      : {
          pos: found.span.from,
          end: found.span.to,
          above: true,
          create: () => ({ dom: markdownNodes(found.markdown) }),
        };
  });
  return {
    hover,
    complete({ state, pos, explicit }: CompletionContext): CompletionResult | null {
      // A word, or a field of an output, has been begun.
      if (!explicit && !/[\w.%-]/.test(state.sliceDoc(pos - 1, pos))) return null;
      const found = complete(workspaceOf(state), name, pos);
      return found === undefined
        ? null
        : { ...found.span, options: found.items.map(asOption), validFor: /^[\w.-]*$/ };
    },
  };
}
