// One alert as conditions see it: Falco's fields, what sibling alerts of the same container or process add, and the
// derived `yarak.*` fields (catalogue.ts), computed when first asked for.
//
// A value of `undefined` is unknown (not printed), `null` is known to be absent. Derived fields keep to that.

import type { Alert, FieldValue } from '../../alerts/index.ts';
import type { ParsedCommandLine } from '../shell/types.ts';
import { DERIVED, type DerivedField } from './catalogue.ts';
import { parsedCommandLine } from './parsed.ts';

/** What triage knows beside the alert itself. All optional: an alert alone can be viewed. */
export interface Surroundings {
  /** Fields of the same container or process that sibling alerts print. */
  readonly siblings?: ReadonlyMap<string, FieldValue>;
  /** When the alert's container was seen to start, nanoseconds since 1970. */
  readonly containerStartNs?: bigint;
  /** How often the same thing happened, and the mean time between. */
  readonly repeats?: { readonly count: number; readonly periodMs: number | undefined };
}

export class AlertView {
  readonly alert: Alert;
  readonly around: Surroundings;
  readonly #derived = new Map<string, FieldValue | undefined>();

  /** The alert as conditions evaluate it: with siblings' and derived fields, the latter computed when asked for. */
  readonly asAlert: Alert;

  constructor(alert: Alert, around: Surroundings = {}) {
    this.alert = alert;
    this.around = around;
    this.asAlert = { ...alert, fields: new ViewedFields(this) };
  }

  /** The value of a Falco field or derived field; `undefined`: unknown. */
  get(name: string): FieldValue | undefined {
    if (name.startsWith('yarak.')) return this.#derive(name);
    const own = this.alert.fields.get(name);
    if (own !== undefined && own !== null) return normalise(name, own);
    const sibling = this.around.siblings?.get(name);
    return sibling ?? (own === undefined ? undefined : null);
  }

  /** Whether a sibling alert, not this one, shows the field. */
  isFromSibling(name: string): boolean {
    const own = this.alert.fields.get(name);
    return (own === undefined || own === null) && this.around.siblings?.get(name) !== undefined;
  }

  /** The field as text, `''` when unknown or absent. */
  text(name: string): string {
    const value = this.get(name);
    return typeof value === 'string'
      ? value
      : typeof value === 'number' || typeof value === 'bigint'
        ? String(value)
        : '';
  }

  /** The process's own command line, parsed; its name and path when only those are known. */
  command(): ParsedCommandLine {
    const line = this.text('proc.cmdline');
    return parsedCommandLine(line !== '' ? line : this.text('proc.name'));
  }

  /** Command lines of the process and of its shown ancestors, nearest first, without runtimes and service managers. */
  commandTree(): readonly ParsedCommandLine[] {
    return this.treeLines().map((line) => parsedCommandLine(line));
  }

  treeLines(): readonly string[] {
    const lines: string[] = [];
    for (const field of TREE_FIELDS) {
      const line = this.text(field);
      if (line !== '' && !MANAGERS.test(line.slice(0, 64)) && !lines.includes(line)) lines.push(line);
    }
    return lines;
  }

  /** Events of other sources have no process and no file: what rests on those alone is absent, not unknown. */
  #isForeign({ from }: DerivedField): boolean {
    return (
      this.alert.source !== 'syscall' && from.length > 0 && from.every((field) => OF_SYSCALLS.test(field))
    );
  }

  #derive(name: string): FieldValue | undefined {
    if (this.#derived.has(name)) return this.#derived.get(name);
    const field = DERIVED.get(name);
    const computed = field !== undefined && this.#isForeign(field) ? null : field?.compute(this);
    // Falco's own lists are absent when they are empty; so are these.
    const value = Array.isArray(computed) && computed.length === 0 ? null : computed;
    this.#derived.set(name, value);
    return value;
  }
}

/** Falco's fields that only system calls have. */
const OF_SYSCALLS = /^(?:proc|thread|fd|container|user|group|evt\.arg)\./;

/** A map whose look-ups go through the view; iteration shows the alert's own fields only. */
class ViewedFields extends Map<string, FieldValue> {
  readonly #view: AlertView;

  constructor(view: AlertView) {
    super(view.alert.fields);
    this.#view = view;
  }

  override get(name: string): FieldValue | undefined {
    return this.#view.get(name);
  }

  override has(name: string): boolean {
    return this.#view.get(name) !== undefined;
  }
}

const TREE_FIELDS = [
  'proc.cmdline',
  'proc.pcmdline',
  ...[1, 2, 3, 4, 5, 6].map((n) => `proc.acmdline[${n}]`),
];

/** Service managers and container runtimes: their command lines say how a process is run, not what it does. */
const MANAGERS =
  /^(?:systemd|init|containerd|containerd-shim\S*|dockerd|docker-containe\S*|runc\S*|crun|conmon|kubelet|crio|sshd|cron|crond|podman)(?:[ :]|$)/;

/** Falco prints "no such container" fields as empty text; that is as good as absent. */
function normalise(name: string, value: FieldValue): FieldValue {
  return value === '' && /^(?:container\.|k8s\.)/.test(name) ? null : value;
}
