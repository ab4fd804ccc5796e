// An editor for tests: it starts a language server and speaks the protocol with it over its standard input and output.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  type ClientCapabilities,
  type CompletionItem,
  createProtocolConnection,
  type Diagnostic,
  type InitializeResult,
  type Position,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  type Range,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';

const root = resolve(import.meta.dirname, '../..');

/** A text with `|` at the cursor: the text without it, and where it was. */
export function cursorIn(marked: string, mark = '|'): { readonly text: string; readonly offset: number } {
  const offset = marked.indexOf(mark);
  if (offset === -1) throw new Error('no cursor in the text');
  return { text: marked.slice(0, offset) + marked.slice(offset + mark.length), offset };
}

/** A range as `line:character-line:character`, from 0, as the protocol counts. */
export function shown({ start, end }: Range): string {
  return `${start.line}:${start.character}-${end.line}:${end.character}`;
}

/** What a completion replaces, as `shown`. */
export function replaced({ textEdit }: CompletionItem): string | undefined {
  return textEdit !== undefined && 'range' in textEdit ? shown(textEdit.range) : undefined;
}

export interface LspOptions {
  /** Node's arguments; the command line's server if they are not given. */
  readonly server?: readonly string[];
  readonly folder?: string;
  readonly initializationOptions?: unknown;
  readonly capabilities?: ClientCapabilities;
  /** What the editor answers when it is asked for the settings. */
  readonly settings?: unknown;
  /** What the server tells whoever runs the editor. */
  readonly onLog?: (message: string) => void;
}

export class LspClient {
  readonly connection: ProtocolConnection;
  readonly process: ChildProcess;
  initialized!: InitializeResult;
  readonly #published = new Map<string, PublishDiagnosticsParams>();
  readonly #waiting: { readonly done: () => boolean; readonly tell: () => void }[] = [];
  readonly #open = new Map<string, number>();

  private constructor(child: ChildProcess) {
    this.process = child;
    this.connection = createProtocolConnection(
      new StreamMessageReader(child.stdout!),
      new StreamMessageWriter(child.stdin!),
    );
    this.connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
      this.#published.set(params.uri, params);
      for (const one of this.#waiting.filter(({ done }) => done())) {
        this.#waiting.splice(this.#waiting.indexOf(one), 1);
        one.tell();
      }
    });
  }

  static async start(options: LspOptions = {}): Promise<LspClient> {
    const args = options.server ?? [join(root, 'bin/yarak.js'), 'lsp', '--stdio'];
    const child = spawn(process.execPath, [...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    const client = new LspClient(child);
    client.connection.onRequest('workspace/configuration', ({ items }: { items: unknown[] }) =>
      items.map(() => options.settings ?? null),
    );
    client.connection.onRequest('client/registerCapability', () => null);
    client.connection.onNotification('window/logMessage', ({ message }: { message: string }) =>
      options.onLog?.(message),
    );
    client.connection.listen();
    const uri = options.folder === undefined ? null : new URL(`file://${options.folder}`).href;
    client.initialized = await client.connection.sendRequest('initialize', {
      processId: process.pid,
      rootUri: uri,
      workspaceFolders: uri === null ? null : [{ uri, name: 'test' }],
      capabilities: options.capabilities ?? {},
      initializationOptions: options.initializationOptions,
    });
    await client.connection.sendNotification('initialized', {});
    return client;
  }

  /** Opens a document; once it is open, this changes all of its text. */
  async write(uri: string, text: string, languageId = 'falco-rules'): Promise<void> {
    const version = (this.#open.get(uri) ?? 0) + 1;
    this.#open.set(uri, version);
    if (version === 1) {
      await this.connection.sendNotification('textDocument/didOpen', {
        textDocument: { uri, languageId, version, text },
      });
    } else {
      await this.connection.sendNotification('textDocument/didChange', {
        textDocument: { uri, version },
        contentChanges: [{ text }],
      });
    }
  }

  /** Changes a part of an open document. */
  async change(uri: string, range: Range, text: string): Promise<void> {
    const version = (this.#open.get(uri) ?? 0) + 1;
    this.#open.set(uri, version);
    await this.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges: [{ range, text }],
    });
  }

  async close(uri: string): Promise<void> {
    this.#open.delete(uri);
    await this.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  }

  /** Sends a request about a place. */
  request<T>(method: string, uri: string, position?: Position, more: object = {}): Promise<T> {
    return this.connection.sendRequest(method, {
      textDocument: { uri },
      ...(position && { position }),
      ...more,
    });
  }

  /** The diagnostics of a file, once there are any for its newest version. */
  async diagnostics(uri: string): Promise<readonly Diagnostic[]> {
    const newest = () => {
      const found = this.#published.get(uri);
      const version = this.#open.get(uri);
      return found !== undefined && (version === undefined || found.version === version) ? found : undefined;
    };
    if (newest() === undefined)
      await new Promise<void>((tell) => this.#waiting.push({ done: () => newest() !== undefined, tell }));
    return newest()?.diagnostics ?? [];
  }

  /** The diagnostics of a file, once they are as wanted; the test's own time limit ends the wait. */
  async diagnosticsWhere(
    uri: string,
    wanted: (found: readonly Diagnostic[]) => boolean,
  ): Promise<readonly Diagnostic[]> {
    const done = () => {
      const found = this.#published.get(uri);
      return found !== undefined && wanted(found.diagnostics);
    };
    if (!done()) await new Promise<void>((tell) => this.#waiting.push({ done, tell }));
    return this.#published.get(uri)?.diagnostics ?? [];
  }

  /** CPU milliseconds of the server so far, in steps of 10; `undefined` where the system does not tell. */
  cpuMs(): number | undefined {
    const path = `/proc/${this.process.pid}/stat`;
    if (!existsSync(path)) return undefined;
    const fields = readFileSync(path, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }

  /** Ends the server as editors do; gives its exit code. */
  async stop(): Promise<number | null> {
    const exited = new Promise<number | null>((tell) => this.process.once('exit', tell));
    await this.connection.sendRequest('shutdown');
    await this.connection.sendNotification('exit');
    const code = await exited;
    this.connection.dispose();
    return code;
  }
}

/** The position of an offset, as the protocol counts. */
export function positionIn(text: string, offset: number): Position {
  return TextDocument.create('', '', 0, text).positionAt(offset);
}

/** A text with edits made. */
export function edited(
  text: string,
  edits: readonly { readonly range: Range; readonly newText: string }[],
): string {
  return TextDocument.applyEdits(TextDocument.create('', '', 0, text), [...edits]);
}
