// How much a capture makes the state keep. Whoever adds to the state counts roughly what it adds; once that is a lot,
// what is really alive is weighed, and the oldest processes lose what they can do without. So memory stays bounded
// whatever a capture says, and nobody has to count down.

/** Bytes that the state may hold; weighed by `State.trim`. */
export const MAX_STATE_BYTES = 256 * 1024 * 1024;
/** Growth after which it is weighed again. */
export const WEIGH_AFTER_BYTES = 64 * 1024 * 1024;

/** Rough sizes of objects, with what they need in tables. */
export const Weight = { thread: 1200, fd: 320, fdSlot: 48, element: 40 } as const;

/** Bytes that were added since the state was weighed. Objects of one state share one. */
export class Growth {
  bytes = 0;
}
