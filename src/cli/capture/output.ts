// Standard output for commands that print a lot: lines are gathered, and the producer waits while nobody reads.

/** Gathers text; `pause` writes it and waits until it is taken. */
export class Output {
  #pending = '';
  readonly #stream: NodeJS.WritableStream;

  constructor(stream: NodeJS.WritableStream = process.stdout) {
    this.#stream = stream;
  }

  line(text: string): void {
    this.#pending += `${text}\n`;
  }

  pause(): Promise<void> {
    const text = this.#pending;
    this.#pending = '';
    if (text === '' || this.#stream.write(text)) return Promise.resolve();
    return new Promise((resolve) => this.#stream.once('drain', resolve));
  }
}
