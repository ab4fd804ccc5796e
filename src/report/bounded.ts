// Very long values: what a screen shows of them.

/** `text`, or its two ends and how much was left out between them. Never cuts a surrogate pair. */
export function bounded(text: string, max: number): string {
  if (text.length <= max) return text;
  const half = Math.max(8, Math.floor(max / 2));
  const head = text.slice(0, half).replace(/[\ud800-\udbff]$/, '');
  const tail = text.slice(-half).replace(/^[\udc00-\udfff]/, '');
  const left = text.length - head.length - tail.length;
  return left <= 0 ? text : `${head} …[${left} characters left out]… ${tail}`;
}
