export { ScapEvent } from './event.ts';
export { SCAP_FIELD_NAMES, scapFields } from './fields/access.ts';
export { CaptureReader, type CaptureSummary, drive, readCapture } from './reader.ts';
export { Replay, type ReplayOptions, type ReplaySummary } from './replay.ts';
export { State } from './state/state.ts';
