// Users and groups by name. The host's lists are in the capture. A container's are not used: Falco reads them from the
// container's file system, which a replay does not have, so that only uid and gid 0 have a name there.

import type { ScapEvent } from '../event.ts';
import type { Thread } from '../state/thread.ts';
import type { Group, User } from '../state/types.ts';
import { type Family, ofThread } from './define.ts';

const NONE = 0xffffffff;
const ROOT: User = { uid: 0, gid: 0, name: 'root', home: '/root', shell: '<NA>' };
const NOBODY: User = { uid: NONE, gid: NONE, name: '<NA>', home: '<NA>', shell: '<NA>' };
const ROOT_GROUP: Group = { gid: 0, name: 'root' };
const NO_GROUP: Group = { gid: NONE, name: '<NA>' };

/** The user behind a uid, as a thread's container sees it; uid 0 is always root, others may be unknown (`<NA>`). */
export function userOf(thread: Thread, event: ScapEvent, uid: number): User {
  const listed = event.state.containerId(thread) === '' ? event.state.users.user('', uid) : undefined;
  return listed ?? (uid === 0 ? ROOT : NOBODY);
}

/** The group behind a gid; as {@link userOf}. */
export function groupOf(thread: Thread, event: ScapEvent, gid: number): Group {
  const listed = event.state.containerId(thread) === '' ? event.state.users.group('', gid) : undefined;
  return listed ?? (gid === 0 ? ROOT_GROUP : NO_GROUP);
}

export const USER_FIELDS: Family = {
  'user.uid': ofThread((thread) => thread.uid),
  'user.name': ofThread((thread, event) => userOf(thread, event, thread.uid).name),
  'user.homedir': ofThread((thread, event) => userOf(thread, event, thread.uid).home),
  'user.shell': ofThread((thread, event) => userOf(thread, event, thread.uid).shell),
  'user.loginuid': ofThread((thread) => (thread.loginuid === NONE ? -1 : thread.loginuid)),
  'user.loginname': ofThread((thread, event) => userOf(thread, event, thread.loginuid).name),
  'group.gid': ofThread((thread) => thread.gid),
  'group.name': ofThread((thread, event) => groupOf(thread, event, thread.gid).name),
};
