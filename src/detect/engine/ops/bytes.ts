// Tests on byte buffers (BYTEBUF): constants are text as bytes, or hexadecimal digits for `bcontains`/`bstartswith`.

import type { Operator } from '../../lang/index.ts';
import type { Test } from './test.ts';

const encoder = new TextEncoder();

export function textBytes(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Even number of hex digits, or `undefined`. */
export function hexBytes(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    Number.parseInt(text.slice(2 * i, 2 * i + 2), 16),
  );
}

function buffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** `op` between two buffers; `false` for operators that buffers do not have. */
export function compareBuffers(op: Operator, left: Uint8Array, right: Uint8Array): boolean {
  switch (op) {
    case '=':
    case '==':
    case 'in':
    case 'intersects':
      return left.length === right.length && buffer(left).equals(right);
    case '!=':
      return left.length !== right.length || !buffer(left).equals(right);
    case 'contains':
    case 'bcontains':
      return buffer(left).includes(buffer(right));
    case 'startswith':
    case 'bstartswith':
      return right.length <= left.length && buffer(left.subarray(0, right.length)).equals(right);
    case 'endswith':
      return right.length <= left.length && buffer(left.subarray(left.length - right.length)).equals(right);
    default:
      return false;
  }
}

export function bytesTest(op: Operator, value: Uint8Array): Test {
  return { op: 'call', run: (v) => compareBuffers(op, v as Uint8Array, value) };
}
