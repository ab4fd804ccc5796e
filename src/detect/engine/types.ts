// The contract between a source of events and the engine. A source implements `EventAccess<E>` for its event object
// `E`; everything else (operators, caching, planning, formatting) is the engine's.
//
// Shape of a value, by the field's type (a reader returns `undefined` where the event does not have the field):
//
//   CHARBUF FSPATH FSRELPATH      string, already cut at NUL and sanitised (falco-engine-spec 3.2)
//   8-, 16-, 32-bit integers,     number; unsigned types never negative (`user.uid` of -1 is 4294967295)
//   PORT, PID, FD, ERRNO, FLAGS*
//   INT64 UINT64 RELTIME ABSTIME  number while it is a safe integer, else bigint; a bigint that would fit is accepted
//   BOOL                          boolean
//   DOUBLE                        number
//   IPADDR                        canonical text: `10.0.0.1`, `2001:db8::1`
//   IPNET                         the *address* that is tested against the rule's networks, as canonical text
//   BYTEBUF                       Uint8Array
//   list fields (`fd.types`)      array of the above; an empty list is `undefined`
//   DYN (`evt.rawarg.X`)          whatever the parameter's own type says, per event
//
// Fields with several candidates. A condition on these looks at more than one value, so `reader` returns an *array*
// of candidates although the field is no list; `outputReader` returns the single printed value:
//
//   proc.aname aexe aexepath acmdline aargs apid aenv, without argument: the ancestors' values, parent first, the
//     process itself not included. A check is true if any candidate satisfies it, whatever the operator.
//   fd.ip fd.port fd.net fd.proto: the socket's ends (one for a listening socket). `=`, `in` and the relational
//     operators want any end, `!=` wants all. `[]`: the event has an fd but it is no IP socket, so that `exists` is
//     true and every other check false. `undefined`: no fd.
//
// The engine itself computes `evt.time*`, `evt.datetime*`, `evt.rawtime*` and `evt.around[TS]` from `timeNs`, and
// `static.*` from its options: `reader` is never asked for them.
//
// Speed. Give all events one hidden class (same keys, same order, reuse one object), make `code` and the ids plain
// properties, and let `reader` return a small closure that only reads properties: the generated code calls it from one
// place per field, so V8 inlines it. When `code` is given, resolve everything there (the parameter's index, its
// decoder) and return `undefined` for what events of that code never have: the plan then drops the checks, and often
// the whole rule. The engine reads a field at most once per event, so a reader need not remember what it returned,
// unless deriving it is costly and outputs will ask again.

import type { FieldAccess, FieldReader, FieldRef, Value } from '../fields/index.ts';

/** What a source hands to the engine: how to read a field of its current event. */
export interface EventAccess<E> extends FieldAccess<E> {
  /** Falco's source name: `syscall`, `k8s_audit`, … Only rules of this source are planned. */
  readonly source: string;
  /**
   * The reader for conditions. Asked once per distinct field (and event code) when the engine plans, never per event.
   * With `code`, the reader is only called for events of that code. `undefined`: no such event ever has the field.
   */
  reader(field: FieldRef, code?: number): FieldReader<E> | undefined;
  /**
   * The reader for outputs, where that differs: a single value for fields with several candidates, the formatted text
   * of `evt.buffer`. Falls back to `reader`. Filter-only fields are never asked for: they print `<NA>`.
   */
  outputReader?(field: FieldRef): FieldReader<E> | undefined;
  /**
   * The field's value if it is the same for *all* events of `code` (`evt.type` of a named system call, `evt.dir`,
   * `evt.is_open_write` of anything but the open family). The plan folds it away. `undefined`: it depends.
   */
  constant?(field: FieldRef, code: number): Value | undefined;
  /** The event's time, nanoseconds since 1970 UTC. */
  timeNs(event: E): bigint;
}

/** A compiled condition. */
export type Predicate<E> = (event: E) => boolean;
