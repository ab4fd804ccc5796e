// The extension's side in VS Code: starts the language server that is packed beside it, and says which files are its.

import { join } from 'node:path';
import { commands, type ExtensionContext, window, workspace } from 'vscode';
import {
  type DocumentSelector,
  LanguageClient,
  type LanguageClientOptions,
  type ServerOptions,
  TransportKind,
} from 'vscode-languageclient/node';

let client: LanguageClient | undefined;

/** Files of our language, and those of YAML that the settings' globs name. */
function selector(): DocumentSelector {
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
  const options: LanguageClientOptions = {
    documentSelector: selector(),
    initializationOptions: { rulesFiles, ignore },
  };
  client = new LanguageClient('yarak', 'Yarak', server, options);
  await client.start();
}

async function stop(): Promise<void> {
  const running = client;
  client = undefined;
  await running?.stop();
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
    // Which files are the server's is said when it starts.
    workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration('yarak.files')) await restart();
    }),
  );
  await start(context);
}

export function deactivate(): Promise<void> {
  return stop();
}
