// Captures on the command line: told from alert files by their first bytes, run under the user's rules, and read again
// for what they hold around alerts.

import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
import { type Alert, AlertReader } from '../alerts/index.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import { terminalText } from '../base/escape/terminal.ts';
import type { Rule } from '../detect/rules/index.ts';
import type { CaptureSource } from '../triage/index.ts';
import { CliError, systemError } from './error.ts';

const CHUNK_BYTES = 256 * 1024;
/** As many bytes of a file as tell what it is; gzip needs a few for its own header and tables. */
const SNIFF_BYTES = 4096;
/** A capture begins with a section header block (pcapng); its type reads the same in both byte orders. */
const SECTION_HEADER = 0x0a0d0d0a;

/** Whether a file is a capture, raw or gzip. Throws `CliError` 3 where it cannot be read. */
export function isCaptureFile(path: string): boolean {
  const bytes = Buffer.alloc(SNIFF_BYTES);
  let size: number;
  try {
    const fd = openSync(path, 'r');
    try {
      size = readSync(fd, bytes, 0, SNIFF_BYTES, 0);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    // What cannot be read at a position is a pipe, and then it is not a file that could be read twice.
    if (error instanceof Error && 'code' in error && (error.code === 'ESPIPE' || error.code === 'EISDIR'))
      return false;
    throw systemError(`cannot read ${terminalText(path)}`, error);
  }
  return isSectionHeader(unpacked(bytes.subarray(0, size)));
}

function unpacked(bytes: Buffer): Buffer {
  if (bytes.length < 2 || bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 1024 * 1024 });
  } catch {
    return Buffer.alloc(0);
  }
}

/** Whether unpacked bytes begin a capture. */
export function isSectionHeader(bytes: Uint8Array): boolean {
  return (
    bytes.length >= 4 && Buffer.from(bytes.buffer, bytes.byteOffset, 4).readUInt32LE(0) === SECTION_HEADER
  );
}

/** A capture on disk, to be read as often as is needed. */
export function captureSource(path: string): CaptureSource {
  return { name: path, open: () => createReadStream(path, { highWaterMark: CHUNK_BYTES }) };
}

/** Captures named by `--capture`. Throws `CliError`: 2 for what is none, 3 for what cannot be read. */
export function captureSources(paths: readonly string[]): CaptureSource[] {
  return [...new Set(paths)].map((path) => {
    if (!isCaptureFile(path))
      throw new CliError(2, `--capture ${terminalText(path)} is not a capture (.scap, raw or gzip)`);
    return captureSource(path);
  });
}

export interface CaptureAlerts {
  readonly alerts: number;
  /** Damage of the capture, and rules that could not run. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Runs rules over captures as Falco would with `rule_matching: all` and `append_output: [{suggested_output: true}]`, and
 * hands on each alert as if it had been read from Falco's output; it is referred to by its event's number.
 */
export async function replayCaptures(
  sources: readonly CaptureSource[],
  rules: readonly Rule[],
  emit: (alert: Alert) => void,
): Promise<CaptureAlerts> {
  const { DEFAULT_SETTINGS } = await import('../detect/engine/index.ts');
  const { Replay } = await import('../sources/scap/index.ts');
  let file = '';
  let event = 0;
  let alerts = 0;
  const reader = new AlertReader((item) => {
    if (item.kind !== 'alert') return;
    alerts++;
    emit({ ...item.alert, ref: { file, line: event } });
  });
  const replay = new Replay({
    rules,
    settings: {
      ...DEFAULT_SETTINGS,
      ruleMatching: 'all',
      timeIso8601: true,
      appendOutput: [{ tags: [], extraFields: [], suggestedOutput: true }],
    },
    onAlert: ({ line }, { num }) => {
      event = num;
      reader.push(Buffer.from(`${line}\n`));
    },
  });
  const diagnostics: Diagnostic[] = [];
  for (const source of sources) {
    file = source.name;
    try {
      const summary = await replay.play(source.open());
      diagnostics.push(
        ...summary.diagnostics.map((one) => ({ ...one, message: `${source.name}: ${one.message}` })),
        ...(diagnostics.length === 0 ? summary.ruleDiagnostics : []),
      );
    } catch (error) {
      if (error instanceof Error && 'syscall' in error)
        throw systemError(`cannot read ${terminalText(source.name)}`, error);
      throw error;
    }
  }
  reader.end();
  return { alerts, diagnostics };
}
