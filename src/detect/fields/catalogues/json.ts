// Fields of Falco's json plugin, which work on every source whose events are JSON.

import { parseFieldRows } from './rows.ts';

export const JSON_FIELDS = parseFieldRows(
  'json',
  `
json.value str!key Value at a JSON pointer in the event, as in json.value[/user/name]
json.obj str The whole event as indented JSON
json.rawtime str Time of the event in nanoseconds since 1970, as text
jevt.value str!key Same as json.value
jevt.obj str Same as json.obj
jevt.rawtime str Same as json.rawtime
`,
);
