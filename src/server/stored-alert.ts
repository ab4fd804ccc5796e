// Alerts as they were stored, read again.

import { type Alert, alertFromJson } from '../alerts/index.ts';
import { parseJson } from '../base/json.ts';

/** `undefined` for a record that is no alert; what was stored once was one. */
export function readStoredAlert(raw: string, id: string): Alert | undefined {
  const parsed = parseJson(raw);
  return parsed.ok ? alertFromJson(parsed.value, { file: id, line: 1 }) : undefined;
}
