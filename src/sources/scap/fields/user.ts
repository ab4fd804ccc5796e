// Users and groups by name. The host's lists are in the capture. A container's are not used: Falco reads them from the
// container's file system, which a replay does not have, so that only uid and gid 0 have a name there.

import type { ScapEvent } from '../event.ts';
import type { Thread } from '../state/thread.ts';
import type { Group, User } from '../state/users.ts';
import { type Family, ofThread } from './define.ts';

const NONE = 0xffffffff;
const ROOT: User = { uid: 0, gid: 0, name: 'root', home: '/root', shell: '<NA>' };
const NOBODY: User = { uid: NONE, gid: NONE, name: '<NA>', home: '<NA>', shell: '<NA>' };
const ROOT_GROUP: Group = { gid: 0, name: 'root' };
const NO_GROUP: Group = { gid: NONE, name: '<NA>' };

/** The host's user of a uid, for a thread that is in no container. */
export function listedUser(thread: Thread, event: ScapEvent, uid: number): User | undefined {
  return event.state.containerId(thread) === '' ? event.state.users.user('', uid) : undefined;
}

/** The host's group of a gid, as {@link listedUser}. */
export function listedGroup(thread: Thread, event: ScapEvent, gid: number): Group | undefined {
  return event.state.containerId(thread) === '' ? event.state.users.group('', gid) : undefined;
}

function userOf(thread: Thread, event: ScapEvent, uid: number): User {
  return listedUser(thread, event, uid) ?? (uid === 0 ? ROOT : NOBODY);
}

function groupOf(thread: Thread, event: ScapEvent, gid: number): Group {
  return listedGroup(thread, event, gid) ?? (gid === 0 ? ROOT_GROUP : NO_GROUP);
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
