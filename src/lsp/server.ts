// The language server: the protocol's requests, answered from the model of the workspace.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  CodeActionKind,
  createConnection,
  LSPErrorCodes,
  MarkupKind,
  ResponseError,
  SemanticTokensBuilder,
  TextDocuments,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { Client, FIX_ALL } from './client.ts';
import {
  codeActions,
  complete,
  definitions,
  documentSymbols,
  fixAll,
  format,
  hoverAt,
  type Occurrence,
  references,
  rename,
  renameTarget,
  semanticTokens,
  TOKEN_TYPES,
  workspaceSymbols,
} from './language/index.ts';
import { rangeOf, SYMBOL_KINDS, toCodeAction, toCompletions, toDiagnostic, toLocation } from './protocol.ts';
import { type Found, nameOf, Session } from './session.ts';

export interface ServerOptions {
  readonly version: string;
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** Where the pages of the diagnostics' codes are: in a checkout, beside the sources; in the editor's package, beside the bundle. */
function documentation(): string | undefined {
  const found = ['../../docs/diagnostics.md', 'diagnostics.md', '../docs/diagnostics.md']
    .map((path) => join(import.meta.dirname, path))
    .find((path) => existsSync(path));
  return found === undefined ? undefined : pathToFileURL(found).href;
}

/** Serves until the editor says `exit` or goes away; the library then ends the process. */
export function startServer({ version, input, output }: ServerOptions): void {
  const connection = createConnection(input, output);
  const documents = new TextDocuments(TextDocument);
  const docs = documentation();
  const publish = (uri: string, { content, diagnostics }: Found) => {
    const open = documents.get(uri);
    const document = open ?? TextDocument.create(uri, 'yaml', 0, content);
    // Written for a text that is no more; the next check is on its way.
    if (open !== undefined && open.getText() !== content && diagnostics.length > 0) return;
    void connection.sendDiagnostics({
      uri,
      ...(open !== undefined && { version: open.version }),
      diagnostics: diagnostics.map((one) => toDiagnostic(one, document, { docs, textOf })),
    });
  };
  const session: Session = new Session(documents, publish, (message) =>
    connection.console.warn(`yarak: ${message}`),
  );
  const textOf = (name: string) => {
    const file = session.workspace().file(name);
    return file === undefined ? undefined : session.textOf(file);
  };

  const client = new Client(connection, session);
  connection.onInitialize((params) => client.initialize(params, version));
  connection.onInitialized(() => client.initialized());
  connection.onDidChangeConfiguration(() => client.readSettings());
  connection.onDidChangeWatchedFiles(() => session.readDisk());
  documents.onDidOpen(() => session.changed());
  documents.onDidChangeContent(() => session.changed());
  documents.onDidClose(() => session.readDisk());
  connection.onShutdown(() => session.dispose());

  /** The file of a request, its document, and the offset of its position. */
  const at = (params: { textDocument: { uri: string }; position: { line: number; character: number } }) => {
    const name = nameOf(params.textDocument.uri);
    const document = documents.get(params.textDocument.uri) ?? textOf(name);
    return document === undefined
      ? undefined
      : { name, document, offset: document.offsetAt(params.position) };
  };
  const locations = (places: readonly Occurrence[]) =>
    places.map((place) => toLocation(documentOf(place), place));
  // falco.yaml is no file of the model.
  const documentOf = ({ file }: { readonly file: Occurrence['file'] }) => session.textOf(file);

  connection.onCompletion((params) => {
    const place = at(params);
    if (place === undefined) return null;
    const found = complete(session.workspace(), place.name, place.offset);
    return found === undefined ? null : toCompletions(found, place.document, client.completion);
  });

  connection.onHover((params) => {
    const place = at(params);
    if (place === undefined) return null;
    const found = hoverAt(session.workspace(), place.name, place.offset, {
      diagnostics: session.found(place.name)?.diagnostics ?? [],
      set: session.set,
    });
    if (found === undefined) return null;
    return {
      contents: { kind: MarkupKind.Markdown, value: found.markdown },
      range: rangeOf(place.document, found.span),
    };
  });

  connection.onDefinition((params) => {
    const place = at(params);
    return place === undefined ? null : locations(definitions(session.workspace(), place.name, place.offset));
  });

  connection.onReferences((params) => {
    const place = at(params);
    if (place === undefined) return null;
    const { includeDeclaration } = params.context;
    return locations(references(session.workspace(), place.name, place.offset, includeDeclaration));
  });

  connection.onDocumentHighlight((params) => {
    const place = at(params);
    if (place === undefined) return null;
    return references(session.workspace(), place.name, place.offset, true)
      .filter(({ file }) => file.name === place.name)
      .map((one) => ({ range: rangeOf(place.document, one) }));
  });

  connection.onDocumentSymbol(({ textDocument }) => {
    const file = session.workspace().file(nameOf(textDocument.uri));
    if (file === undefined) return null;
    const document = session.textOf(file);
    return documentSymbols(session.workspace(), file).map(({ kind, name, detail, span, nameSpan }) => ({
      name: name === '' ? '?' : name,
      detail,
      kind: SYMBOL_KINDS[kind],
      range: rangeOf(document, span),
      selectionRange: rangeOf(document, nameSpan),
    }));
  });

  connection.onWorkspaceSymbol(({ query }) =>
    workspaceSymbols(session.workspace(), query).map(({ file, symbol }) => ({
      name: symbol.name,
      kind: SYMBOL_KINDS[symbol.kind],
      location: toLocation(session.textOf(file), symbol.nameSpan),
    })),
  );

  connection.onPrepareRename((params) => {
    const place = at(params);
    const target = place && renameTarget(session.workspace(), place.name, place.offset);
    if (target === undefined || place === undefined) return null;
    return { range: rangeOf(place.document, target), placeholder: target.name };
  });

  connection.onRenameRequest((params) => {
    const place = at(params);
    if (place === undefined) return null;
    const { edits, problem } = rename(session.workspace(), place.name, place.offset, params.newName);
    if (edits === undefined) return new ResponseError(LSPErrorCodes.RequestFailed, problem);
    const changes: Record<string, { range: ReturnType<typeof rangeOf>; newText: string }[]> = {};
    for (const edit of edits) {
      const document = documentOf(edit);
      (changes[document.uri] ??= []).push({ range: rangeOf(document, edit), newText: edit.text });
    }
    return { changes };
  });

  connection.onDocumentFormatting(({ textDocument }) => {
    const name = nameOf(textDocument.uri);
    const file = session.workspace().file(name);
    if (file === undefined) return null;
    const { edit, problem } = format(file, session.before(name));
    if (problem !== undefined) return new ResponseError(LSPErrorCodes.RequestFailed, problem);
    return edit === undefined ? [] : [{ range: rangeOf(session.textOf(file), edit), newText: edit.text }];
  });

  connection.onCodeAction(async ({ textDocument, range, context }) => {
    const name = nameOf(textDocument.uri);
    if (session.found(name) === undefined) await session.check();
    const file = session.workspace().file(name);
    const found = session.found(name);
    if (file === undefined || found === undefined) return null;
    const document = session.textOf(file);
    const wants = (kind: string) =>
      context.only === undefined || context.only.some((one) => `${kind}.`.startsWith(`${one}.`));
    const actions = [];
    if (wants(CodeActionKind.QuickFix)) {
      const span = { from: document.offsetAt(range.start), to: document.offsetAt(range.end) };
      const fixes = codeActions(file, found.diagnostics, span);
      for (const fix of fixes) {
        const only = fixes.filter(({ diagnostic }) => diagnostic === fix.diagnostic).length === 1;
        const diagnostic = toDiagnostic(fix.diagnostic, document, { docs, textOf });
        actions.push(toCodeAction(fix, diagnostic, only, textOf));
      }
    }
    const fixed = wants(FIX_ALL) ? fixAll(file, found.diagnostics) : undefined;
    if (fixed !== undefined) {
      const edit = { range: rangeOf(document, { from: 0, to: file.content.length }), newText: fixed };
      actions.push({
        title: 'Make all safe fixes',
        kind: FIX_ALL,
        edit: { changes: { [document.uri]: [edit] } },
      });
    }
    return actions;
  });

  connection.languages.semanticTokens.on(({ textDocument }) => {
    const file = session.workspace().file(nameOf(textDocument.uri));
    const builder = new SemanticTokensBuilder();
    if (file === undefined) return builder.build();
    const document = session.textOf(file);
    for (const { from, to, type } of semanticTokens(session.workspace(), file)) {
      const { line, character } = document.positionAt(from);
      builder.push(line, character, to - from, TOKEN_TYPES.indexOf(type), 0);
    }
    return builder.build();
  });

  documents.listen(connection);
  connection.listen();
}
