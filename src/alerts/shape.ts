// The shape of a text: what stays when the same thing happens again. Pids, hashes, temporary names, dates, ports and
// short-lived addresses become marks; one pass, linear time.

/** Longer texts differ in their tails only by what is volatile anyway. */
const MAX_LENGTH = 2048;

const VOLATILE = new RegExp(
  [
    // uuid
    '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}',
    // IPv4, with an optional port
    '\\b\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}(?::\\d{1,5})?\\b',
    // mktemp and its like: tmp.x8Hd2kQa, tmpab12cd_x
    '\\b(?:tmp|temp)[._-]?[A-Za-z0-9_]{6,}\\b',
    // hashes: 8 or more hex digits, told from words below
    '\\b[0-9a-fA-F]{8,}\\b',
    // other numbers, but not the end of a name such as python3 or sha256sum
    '(?<![A-Za-z0-9_])\\d+(?![A-Za-z])',
    '(?<=[-_.])\\d+(?=[-_.]|$)',
  ].join('|'),
  'g',
);

const PRIVATE =
  /^(?:10\.|127\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.(?!169\.254)|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/;
const FIRST_EPHEMERAL_PORT = 32_768;

function mark(text: string): string {
  if (text.length === 36 && text[8] === '-') return '<uuid>';
  if (text.includes('.') && /^\d{1,3}\.\d/.test(text)) return address(text);
  if (/^t(?:e?mp)/.test(text))
    return /\d/.test(text) || /[a-z][A-Z]|[A-Z][a-z]/.test(text.slice(4)) ? '<tmp>' : text;
  if (/^\d+$/.test(text)) return '<n>';
  return /\d/.test(text) && /[a-fA-F]/.test(text) ? '<hex>' : text;
}

/** Public addresses and well-known ports say what happened; private addresses and ephemeral ports change by themselves. */
function address(text: string): string {
  const [ip = '', port] = text.split(':');
  if (ip.split('.').some((part) => Number(part) > 255)) return '<n>';
  const shown = PRIVATE.test(ip) ? '<ip>' : ip;
  if (port === undefined) return shown;
  return `${shown}:${Number(port) >= FIRST_EPHEMERAL_PORT ? '<port>' : port}`;
}

/** Shapes that were made before: the same commands come again and again. */
const known = new Map<string, string>();
const MAX_KNOWN = 4000;
const MAX_KNOWN_LENGTH = 300;

/** The shape of a command line, path or connection. */
export function shapeOf(text: string): string {
  if (text.length > MAX_KNOWN_LENGTH) return text.slice(0, MAX_LENGTH).replace(VOLATILE, mark);
  let shape = known.get(text);
  if (shape === undefined) {
    // A copy: what is cut out of a record would keep the whole record in memory.
    const own = ` ${text}`.slice(1);
    shape = own.replace(VOLATILE, mark);
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(own, shape);
  }
  return shape;
}
