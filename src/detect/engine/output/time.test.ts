import { afterEach, expect, it } from 'vitest';
import { TIME_TEXTS } from './time.ts';

const zone = process.env['TZ'];

afterEach(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});

it.each(['UTC', 'Asia/Tokyo', 'America/St_Johns'])(
  'prints event times the same on a machine in %s',
  (name) => {
    process.env['TZ'] = name;
    const texts = Object.entries(TIME_TEXTS).map(([field, text]) => [field, text(1470327477881785348n)]);
    expect(Object.fromEntries(texts)).toEqual({
      'evt.time': '16:17:57.881785348',
      'evt.time.s': '16:17:57',
      'evt.time.iso8601': '2016-08-04T16:17:57.881785348+0000',
      'evt.datetime': '2016-08-04 16:17:57.881785348',
      'evt.datetime.s': '2016-08-04 16:17:57',
    });
  },
);
