// A file that is written next to its place and gets its name when it is whole.

import { once } from 'node:events';
import { createWriteStream, existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createGzip } from 'node:zlib';
import { terminalText } from '../../base/escape/terminal.ts';
import type { CutSink } from '../../sources/scap/index.ts';
import { systemError } from '../error.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

const GATHER_BYTES = 1024 * 1024;

/** A file that appears under its name only when it is whole. */
export class AtomicFile implements CutSink {
  readonly #path: string;
  readonly #temporary: string;
  readonly #mayReplace: boolean;
  readonly #file: ReturnType<typeof createWriteStream>;
  readonly #gzip: ReturnType<typeof createGzip> | undefined;
  #error: Error | undefined = undefined;
  #isFull = false;
  #pending: Buffer[] = [];
  #pendingSize = 0;
  /** Goes on with what waits for the stream. */
  #goOn: () => void = () => {};

  /** Interrupted: nothing is left behind, and the process ends as if nobody had listened. */
  readonly #onSignal = (signal: NodeJS.Signals): void => {
    rmSync(this.#temporary, { force: true });
    this.#forgetSignals();
    process.kill(process.pid, signal);
  };

  /** Begins to write. `isGzip`: compressed; `mayReplace`: a file that is there may go. */
  constructor(path: string, isGzip: boolean, mayReplace: boolean) {
    this.#path = path;
    this.#mayReplace = mayReplace;
    this.#temporary = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
    this.#file = createWriteStream(this.#temporary, { flags: 'wx', mode: 0o600 });
    this.#gzip = isGzip ? createGzip() : undefined;
    for (const signal of SIGNALS) process.once(signal, this.#onSignal);
    const keep = (error: Error): void => {
      this.#error ??= error;
    };
    // An error of the file below never lets the stream above drain: its end does.
    this.#file.on('error', keep).on('close', () => this.#goOn());
    this.#gzip?.on('error', keep).pipe(this.#file);
    this.#stream.on('drain', () => {
      this.#isFull = false;
      this.#goOn();
    });
  }

  get #stream(): NodeJS.WritableStream {
    return this.#gzip ?? this.#file;
  }

  /** Gathers: handing each small block to the compressor would cost more than compressing it. */
  write(bytes: Buffer): void {
    this.#pending.push(bytes);
    this.#pendingSize += bytes.length;
    if (this.#pendingSize >= GATHER_BYTES) this.#flush();
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#pending, this.#pendingSize);
    this.#pending = [];
    this.#pendingSize = 0;
    if (bytes.length > 0 && this.#error === undefined && !this.#stream.write(bytes)) this.#isFull = true;
  }

  async pause(): Promise<void> {
    this.#check();
    this.#flush();
    if (!this.#isFull) return;
    await new Promise<void>((resolve) => {
      this.#goOn = resolve;
    });
    this.#check();
  }

  #check(): void {
    if (this.#error !== undefined) throw systemError(`cannot write ${terminalText(this.#path)}`, this.#error);
  }

  /** Writes what is left and gives the file its name. */
  async finish(): Promise<void> {
    this.#check();
    this.#flush();
    // An error is kept as it comes; here only the end is waited for.
    const closed = once(this.#file, 'close').catch(() => {});
    this.#stream.end();
    await closed;
    this.#check();
    try {
      if (this.#mayReplace) renameSync(this.#temporary, this.#path);
      else this.#nameWithoutReplacing();
    } catch (error) {
      throw systemError(`cannot write ${terminalText(this.#path)}`, error);
    }
    this.#forgetSignals();
  }

  /** Unlike a rename, a link never replaces a file that came up meanwhile. */
  #nameWithoutReplacing(): void {
    try {
      linkSync(this.#temporary, this.#path);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      // Some file systems have no links.
      if (!NO_LINKS.has(code) || existsSync(this.#path)) throw error;
      renameSync(this.#temporary, this.#path);
      return;
    }
    rmSync(this.#temporary);
  }

  /** Leaves nothing behind. */
  async abandon(): Promise<void> {
    if (!this.#file.closed) {
      const closed = once(this.#file, 'close');
      this.#file.destroy();
      await closed.catch(() => {});
    }
    rmSync(this.#temporary, { force: true });
    this.#forgetSignals();
  }

  #forgetSignals(): void {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }
}
