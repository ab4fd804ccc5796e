import { describe, expect, it } from 'vitest';
import { ASYNC_EVENT, EVENT_CODE_COUNT, EVENTS, eventCodes, PARAM_TYPES, PLUGIN_EVENT } from './index.ts';

describe('event table', () => {
  it('has every code, enter events even and exit events odd', () => {
    expect(EVENT_CODE_COUNT).toBe(454);
    expect(EVENTS.every((e) => e.direction === (e.code % 2 === 0 ? 'E' : 'X'))).toBe(true);
  });

  it('keeps types, formats, flag tables, directory descriptors and variants', () => {
    const openat = EVENTS[307];
    expect(openat?.name).toBe('openat');
    expect(openat?.params.map((p) => p.name)).toEqual(['fd', 'dirfd', 'name', 'flags', 'mode', 'dev', 'ino']);
    expect(openat?.params[2]).toMatchObject({ type: 'FSRELPATH', dirfdIndex: 1 });
    expect(openat?.params[3]?.flagTable?.entries).toContainEqual(['O_RDWR', 3]);
    expect(EVENTS[169]?.params[1]?.variants).toEqual(['UINT64', 'SIGTYPE']);
    expect(openat?.flags.has('CREATES_FD')).toBe(true);
  });

  it('maps names to codes', () => {
    expect(eventCodes('openat')).toEqual([102, 103, 306, 307]);
    expect(eventCodes('getpid')).toEqual([0, 1]);
    expect(eventCodes('syscall')).toEqual([]);
    expect(eventCodes('nosuch')).toBeUndefined();
    expect([PLUGIN_EVENT, ASYNC_EVENT]).toEqual([322, 402]);
  });

  it('knows the type of the first parameter of a name', () => {
    expect(PARAM_TYPES.get('fd')).toBe('FD');
    expect(PARAM_TYPES.has('nope')).toBe(false);
  });
});
