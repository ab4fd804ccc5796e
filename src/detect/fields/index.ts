export type { CatalogueOptions } from './catalogue.ts';
export { catalogueFor, FieldCatalogue, fieldText, knownSources, resolveField } from './catalogue.ts';
export { SUGGESTED_FIELDS } from './catalogues/container.ts';
export type { EventDirection, EventFlag, EventInfo, EventParam, FlagTable } from './events.ts';
export {
  ASYNC_EVENT,
  CATEGORY_SOURCE,
  EVENT_CODE_COUNT,
  EVENTS,
  eventCodes,
  eventNames,
  FLAG_TABLES,
  GENERIC_ENTER,
  GENERIC_EXIT,
  PARAM_TYPES,
  PLUGIN_EVENT,
  SYSCALL_NAMES,
} from './events.ts';
export type { FieldLookup } from './lookup.ts';
export type * from './types.ts';
export { ENGINE_VERSION, PLUGIN_VERSIONS } from './versions.ts';
