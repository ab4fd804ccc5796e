// Addresses as text, as inet_ntop writes them.

/** Busy captures talk to few hosts. */
const ipv4Texts = new Map<number, string>();
const MOST_TEXTS = 4096;

/** `a << 24 | b << 16 | c << 8 | d` → `a.b.c.d`. */
export function ipv4Text(address: number): string {
  let text = ipv4Texts.get(address);
  if (text === undefined) {
    text = `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
    if (ipv4Texts.size < MOST_TEXTS) ipv4Texts.set(address, text);
  }
  return text;
}

/** 16 bytes from `from` on → canonical text: the longest run of two or more zero groups becomes `::`. */
export function ipv6Text(bytes: Uint8Array, from = 0): string {
  const groups: number[] = [];
  for (let at = 0; at < 16; at += 2) {
    groups.push(((bytes[from + at] as number) << 8) | (bytes[from + at + 1] as number));
  }
  let start = -1;
  let length = 1;
  for (let at = 0; at < 8; at++) {
    let end = at;
    while (end < 8 && groups[end] === 0) end++;
    if (end - at > length) {
      start = at;
      length = end - at;
    }
    if (end > at) at = end;
  }
  // inet_ntop writes ::a.b.c.d and ::ffff:a.b.c.d with the last four bytes as IPv4.
  if (start === 0 && (length === 6 || (length === 5 && groups[5] === 0xffff))) {
    const last = ipv4Text((((groups[6] as number) << 16) | (groups[7] as number)) >>> 0);
    return length === 6 ? `::${last}` : `::ffff:${last}`;
  }
  const hex = groups.map((group) => group.toString(16));
  if (start < 0) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

/** Whether 16 bytes are `::ffff:a.b.c.d`. */
export function isMappedIpv4(bytes: Uint8Array, from = 0): boolean {
  for (let at = 0; at < 10; at++) if (bytes[from + at] !== 0) return false;
  return bytes[from + 10] === 0xff && bytes[from + 11] === 0xff;
}
