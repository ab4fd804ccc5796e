// Streams alert files into a consumer: bounded memory, a progress line, counts over all files.

import { createReadStream } from 'node:fs';
import { AlertReader, type ReadItem, type ReadOptions } from '../alerts/index.ts';
import { UnpackError, unpack } from '../alerts/node/index.ts';
import { terminalText } from '../base/escape/terminal.ts';
import { isSectionHeader } from './captures.ts';
import { CliError, systemError } from './error.ts';
import type { InputFile } from './inputs.ts';
import { Progress } from './progress.ts';

/** Bytes a read; large reads keep a 5 GB file from a million callbacks. */
const CHUNK_BYTES = 1024 * 1024;

/** What the command line says of its input: `accepted` + `rejected` = `read`. */
export interface InputCounts {
  readonly read: number;
  readonly accepted: number;
  readonly rejected: number;
}

/**
 * Reads every file in order and hands each item to `emit`. A damaged gzip file is a diagnostic and one rejected
 * record; a file that cannot be opened throws `CliError` 3.
 */
export async function readAlertFiles(
  files: readonly InputFile[],
  options: Pick<ReadOptions, 'rules'>,
  emit: (item: ReadItem) => void,
): Promise<InputCounts> {
  const sizes = files.map((file) => file.sizeBytes);
  const total = sizes.includes(undefined)
    ? undefined
    : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  const progress = new Progress('Reading', total);
  let doneBytes = 0;
  let read = 0;
  let rejected = 0;
  try {
    for (const file of files) {
      const reader = new AlertReader(emit, { ...options, file: file.name });
      const stream =
        file.path === undefined ? process.stdin : createReadStream(file.path, { highWaterMark: CHUNK_BYTES });
      const counted = (async function* () {
        for await (const chunk of stream) {
          doneBytes += (chunk as Uint8Array).length;
          yield chunk as Uint8Array;
        }
      })();
      try {
        let begins = true;
        for await (const chunk of unpack(counted)) {
          if (begins && isSectionHeader(chunk)) {
            throw new CliError(
              2,
              `${file.path === undefined ? 'standard input' : terminalText(file.name)} is a capture, and a capture is read more than once: save it and name the file`,
            );
          }
          begins = false;
          reader.push(chunk);
          progress.update(doneBytes, `${read + reader.counts.records} records`);
        }
      } catch (error) {
        if (error instanceof CliError) throw error;
        if (!(error instanceof UnpackError))
          throw systemError(`cannot read ${terminalText(file.name)}`, error);
        rejected++;
        read++;
        emit({ kind: 'diagnostic', diagnostic: damaged(error, file.name) });
      }
      reader.end();
      read += reader.counts.records;
      rejected += reader.counts.rejected;
    }
  } finally {
    progress.end();
  }
  return { read, accepted: read - rejected, rejected };
}

function damaged(error: UnpackError, file: string) {
  return {
    code: error.code,
    severity: 'error' as const,
    message: error.message,
    at: { file, from: 0, to: 0, line: 1, column: 1 },
  };
}
