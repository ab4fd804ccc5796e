// Errors of the command line: a message for the user and the exit code that goes with it.

export const EXIT = { ok: 0, failed: 1, usage: 2, environment: 3 } as const;

/** Ends a command with `message` on stderr and `exitCode`: 2 for wrong usage, 3 for what the machine refuses. */
export class CliError extends Error {
  readonly exitCode: number;

  constructor(exitCode: 2 | 3, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CliError';
    this.exitCode = exitCode;
  }
}

/** An operating system error in words: `cannot read alerts.jsonl: no such file or directory`. */
export function systemError(what: string, error: unknown): CliError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason =
    {
      ENOENT: 'no such file or directory',
      EACCES: 'permission denied',
      EISDIR: 'it is a directory',
      ENOSPC: 'no space left',
      EROFS: 'read-only file system',
      ENOTDIR: 'not a directory',
    }[code] ?? (error instanceof Error ? error.message : String(error));
  return new CliError(3, `${what}: ${reason}`, { cause: error });
}
