// Which descriptor an event is about, and the sources of fields that need one. Follows libs
// userspace/libsinsp/sinsp_filtercheck_fd.cpp in what is visible.

import { EVENTS, type EventInfo, type Value } from '../../../detect/fields/index.ts';
import type { ScapEvent } from '../event.ts';
import type { FdInfo } from '../state/fd-info.ts';
import type { Thread } from '../state/thread.ts';
import type { FieldSource } from './define.ts';

function hasFd({ flags }: EventInfo): boolean {
  return flags.has('CREATES_FD') || flags.has('USES_FD') || flags.has('DESTROYS_FD');
}

const HAS_FD: readonly boolean[] = EVENTS.map(hasFd);

/** The descriptor that the event used, made or closed; else the one that its thread's last event named. */
export function fdOf(event: ScapEvent, thread: Thread): FdInfo | undefined {
  if (event.fd !== undefined) return event.fd;
  return thread.lastEventFd === -1 ? undefined : thread.fdTable?.get(thread.lastEventFd);
}

/** A field of the events that have to do with descriptors, whether theirs is known or not. */
export function ofFdEvent(
  read: (fd: FdInfo | undefined, event: ScapEvent, thread: Thread) => Value | undefined,
): FieldSource {
  return {
    reader(_ref, info) {
      if (info !== undefined) {
        if (!hasFd(info)) return undefined;
        return (event) => {
          const { thread } = event;
          return thread === undefined ? undefined : read(fdOf(event, thread), event, thread);
        };
      }
      return (event) => {
        const { thread } = event;
        if (thread === undefined || !HAS_FD[event.code]) return undefined;
        return read(fdOf(event, thread), event, thread);
      };
    },
  };
}

/** A field of a known descriptor. */
export function ofFd(read: (fd: FdInfo, event: ScapEvent, thread: Thread) => Value | undefined): FieldSource {
  return ofFdEvent((fd, event, thread) => (fd === undefined ? undefined : read(fd, event, thread)));
}
