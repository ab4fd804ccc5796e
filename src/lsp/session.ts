// What the server knows: open documents, files on disk, the model of both, and what was last found in them.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { TextDocuments } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Diagnostic } from '../base/diagnostic.ts';
import type { RuleSet } from '../detect/rules/index.ts';
import { findFiles, readText } from './files.ts';
import {
  byFile,
  type DocumentText,
  type FileModel,
  FileReader,
  lintFindings,
  loadFindings,
  looksLikeConfig,
  looksLikeRules,
  Workspace,
} from './language/index.ts';

export interface Settings {
  /** Rule files and folders in Falco's order. */
  readonly rulesFiles?: readonly string[];
  /** Codes of warnings and hints that are not shown. */
  readonly ignore?: readonly string[];
}

/** What was found in one text of a file. */
export interface Found {
  readonly content: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** After the last change, before files are checked; as long as checking takes, where that takes long. */
const DELAY_MS = 200;
const MAX_DELAY_MS = 2000;

export class Session {
  settings: Settings = {};
  /** What the loader made of the files when they were last checked. */
  set: RuleSet | undefined;
  readonly #documents: TextDocuments<TextDocument>;
  readonly #publish: (uri: string, found: Found) => void;
  readonly #say: (message: string) => void;
  readonly #reader = new FileReader();
  readonly #found = new Map<string, Found>();
  readonly #texts = new WeakMap<DocumentText, TextDocument>();
  #roots: readonly string[] = [];
  /** On disk, by name. */
  #disk = new Map<string, DocumentText>();
  #configs = new Map<string, DocumentText>();
  #workspace: Workspace | undefined;
  #models: readonly FileModel[] = [];
  #version = 0;
  #timer: NodeJS.Timeout | undefined;
  #checking: Promise<void> | undefined;
  #delayMs = DELAY_MS;

  /** `say` tells whoever runs the editor what is wrong with the settings, or with us. */
  constructor(
    documents: TextDocuments<TextDocument>,
    publish: (uri: string, found: Found) => void,
    say: (message: string) => void,
  ) {
    this.#documents = documents;
    this.#publish = publish;
    this.#say = say;
  }

  /** The folders of the workspace, as URIs. */
  setFolders(uris: readonly string[]): void {
    this.#roots = uris.flatMap((uri) => pathOf(uri) ?? []);
  }

  /** Looks at the disk again. */
  readDisk(): void {
    const { rules, configs, missing } = findFiles(this.#roots, this.settings.rulesFiles);
    for (const path of missing) this.#say(`the setting rulesFiles names ${path}, which cannot be read`);
    this.#disk = textsOf(rules);
    this.#configs = textsOf(configs);
    this.changed();
  }

  /** Something is another than it was: the model is made anew, and the files are checked soon. */
  changed(): void {
    this.#version++;
    this.#workspace = undefined;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#checkSafely(), this.#delayMs);
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  /** The model of all files as they are now. */
  workspace(): Workspace {
    if (this.#workspace === undefined) {
      const { ordered, extra, configs } = this.#gather();
      this.#models = this.#reader.read([...ordered, ...extra], this.#models);
      this.#workspace = new Workspace(this.#models, configs);
    }
    return this.#workspace;
  }

  /** A document of the protocol for a file of the model. */
  textOf(file: DocumentText): TextDocument {
    let text = this.#texts.get(file);
    if (text === undefined) {
      text = TextDocument.create(this.uriOf(file.name), 'yaml', 0, file.content);
      this.#texts.set(file, text);
    }
    return text;
  }

  /** What the editor calls a file. */
  uriOf(name: string): string {
    return this.#documents.all().find(({ uri }) => nameOf(uri) === name)?.uri ?? name;
  }

  /** What was found in a file; `undefined` if its text has changed since. */
  found(name: string): Found | undefined {
    const found = this.#found.get(name);
    return found?.content === this.workspace().file(name)?.content ? found : undefined;
  }

  /** The files that load before one, in Falco's order. */
  before(name: string): readonly FileModel[] {
    const { files } = this.workspace();
    const index = files.findIndex((file) => file.name === name);
    const ordered = files.slice(0, this.#gather().ordered.length);
    return index === -1 || index >= ordered.length ? ordered : ordered.slice(0, index);
  }

  /** The next change starts another check, whatever becomes of this one. */
  async #checkSafely(): Promise<void> {
    try {
      await this.check();
    } catch (error) {
      this.#say(`the files could not be checked: ${String(error)}`);
    }
  }

  /** Checks all files, unless that is done already, and tells the editor. */
  async check(): Promise<void> {
    clearTimeout(this.#timer);
    while (this.#checking !== undefined) await this.#checking;
    this.#checking = this.#checkNow();
    try {
      await this.#checking;
    } finally {
      this.#checking = undefined;
    }
  }

  async #checkNow(): Promise<void> {
    const startMs = performance.now();
    const version = this.#version;
    const workspace = this.workspace();
    const count = this.#gather().ordered.length;
    const ordered = workspace.files.slice(0, count);
    const results = new Map<string, Found>();
    let set: RuleSet | undefined;
    // A file that Falco would not load is looked at in the company of those that it does.
    const runs = [ordered, ...workspace.files.slice(count).map((file) => [...ordered, file])];
    for (const [index, files] of runs.entries()) {
      const wanted = index === 0 ? files : files.slice(-1);
      if (wanted.length === 0) continue;
      const loaded = loadFindings(files);
      // Between the steps, requests are answered.
      await nextTurn();
      if (this.#version !== version) return;
      const all = [...loaded.diagnostics, ...lintFindings(files, loaded.set)];
      await nextTurn();
      if (this.#version !== version) return;
      set = loaded.set;
      const sorted = byFile(workspace, wanted, all, new Set(this.settings.ignore));
      for (const { name, content } of wanted)
        results.set(name, { content, diagnostics: sorted.get(name) ?? [] });
    }
    this.set = set;
    this.#delayMs = Math.min(Math.max(performance.now() - startMs, DELAY_MS), MAX_DELAY_MS);
    for (const name of this.#found.keys()) {
      if (!results.has(name)) this.#publish(this.uriOf(name), { content: '', diagnostics: [] });
    }
    this.#found.clear();
    for (const [name, found] of results) {
      this.#found.set(name, found);
      this.#publish(this.uriOf(name), found);
    }
  }

  #gather() {
    const open = new Map(this.#documents.all().map((document) => [nameOf(document.uri), document]));
    const current = (text: DocumentText): DocumentText => {
      const content = open.get(text.name)?.getText();
      return content === undefined || content === text.content ? text : { name: text.name, content };
    };
    const extra = [...open].flatMap(([name, document]) => {
      if (this.#disk.has(name) || this.#configs.has(name)) return [];
      const content = document.getText();
      // Editors have names of their own for the language; a new file holds nothing yet.
      const rules = /falco/.test(document.languageId) || looksLikeRules(content);
      return rules && !looksLikeConfig(content) ? [{ name, content }] : [];
    });
    return {
      ordered: [...this.#disk.values()].map(current),
      extra,
      configs: [...this.#configs.values()].map(current),
    };
  }
}

function textsOf(paths: readonly string[]): Map<string, DocumentText> {
  return new Map(
    paths.flatMap((path) => {
      const content = readText(path);
      const name = pathToFileURL(path).href;
      return content === undefined ? [] : [[name, { name, content }] as const];
    }),
  );
}

/** The path of a `file:` URI. */
function pathOf(uri: string): string | undefined {
  try {
    return fileURLToPath(uri);
  } catch {
    return undefined;
  }
}

/** One name for a file, however the editor writes its URI. */
export function nameOf(uri: string): string {
  const path = pathOf(uri);
  return path === undefined ? uri : pathToFileURL(path).href;
}
