// What a block is, in words, and what it counts.

import { BlockEnd, Cursor } from '../cursor.ts';
import * as format from '../format.ts';

const EVENTS: ReadonlyMap<number, string> = new Map([
  [format.EVENT_V1, 'events v1'],
  [format.EVENT_V1_INTERNAL, 'events v1'],
  [format.EVENT_V1_FLAGS, 'events v1 with flags'],
  [format.EVENT_V2, 'events v2'],
  [format.EVENT_V2_FLAGS, 'events v2 with flags'],
  [format.EVENT_LARGE, 'events v2 large'],
  [format.EVENT_LARGE_FLAGS, 'events v2 large with flags'],
]);

/** `processes v9`, `events v2`, …; `unknown 0x123` for what nobody knows. */
export function blockName(type: number): string {
  const processes = format.BLOCK_PROCESSES.get(type);
  if (processes !== undefined) return `processes v${processes}`;
  const fds = format.BLOCK_FDS.get(type);
  if (fds !== undefined) return `descriptors v${fds}`;
  const interfaces = format.BLOCK_INTERFACES.get(type);
  if (interfaces !== undefined) return `interfaces v${interfaces}`;
  const users = format.BLOCK_USERS.get(type);
  if (users !== undefined) return `users v${users}`;
  if (type === format.SECTION_HEADER) return 'section header';
  if (format.BLOCK_MACHINE.has(type)) return 'machine';
  return EVENTS.get(type) ?? `unknown 0x${type.toString(16)}`;
}

/** How many users and groups a block of them has; what is behind damage is not counted. */
export function countUsers(type: number, block: Buffer): { users: number; groups: number } {
  const found = { users: 0, groups: 0 };
  const hasLengths = format.BLOCK_USERS.get(type) === 2;
  const cursor = new Cursor(block, 8, block.length - 4);
  try {
    while (cursor.left >= 7) {
      const entry = hasLengths ? new Cursor(cursor.slice(Math.max(0, cursor.u32() - 4))) : cursor;
      const isUser = entry.u8() === 0;
      entry.slice(isUser ? 8 : 4);
      for (let texts = isUser ? 3 : 1; texts > 0; texts--) entry.counted();
      if (isUser) found.users++;
      else found.groups++;
    }
  } catch (error) {
    if (!(error instanceof BlockEnd)) throw error;
  }
  return found;
}
