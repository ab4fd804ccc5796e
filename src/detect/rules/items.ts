// What the reader hands to the collector, and what the collector keeps.

import type { Location } from '../../base/diagnostic.ts';
import type { MappedText } from './mapped-text.ts';
import type { RulePriority } from './types.ts';
import type { YamlMap, YamlNode, YamlScalar } from './yaml.ts';

export interface Indexed {
  /** Position of the first definition, over all files. */
  index: number;
  /** Position of the last definition or change: what a macro may refer to lies before it. */
  visibility: number;
}

/** What every item has. */
export interface ItemHead {
  readonly name: string;
  readonly node: YamlMap;
  /** The item's name in its file. */
  readonly at: Location;
}

export interface ListInfo extends ItemHead, Indexed {
  items: readonly YamlScalar[];
}

export interface MacroInfo extends ItemHead, Indexed {
  condition: MappedText;
}

/** A scalar, or a list of entries; neither: absent. */
export interface ExceptionEntry {
  readonly node: YamlNode;
  readonly item?: string;
  readonly items?: readonly ExceptionEntry[];
}

export interface ExceptionInfo {
  readonly name: string;
  readonly node: YamlMap;
  readonly at: Location;
  fields: ExceptionEntry | undefined;
  comps: ExceptionEntry | undefined;
  values: readonly ExceptionEntry[];
}

/** The parts of a rule that `append` and `override` may change. */
export interface RuleParts {
  condition: MappedText;
  output: MappedText;
  desc: string;
  priority: RulePriority;
  enabled: boolean;
  capture: boolean;
  captureDurationMs: number;
  warnEvttypes: boolean;
  skipIfUnknownFilter: boolean;
  tags: ReadonlySet<string>;
  exceptions: readonly ExceptionInfo[];
}

export interface RuleInfo extends ItemHead, Indexed, RuleParts {
  readonly source: string;
  readonly unknownSource: boolean;
}

export interface RuleUpdate extends ItemHead {
  readonly parts: Partial<RuleParts>;
}
