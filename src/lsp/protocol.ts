// Ours to the protocol's: positions, kinds, severities.

import {
  type CodeAction,
  CodeActionKind,
  type CompletionItem,
  CompletionItemKind,
  CompletionItemTag,
  type CompletionList,
  DiagnosticSeverity,
  DiagnosticTag,
  InsertTextFormat,
  type Location,
  MarkupKind,
  type Diagnostic as ProtocolDiagnostic,
  type Range,
  SymbolKind,
} from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Diagnostic, Severity, Span } from '../base/diagnostic.ts';
import { CODE_PAGES } from '../detect/rules/index.ts';
import type { CompletionKind, Completions, CodeAction as Fix, ItemKind } from './language/index.ts';

/** A span of a document as lines and UTF-16 columns. */
export function rangeOf(document: TextDocument, { from, to }: Span): Range {
  return { start: document.positionAt(from), end: document.positionAt(to) };
}

const SEVERITIES: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

const UNNECESSARY: ReadonlySet<string> = new Set([
  'LOAD_UNUSED_MACRO',
  'LOAD_UNUSED_LIST',
  'LINT_DUPLICATE_ITEM',
  'LINT_DUPLICATE_CONDITION',
]);

export interface DiagnosticOptions {
  /** Where the documentation of the codes is. */
  readonly docs: string | undefined;
  /** The document of a file that a note points into. */
  textOf(file: string): TextDocument | undefined;
}

export function toDiagnostic(
  diagnostic: Diagnostic,
  document: TextDocument,
  { docs, textOf }: DiagnosticOptions,
): ProtocolDiagnostic {
  const { code, severity, message, help, at, notes = [] } = diagnostic;
  const related = notes.flatMap((note) => {
    const text = note.at === undefined ? undefined : textOf(note.at.file);
    if (note.at === undefined || text === undefined) return [];
    return [{ location: { uri: text.uri, range: rangeOf(text, note.at) }, message: note.message }];
  });
  // Notes without a place are part of what is said.
  const told = notes.filter((note) => note.at === undefined).map((note) => note.message);
  return {
    range: rangeOf(document, at ?? { from: 0, to: 0 }),
    severity: SEVERITIES[severity],
    code,
    source: 'yarak',
    message: [message, ...told, ...(help === undefined ? [] : [help])].join('\n'),
    ...(docs !== undefined &&
      CODE_PAGES.has(code) && { codeDescription: { href: `${docs}#${code.toLowerCase()}` } }),
    ...(related.length > 0 && { relatedInformation: related }),
    ...(UNNECESSARY.has(code) && { tags: [DiagnosticTag.Unnecessary] }),
    ...(code === 'LOAD_DEPRECATED_ITEM' && { tags: [DiagnosticTag.Deprecated] }),
  };
}

const COMPLETION_KINDS: Readonly<Record<CompletionKind, CompletionItemKind>> = {
  field: CompletionItemKind.Field,
  macro: CompletionItemKind.Constant,
  list: CompletionItemKind.Variable,
  event: CompletionItemKind.EnumMember,
  operator: CompletionItemKind.Operator,
  transformer: CompletionItemKind.Function,
  keyword: CompletionItemKind.Keyword,
  key: CompletionItemKind.Property,
  value: CompletionItemKind.Value,
  item: CompletionItemKind.Snippet,
};

/** What the editor can do with completions. */
export interface CompletionSupport {
  readonly snippets: boolean;
  readonly editRange: boolean;
}

export function toCompletions(
  { span, items }: Completions,
  document: TextDocument,
  { snippets, editRange }: CompletionSupport,
): CompletionList {
  const range = rangeOf(document, span);
  return {
    isIncomplete: false,
    ...(editRange && { itemDefaults: { editRange: range } }),
    items: items.map((item): CompletionItem => {
      const snippet = snippets ? item.snippet : undefined;
      const newText = snippet ?? item.text ?? item.label;
      return {
        label: item.label,
        kind: COMPLETION_KINDS[item.kind],
        sortText: `${item.rank ?? 1} ${item.label}`,
        ...(item.detail !== undefined && { detail: item.detail }),
        ...(item.documentation !== undefined &&
          item.documentation !== '' && {
            documentation: { kind: MarkupKind.Markdown, value: item.documentation },
          }),
        ...(item.deprecated === true && { tags: [CompletionItemTag.Deprecated] }),
        ...(snippet !== undefined && { insertTextFormat: InsertTextFormat.Snippet }),
        ...(editRange
          ? newText !== item.label && { textEditText: newText }
          : { textEdit: { range, newText } }),
      };
    }),
  };
}

export const SYMBOL_KINDS: Readonly<Record<ItemKind, SymbolKind>> = {
  rule: SymbolKind.Event,
  macro: SymbolKind.Constant,
  list: SymbolKind.Array,
};

export function toLocation(document: TextDocument, span: Span): Location {
  return { uri: document.uri, range: rangeOf(document, span) };
}

/** A quick fix; the only one for a diagnostic is the preferred one. */
export function toCodeAction(
  fix: Fix,
  diagnostic: ProtocolDiagnostic,
  only: boolean,
  textOf: (file: string) => TextDocument | undefined,
): CodeAction {
  const changes: Record<string, { range: Range; newText: string }[]> = {};
  for (const { file, from, to, text } of fix.edits) {
    const document = textOf(file);
    if (document === undefined) continue;
    (changes[document.uri] ??= []).push({ range: rangeOf(document, { from, to }), newText: text });
  }
  return {
    title: fix.title,
    kind: CodeActionKind.QuickFix,
    diagnostics: [diagnostic],
    edit: { changes },
    ...(only && { isPreferred: true }),
  };
}
