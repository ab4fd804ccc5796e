// Reading an alert's fields with real alerts' habits in mind: "no value" is written in four ways.

import type { Alert, FieldValue } from './alert.ts';

/** Whether Falco had no value: `null`, `"<NA>"`, `"N/A"`, an empty text or list, or the field was not printed at all. */
export function isMissing(value: FieldValue | undefined): boolean {
  if (value === undefined || value === null || value === '' || value === '<NA>' || value === 'N/A')
    return true;
  return Array.isArray(value) && value.length === 0;
}

/** The value as Falco prints it in text; lists as `(a,b)`. */
export function fieldToText(value: FieldValue): string {
  if (value === null) return '<NA>';
  if (Array.isArray(value)) return `(${value.map(fieldToText).join(',')})`;
  return String(value);
}

/** A field's value as text, or `undefined` if it is missing in any of the ways that `isMissing` knows. */
export function fieldText(alert: Alert, field: string): string | undefined {
  const value = alert.fields.get(field);
  if (value === undefined || isMissing(value)) return undefined;
  return typeof value === 'string' ? value : fieldToText(value);
}

/** A field's value as a number; `undefined` if it is missing or no number. uid 4294967295 is Falco's "unknown". */
export function fieldNumber(alert: Alert, field: string): number | undefined {
  const value = alert.fields.get(field);
  const number =
    typeof value === 'number'
      ? value
      : typeof value === 'bigint' || (typeof value === 'string' && /^-?\d{1,20}$/.test(value))
        ? Number(value)
        : undefined;
  return number === 4294967295 && field.endsWith('id') ? undefined : number;
}
