// Numbers of parameters as text, in the shapes of C's printf that Falco uses.

/** A 32-bit (or narrower) integer. `bits` is the width of its type: HEX and OCT print negative values unsigned. */
export function integerText(value: number, format: string, bits: 8 | 16 | 32): string {
  switch (format) {
    case 'HEX':
      return unsigned(value, bits).toString(16).toUpperCase();
    case 'OCT':
      return value === 0 ? '0' : `0${unsigned(value, bits).toString(8)}`;
    case '10_PADDED_DEC':
      return String(value).padStart(9, '0');
    default:
      return String(value);
  }
}

function unsigned(value: number, bits: 8 | 16 | 32): number {
  return bits === 32 ? value >>> 0 : value & ((1 << bits) - 1);
}

/** A 64-bit integer given as two words; decimal is signed, whatever the type, as Falco prints it. */
export function wideText(hi: number, lo: number, format: string): string {
  switch (format) {
    case 'HEX': {
      const low = (lo >>> 0).toString(16);
      const text = hi === 0 ? low : (hi >>> 0).toString(16) + low.padStart(8, '0');
      return text.toUpperCase();
    }
    case 'OCT': {
      const value = joinUnsigned(hi, lo);
      return value === 0n ? '0' : `0${value.toString(8)}`;
    }
    case '10_PADDED_DEC':
      return String(joinSigned(hi, lo)).padStart(9, '0');
    default:
      return String(joinSigned(hi, lo));
  }
}

/** Two words as a signed 64-bit integer: a number while that is exact, else a bigint. */
export function joinSigned(hi: number, lo: number): number | bigint {
  const high = hi | 0;
  if (high >= -0x200000 && high < 0x200000) return high * 0x1_0000_0000 + (lo >>> 0);
  return (BigInt(high) << 32n) | BigInt(lo >>> 0);
}

/** Two words as an unsigned 64-bit integer, always a bigint. */
export function joinUnsigned(hi: number, lo: number): bigint {
  return (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
}

/** Two words as an unsigned 64-bit integer: a number while that is exact, else a bigint. */
export function joinUnsignedSafe(hi: number, lo: number): number | bigint {
  const high = hi >>> 0;
  return high < 0x200000 ? high * 0x1_0000_0000 + (lo >>> 0) : joinUnsigned(hi, lo);
}

/** C's `%g`: six significant digits, no trailing zeros, an exponent of two digits outside 1e-5 < x < 1e6. */
export function shortestText(value: number): string {
  if (value === 0) return '0';
  const exponent = Number(value.toExponential(5).split('e')[1]);
  if (exponent < -4 || exponent >= 6) {
    const [digits = '', power = ''] = value.toExponential(5).split('e');
    const mantissa = digits.includes('.') ? digits.replace(/0+$/, '').replace(/\.$/, '') : digits;
    return `${mantissa}e${power.startsWith('-') ? '-' : '+'}${power.slice(1).padStart(2, '0')}`;
  }
  const text = value.toPrecision(6);
  return text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text;
}

/** A 64-bit integer as a number while that is exact. */
export function compact(value: bigint): number | bigint {
  return value >= -0x1f_ffff_ffff_ffffn && value <= 0x1f_ffff_ffff_ffffn ? Number(value) : value;
}
