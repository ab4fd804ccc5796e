// What a field is: the catalogue's record, a resolved reference, and the values that sources hand to the engine.

/** Falco's parameter and field types (libs, ppm_param_type), as dumped in the field table. */
export type FieldType = string;

/** What a check on a field may use as its argument. */
export type ArgKind = 'none' | 'optional' | 'required';

export interface FieldDef {
  /** `proc.aname`, without argument. */
  readonly name: string;
  /** The class whose prefix match decides lookups: `gen_event`, `process`, `fd`, `container`, `ka`, … */
  readonly cls: string;
  readonly type: FieldType;
  readonly isList: boolean;
  readonly arg: ArgKind;
  /** Plugin fields: what the argument in brackets must be. */
  readonly argForm?: 'key' | 'index' | 'any';
  /** Conditions only (`fd.net`): prints `<NA>`. */
  readonly filterOnly: boolean;
  readonly noRhs: boolean;
  readonly noTransformers: boolean;
  readonly deprecated: boolean;
  /** How numbers print: `DEC`, `HEX`, `OCT`, `ID`, `10_PADDED_DEC`, `NA`. */
  readonly printFormat: string;
  /** One sentence, ours. */
  readonly description: string;
  /** Set when no recorded vector confirms how we compute it. */
  readonly unverified?: boolean;
}

/** A field with its argument, found in the catalogue. `text` is its printed form: the key in `output_fields`. */
export interface FieldRef {
  readonly def: FieldDef;
  /** `2` of `proc.aname[2]`; also the `flags` of `evt.arg.flags`, the `open` of `evt.type.is.open`. */
  readonly arg?: string;
  readonly text: string;
  /** The type of its values: the definition's, except for `evt.rawarg.NAME`, whose parameter has its own. */
  readonly type: FieldType;
}

/**
 * A value as the engine sees it. Strings are JavaScript strings; 64-bit integers that may pass 2^53 are bigint
 * only where the field's type says so (ABSTIME, inodes, counters); IP addresses are their canonical text (`10.0.0.1`,
 * `::1`); BYTEBUF is bytes; list fields are arrays. `undefined`: not extracted, so every check on it is false.
 */
export type Value =
  | string
  | number
  | bigint
  | boolean
  | Uint8Array
  | readonly (string | number | bigint | boolean)[];

/** Reads one field from the source's current event. */
export type FieldReader<E> = (event: E) => Value | undefined;

/**
 * How a source of events hands out fields. The engine asks for a reader once per distinct field reference, when it
 * plans; the reader then runs per event, at most once per event and field.
 */
export interface FieldAccess<E> {
  /** Falco's source name: `syscall`, `k8s_audit`, … */
  readonly source: string;
  /** `undefined`: this source never has the field. `codes` are the event codes the reader will be called for. */
  reader(field: FieldRef): FieldReader<E> | undefined;
}
