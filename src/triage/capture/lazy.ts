// The door to this folder: who reads no capture does not load what reads them.

import type { Incident } from '../types.ts';
import type { AlertTimes } from './alert-times.ts';
import type { CaptureReading, CaptureSource } from './types.ts';

export { AlertTimes } from './alert-times.ts';

/** What captures hold of each incident, by its id; see `readCaptures`. */
export async function captureStories(
  incidents: readonly Incident[],
  times: AlertTimes,
  sources: readonly CaptureSource[],
): Promise<ReadonlyMap<string, CaptureReading>> {
  const { readCaptures } = await import('./read.ts');
  return readCaptures(incidents, times, sources);
}
