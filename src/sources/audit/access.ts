// What the engine asks of a JSON source: its own fields, the json plugin's, and the generic ones.

import type { EventAccess } from '../../detect/engine/index.ts';
import type { FieldReader, FieldRef } from '../../detect/fields/index.ts';
import { type JsonEvent, jsonText, pretty } from './event.ts';
import { follow, pointerSteps } from './pointer.ts';
import { cut, type JsonSource, sourceReader } from './source.ts';

const SECOND_NS = 1_000_000_000n;

/** Readers for rules of `source`. `hostname` is what `evt.hostname` says. */
export function jsonAccess(source: JsonSource, hostname = ''): EventAccess<JsonEvent> {
  return {
    source: source.name,
    timeNs: (event) => event.timeNs,
    reader: (field) => genericReader(source, field, hostname) ?? sourceReader(source, field),
  };
}

function genericReader(
  source: JsonSource,
  field: FieldRef,
  hostname: string,
): FieldReader<JsonEvent> | undefined {
  switch (field.def.name) {
    case 'json.value':
    case 'jevt.value': {
      const way = pointerSteps(field.arg ?? '');
      return (event) => {
        const value = follow(event.record, way);
        return value === undefined ? undefined : cut(jsonText(value));
      };
    }
    case 'json.obj':
    case 'jevt.obj':
      return (event) => pretty(event.record);
    case 'json.rawtime':
    case 'jevt.rawtime':
      return (event) => event.timeNs.toString();
    case 'evt.num':
      return (event) => event.num;
    case 'evt.source':
      return () => source.name;
    case 'evt.pluginname':
      return () => source.plugin;
    case 'evt.plugininfo':
      return (event) => cut(source.info(event));
    case 'evt.hostname':
      return hostname === '' ? undefined : () => hostname;
    case 'evt.is_async':
      return () => false;
    case 'evt.reltime':
      return (event) => event.timeNs - event.firstNs;
    case 'evt.reltime.s':
      return (event) => (event.timeNs - event.firstNs) / SECOND_NS;
    case 'evt.reltime.ns':
      return (event) => (event.timeNs - event.firstNs) % SECOND_NS;
    default:
      return undefined;
  }
}
