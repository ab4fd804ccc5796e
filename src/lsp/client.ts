// The editor's side of the connection: what it can do, what it has set, and what the server offers it.

import {
  CodeActionKind,
  type Connection,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  type InitializeParams,
  type InitializeResult,
  TextDocumentSyncKind,
} from 'vscode-languageserver/node';
import { z } from 'zod';
import { TOKEN_TYPES } from './language/index.ts';
import type { Session, Settings } from './session.ts';

/** The kind of the action that makes all safe fixes of a file. */
export const FIX_ALL = `${CodeActionKind.SourceFixAll}.yarak`;

const settingsSchema = z
  .object({ rulesFiles: z.array(z.string()).optional(), ignore: z.array(z.string()).optional() })
  .transform(
    (given): Settings => ({
      ...(given.rulesFiles !== undefined && { rulesFiles: given.rulesFiles }),
      ...(given.ignore !== undefined && { ignore: given.ignore }),
    }),
  );

/** The editor's side: what it can do and what it has set. */
export class Client {
  completion = { snippets: false, editRange: false };
  readonly #connection: Connection;
  readonly #session: Session;
  #asks = false;
  #watches = false;
  #tells = false;

  constructor(connection: Connection, session: Session) {
    this.#connection = connection;
    this.#session = session;
  }

  initialize({ capabilities, ...params }: InitializeParams, version: string): InitializeResult {
    const { completion } = capabilities.textDocument ?? {};
    this.completion = {
      snippets: completion?.completionItem?.snippetSupport === true,
      editRange: completion?.completionList?.itemDefaults?.includes('editRange') === true,
    };
    this.#asks = capabilities.workspace?.configuration === true;
    this.#tells = capabilities.workspace?.didChangeConfiguration?.dynamicRegistration === true;
    this.#watches = capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true;
    this.#take(params.initializationOptions);
    const folders =
      params.workspaceFolders?.map(({ uri }) => uri) ?? (params.rootUri ? [params.rootUri] : []);
    this.#session.setFolders(folders);
    return {
      serverInfo: { name: 'yarak', version },
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: false },
        completionProvider: { triggerCharacters: ['.', '%', '(', ' ', '[', ','] },
        hoverProvider: true,
        definitionProvider: true,
        referencesProvider: true,
        documentHighlightProvider: true,
        documentSymbolProvider: true,
        workspaceSymbolProvider: true,
        renameProvider: { prepareProvider: true },
        documentFormattingProvider: true,
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, FIX_ALL] },
        semanticTokensProvider: {
          legend: { tokenTypes: [...TOKEN_TYPES], tokenModifiers: [] },
          full: true,
        },
      },
    };
  }

  async initialized(): Promise<void> {
    try {
      await this.#register();
    } catch (error) {
      this.#connection.console.warn(`yarak: the editor watches no files: ${String(error)}`);
    }
    await this.readSettings();
  }

  async #register(): Promise<void> {
    if (this.#watches) {
      await this.#connection.client.register(DidChangeWatchedFilesNotification.type, {
        watchers: [{ globPattern: '**/*.{yaml,yml}' }],
      });
    }
    if (this.#tells) {
      await this.#connection.client.register(DidChangeConfigurationNotification.type, { section: 'yarak' });
    }
  }

  /** Asks for the settings, where the editor can be asked, and looks at the files that they name. */
  async readSettings(): Promise<void> {
    try {
      if (this.#asks) this.#take(await this.#connection.workspace.getConfiguration('yarak'));
    } catch (error) {
      this.#connection.console.warn(`yarak: the editor does not tell its settings: ${String(error)}`);
    }
    this.#session.readDisk();
  }

  #take(given: unknown): void {
    if (given === null || given === undefined) return;
    const { data, error } = settingsSchema.safeParse(given);
    if (data !== undefined) this.#session.settings = { ...this.#session.settings, ...data };
    else this.#connection.console.warn(`yarak: settings not taken: ${z.prettifyError(error)}`);
  }
}
