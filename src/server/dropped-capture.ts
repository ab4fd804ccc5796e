// A capture that somebody drops on the page: the service's rules are played over it, and what they say is read as alerts
// that Falco posted would be. One at a time, in slices, so that the service goes on answering.

import { type Alert, readAlertText } from '../alerts/index.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import type { Rule } from '../detect/rules/index.ts';
import { Replay } from '../sources/scap/index.ts';
import { badRequest, HttpProblem } from './problem.ts';

/** A capture's first block: `0x0a0d0d0a`, the same bytes in either order. */
const MAGIC = [0x0a, 0x0d, 0x0d, 0x0a] as const;
const SLICE_BYTES = 256 * 1024;
/** Alerts that get into the report; more are counted. */
const MAX_ALERTS = 20_000;

export interface PlayedCapture {
  readonly alerts: readonly Alert[];
  readonly diagnostics: readonly Diagnostic[];
  /** Events that were played. */
  readonly events: number;
  /** All that were raised. */
  readonly raised: number;
  /** Rules of the source `syscall`. */
  readonly rules: number;
}

export const isCapture = (bytes: Uint8Array): boolean => MAGIC.every((byte, i) => bytes[i] === byte);

async function* slices(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    yield bytes.subarray(at, at + SLICE_BYTES);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

let playing = false;

/**
 * Plays `bytes`, already unpacked, against those of `all` that are for system calls. Throws `HttpProblem`: 400 when there
 * is no such rule, 503 while another capture is being played. A damaged capture gives what came before the damage.
 */
export async function playCapture(bytes: Uint8Array, all: readonly Rule[]): Promise<PlayedCapture> {
  const rules = all.filter(({ source, enabled }) => source === 'syscall' && enabled);
  if (rules.length === 0)
    throw badRequest(
      'This is a capture, and the service has no rules for system calls to play against it: name rule files under rules: in its configuration, or run yarak replay CAPTURE -r RULES.',
    );
  if (playing)
    throw new HttpProblem({ status: 503, title: 'Another capture is being played', retryAfter: 5 });
  playing = true;
  try {
    const lines: string[] = [];
    const replay = new Replay({
      rules,
      onAlert: ({ line }) => {
        if (lines.length < MAX_ALERTS) lines.push(line);
      },
    });
    const { events, alerts: raised, diagnostics, ruleDiagnostics } = await replay.play(slices(bytes));
    const read = readAlertText(lines.join('\n'), { file: 'capture' });
    const left: Diagnostic[] =
      raised <= MAX_ALERTS
        ? []
        : [
            {
              code: 'CAPTURE_MANY_ALERTS',
              severity: 'warning',
              message: `The capture raises ${raised} alerts; the report is on the first ${MAX_ALERTS}.`,
            },
          ];
    return {
      alerts: read.alerts,
      diagnostics: [...diagnostics, ...ruleDiagnostics, ...left],
      events,
      raised,
      rules: rules.length,
    };
  } finally {
    playing = false;
  }
}
