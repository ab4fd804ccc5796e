// Fields that show an event's parameters: evt.arg, evt.rawarg, evt.args, evt.info, evt.buffer.

import {
  EVENTS,
  type EventInfo,
  type EventParam,
  type FieldRef,
  GENERIC_EXIT,
  type Value,
} from '../../../detect/fields/index.ts';
import type { ScapEvent } from '../event.ts';
import { sanitise } from '../sanitise.ts';
import { formatIpv4, formatIpv6 } from '../state/sockets.ts';
import type { Family, FieldSource, Reader } from './define.ts';
import { indexOf, ofEvent } from './define.ts';
import { joinSigned, joinUnsignedSafe } from './numbers.ts';
import { argText, plainText, resolvedText } from './param-text.ts';

/** Where each event has its parameter `name`: index by event code, -1 for none. */
export function paramIndexes(name: string): Int8Array {
  return Int8Array.from(EVENTS, (info) => info.params.findIndex((param) => param.name === name));
}

/** Makes a reader from what to read of one parameter: `evt.arg[2]` by position, `evt.arg.fd` by name. */
function ofParam(read: (event: ScapEvent, param: EventParam, at: number) => Value | undefined): FieldSource {
  return {
    reader(ref, info): Reader | undefined {
      const position = ref.text.endsWith(']') ? indexOf(ref) : undefined;
      if (info !== undefined) {
        const at = position ?? info.params.findIndex((param) => param.name === ref.arg);
        const param = info.params[at];
        if (param === undefined) return undefined;
        return (event) => (at < event.paramCount ? read(event, param, at) : undefined);
      }
      const indexes = position === undefined ? paramIndexes(ref.arg ?? '') : undefined;
      return (event) => {
        const at = position ?? (indexes?.[event.code] as number);
        const param = (EVENTS[event.code] as EventInfo).params[at];
        return param === undefined || at >= event.paramCount ? undefined : read(event, param, at);
      };
    },
  };
}

/** All parameters, `name=plain(resolved)`; generic events carry only what we need ourselves. */
function allText(event: ScapEvent): string {
  if (event.code === GENERIC_EXIT) return '';
  let text = '';
  (EVENTS[event.code] as EventInfo).params.forEach((param, at) => {
    if (at >= event.paramCount) return;
    const more = resolvedText(event, param, at);
    text += `${text === '' ? '' : ' '}${param.name}=${plainText(event, param, at)}${more === '' ? '' : `(${more})`}`;
  });
  return sanitise(text);
}

/** A parameter by its own type. Bytes are in place: valid until the next event. */
function rawValue(event: ScapEvent, param: EventParam, at: number): Value | undefined {
  const size = event.size(at);
  if (size === 0) return undefined;
  const from = event.from(at);
  if (param.type !== 'DYN') return typed(event, param.type, from, size);
  const type = param.variants?.[event.view.getUint8(from)];
  return type === undefined || size === 1 ? undefined : typed(event, type, from + 1, size - 1);
}

const WIDTHS: Readonly<Record<string, number>> = {
  INT8: 1,
  UINT8: 1,
  INT16: 2,
  UINT16: 2,
  INT32: 4,
  UINT32: 4,
};

function typed(event: ScapEvent, type: string, from: number, size: number): Value | undefined {
  const { view } = event;
  switch (type) {
    case 'INT8':
    case 'INT16':
    case 'INT32':
    case 'PID32':
    case 'FD32': {
      const width = Math.min(size, WIDTHS[type] ?? 4);
      return width >= 4
        ? view.getInt32(from, true)
        : width >= 2
          ? view.getInt16(from, true)
          : view.getInt8(from);
    }
    case 'INT64':
    case 'ERRNO':
    case 'FD':
    case 'PID':
      return size < 8 ? undefined : joinSigned(view.getUint32(from + 4, true), view.getUint32(from, true));
    case 'UINT64':
    case 'RELTIME':
    case 'ABSTIME':
      return size < 8
        ? undefined
        : joinUnsignedSafe(view.getUint32(from + 4, true), view.getUint32(from, true));
    case 'CHARBUF':
    case 'FSPATH':
    case 'FSRELPATH':
      return event.textAt(from, size);
    case 'BOOL':
      return size >= 4 && view.getUint32(from, true) !== 0;
    case 'DOUBLE':
      return size < 8 ? undefined : view.getFloat64(from, true);
    case 'IPV4ADDR':
      return size < 4 ? undefined : formatIpv4(view.getUint32(from, false));
    case 'IPV6ADDR':
      return size < 16 ? undefined : formatIpv6(event.bytes.subarray(from));
    case 'BYTEBUF':
    case 'SOCKADDR':
    case 'SOCKTUPLE':
    case 'FDLIST':
      return event.bytes.subarray(from, from + size);
    case 'CHARBUFARRAY':
    case 'CHARBUF_PAIR_ARRAY':
      return undefined;
    default:
      return size >= 4
        ? view.getUint32(from, true)
        : size >= 2
          ? view.getUint16(from, true)
          : view.getUint8(from);
  }
}

const arg = ofParam((event, param, at) => sanitise(argText(event, param, at)));
const raw = ofParam(rawValue);
const DATA: FieldRef['arg'] = 'data';

/** The `data` parameter: bytes in conditions, text in outputs. */
const buffer: FieldSource = {
  reader: (ref, info) => raw.reader({ ...ref, arg: DATA, text: 'evt.rawarg.data' }, info),
  output: (ref) => ofParam(plainText).reader({ ...ref, arg: DATA, text: 'evt.arg.data' }, undefined),
};

export const ARG_FIELDS: Family = {
  'evt.arg': arg,
  'evt.rawarg': raw,
  'evt.args': ofEvent(allText),
  'evt.info': ofEvent(allText),
  'evt.buffer': buffer,
};
