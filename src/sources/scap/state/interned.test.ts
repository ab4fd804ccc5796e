import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sanitise } from '../sanitise.ts';
import { intern, internText, paths, texts } from './interned.ts';
import { internCgroups } from './interned-cgroups.ts';
import { joinPath } from './path.ts';
import { decodeList, decodeText } from './text.ts';

/** Bytes in the middle of a larger buffer, as in the reader's window. */
function placed(bytes: Uint8Array): { bytes: Buffer; view: DataView; from: number; to: number } {
  const all = Buffer.alloc(bytes.length + 20, 0x41);
  all.set(bytes, 7);
  return {
    bytes: all,
    view: new DataView(all.buffer, all.byteOffset, all.length),
    from: 7,
    to: 7 + bytes.length,
  };
}

/** Few different bytes, so that keys are often nearly the same. */
const nearly = fc
  .array(fc.constantFrom(0x2f, 0x2e, 0x61, 0x62, 0xff, 0), { maxLength: 9 })
  .map((bytes) => Uint8Array.from(bytes));
const anyBytes = fc.oneof(
  nearly,
  fc.uint8Array({ maxLength: 40 }),
  fc.uint8Array({ minLength: 250, maxLength: 260 }),
);

it('gives what decoding would, again and again', () => {
  fc.assert(
    fc.property(fc.array(anyBytes, { maxLength: 30 }), (list) => {
      for (const key of [...list, ...list]) {
        const { bytes, view, from, to } = placed(key);
        const expected = sanitise(decodeText(bytes, from, to));
        expect(internText(bytes, view, from, to)).toBe(expected);
        const place = intern(bytes, view, from, to);
        expect(texts[place]).toBe(expected);
        expect(paths[place]).toBe(expected.startsWith('/') ? joinPath('', expected) : '');
      }
    }),
    { numRuns: 300 },
  );
});

it('gives lists of cgroups what decoding would', () => {
  fc.assert(
    fc.property(fc.array(anyBytes, { maxLength: 30 }), (list) => {
      for (const key of [...list, ...list]) {
        const { bytes, from, to } = placed(key);
        expect(internCgroups(bytes, from, to).get()).toEqual(decodeList(bytes, from, to).map(sanitise));
      }
    }),
    { numRuns: 200 },
  );
});
