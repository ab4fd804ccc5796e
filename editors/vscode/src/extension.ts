// The extension's side in VS Code: starts the language server that is packed beside it, once there is a file for it.

import { join } from 'node:path';
import { commands, type ExtensionContext, languages, type TextDocument, window, workspace } from 'vscode';
import { LanguageClient, type ServerOptions, TransportKind } from 'vscode-languageclient/node';

let client: LanguageClient | undefined;

/** Files of our language, and those of YAML that the settings' globs name. */
function selector() {
  const globs = workspace.getConfiguration('yarak').get<string[]>('files', []);
  return [
    { language: 'falco-rules' },
    ...globs.map((pattern) => ({ language: 'yaml', scheme: 'file', pattern })),
  ];
}

async function start(context: ExtensionContext): Promise<void> {
  const module = context.asAbsolutePath(join('dist', 'server.mjs'));
  const server: ServerOptions = { module, transport: TransportKind.stdio };
  const { rulesFiles, ignore } = workspace.getConfiguration('yarak');
  client = new LanguageClient('yarak', 'Yarak', server, {
    documentSelector: selector(),
    initializationOptions: { rulesFiles, ignore },
  });
  await client.start();
}

async function stop(): Promise<void> {
  const running = client;
  client = undefined;
  await running?.stop();
}

/** Most YAML files are no rules: no server runs for them. */
async function startFor(context: ExtensionContext, documents: readonly TextDocument[]): Promise<void> {
  if (client !== undefined) return;
  if (documents.some((document) => languages.match(selector(), document) > 0)) await start(context);
}

export async function activate(context: ExtensionContext): Promise<void> {
  const restart = async () => {
    await stop();
    await start(context);
  };
  context.subscriptions.push(
    commands.registerCommand('yarak.restart', restart),
    commands.registerCommand('yarak.format', () => {
      if (window.activeTextEditor === undefined) return undefined;
      return commands.executeCommand('editor.action.formatDocument');
    }),
    workspace.onDidOpenTextDocument((document) => startFor(context, [document])),
    // Which files are the server's is said when it starts.
    workspace.onDidChangeConfiguration(async (event) => {
      if (!event.affectsConfiguration('yarak.files')) return;
      await stop();
      await startFor(context, workspace.textDocuments);
    }),
  );
  await startFor(context, workspace.textDocuments);
}

export function deactivate(): Promise<void> {
  return stop();
}
