export { ScapEvent } from './event.ts';
export { SCAP_FIELD_NAMES, scapFields } from './fields/access.ts';
export { CaptureReader, type CaptureSummary, drive, INITIAL_STATE, readCapture } from './reader.ts';
export { Replay, type ReplayOptions, type ReplaySummary } from './replay.ts';
export { State } from './state/state.ts';
export type { Thread } from './state/thread.ts';
export type { ContainerInfo } from './state/types.ts';
export { blockName, countUsers } from './writer/block-names.ts';
export {
  type CutOptions,
  type CutSink,
  type CutSummary,
  cutCapture,
  type EventSelector,
} from './writer/cut.ts';
export { type CaptureBlock, type CaptureVisitor, CaptureWalk } from './writer/walk.ts';
