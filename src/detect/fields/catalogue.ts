// Which fields a source has, and how they are looked up.

import { nearest } from '../../base/nearest.ts';
import { CLOUDTRAIL_FIELDS } from './catalogues/cloudtrail.ts';
import { CONTAINER_FIELDS } from './catalogues/container.ts';
import { GCP_AUDIT_FIELDS } from './catalogues/gcp-audit.ts';
import { GITHUB_FIELDS } from './catalogues/github.ts';
import { JSON_FIELDS } from './catalogues/json.ts';
import { K8S_AUDIT_FIELDS } from './catalogues/k8s-audit.ts';
import { OKTA_FIELDS } from './catalogues/okta.ts';
import { GENERIC_CLASS, SYSCALL_FIELDS } from './catalogues/syscall.ts';
import { FieldClass, type FieldLookup, lookUp } from './lookup.ts';
import type { FieldDef } from './types.ts';

export interface CatalogueOptions {
  /** With the fields of the plugins that Falco's stock configuration loads (default). */
  readonly plugins?: boolean;
  /** More fields, looked up after all others; their classes are theirs. */
  readonly extra?: readonly FieldDef[];
}

/** The fields of one source. Immutable; lookups are memoised. */
export class FieldCatalogue {
  readonly source: string;
  /** In lookup order. */
  readonly fields: readonly FieldDef[];
  readonly #classes: readonly FieldClass[];
  readonly #found = new Map<string, FieldLookup>();
  #names: readonly string[] | undefined;

  constructor(source: string, builtIn: readonly FieldDef[], plugins: readonly FieldDef[]) {
    this.source = source;
    this.fields = [...builtIn, ...plugins];
    this.#classes = [...toClasses(builtIn, false), ...toClasses(plugins, true)];
  }

  /** Finds a field by its printed form, `proc.aname[2]`. Errors are in Falco's words. */
  resolve(text: string): FieldLookup {
    let found = this.#found.get(text);
    if (found === undefined) {
      found = lookUp(this.#classes, text);
      if (this.#found.size < MEMO_LIMIT) this.#found.set(text, found);
    }
    return found;
  }

  /** The definition of a bare name. */
  get(name: string): FieldDef | undefined {
    return this.fields.find((field) => field.name === name);
  }

  /** The known name that is nearest to a misspelt one. */
  nearest(name: string): string | undefined {
    this.#names ??= this.fields.map((field) => field.name);
    return nearest(name.replace(/\[.*$/s, ''), this.#names);
  }
}

const MEMO_LIMIT = 20_000;

function toClasses(fields: readonly FieldDef[], plugin: boolean): FieldClass[] {
  const byClass = Map.groupBy(fields, (field) => field.cls);
  return [...byClass].map(([name, members]) => new FieldClass(name, members, plugin));
}

/** Field sets of the sources that Falco's own plugins bring. */
const PLUGIN_FIELDS: ReadonlyMap<string, readonly FieldDef[]> = new Map([
  ['k8s_audit', K8S_AUDIT_FIELDS],
  ['aws_cloudtrail', CLOUDTRAIL_FIELDS],
  ['github', GITHUB_FIELDS],
  ['okta', OKTA_FIELDS],
  ['gcp_auditlog', GCP_AUDIT_FIELDS],
]);

const cache = new Map<string, FieldCatalogue>();

/** The sources whose fields are known. */
export function knownSources(): readonly string[] {
  return ['syscall', ...PLUGIN_FIELDS.keys()];
}

/**
 * The fields of a source. `syscall` has all built-in ones, and the container plugin's; other sources have the
 * generic `evt.*` ones, their plugin's and the json plugin's. An unknown source has the generic ones and `extra`.
 */
export function catalogueFor(source: string, options: CatalogueOptions = {}): FieldCatalogue {
  const { plugins = true, extra = [] } = options;
  const key = `${source}/${plugins}`;
  const cached = extra.length === 0 ? cache.get(key) : undefined;
  if (cached !== undefined) return cached;
  const syscall = source === 'syscall';
  const builtIn = syscall ? SYSCALL_FIELDS : SYSCALL_FIELDS.filter((field) => field.cls === GENERIC_CLASS);
  const added = syscall ? CONTAINER_FIELDS : [...(PLUGIN_FIELDS.get(source) ?? []), ...JSON_FIELDS];
  const catalogue = new FieldCatalogue(source, builtIn, [...(plugins ? added : []), ...extra]);
  if (extra.length === 0) cache.set(key, catalogue);
  return catalogue;
}

/** `proc.aname` and `2` as a field's printed form. */
export function fieldText(name: string, arg: string | undefined): string {
  return arg === undefined ? name : `${name}[${arg}]`;
}

/** Looks up a field as a condition's tree holds it. */
export function resolveField(
  catalogue: FieldCatalogue,
  field: { readonly name: string; readonly arg?: string },
): FieldLookup {
  return catalogue.resolve(fieldText(field.name, field.arg));
}
