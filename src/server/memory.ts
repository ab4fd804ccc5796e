// Keeps the service's memory near what it needs. V8 lets the space for new objects grow to 64 MB twice over and the old
// one to several times what is alive, because it counts on a machine of its own.

import { setFlagsFromString } from 'node:v8';

/** For the process that serves, once it has started: what grew until then stays as large as it is. */
export function boundHeap(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=70');
}
