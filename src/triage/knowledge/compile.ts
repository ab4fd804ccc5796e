// Packs to knowledge: names resolved across all packs, conditions parsed, references checked. What is wrong is a
// diagnostic at its line, and only the entry that holds it is left out.

import type { Diagnostic } from '../../base/diagnostic.ts';
import { nearest } from '../../base/nearest.ts';
import type { Technique } from '../types.ts';
import { type Names, resolveCondition } from './conditions.ts';
import type { ReadPack } from './pack.ts';
import type { Pack } from './schema.ts';
import type {
  Behaviour,
  BenignCause,
  Condition,
  Holding,
  Knowledge,
  PlaybookTemplate,
  QuestionTemplate,
} from './types.ts';
import { SEVERITY_WEIGHT } from './types.ts';

export interface CompiledKnowledge {
  readonly knowledge: Knowledge;
  readonly diagnostics: readonly Diagnostic[];
}

type Path = readonly (string | number)[];
type Entry<K extends 'behaviours' | 'causes' | 'playbooks'> = NonNullable<Pack[K]>[number];

/** Compiles packs in order; a later entry with the same id (or rule) replaces an earlier one. `base` comes first. */
export function compilePacks(packs: readonly ReadPack[], base?: Knowledge): CompiledKnowledge {
  return new Compiler(packs, base).run();
}

class Compiler {
  readonly #packs: readonly ReadPack[];
  readonly #base: Knowledge | undefined;
  readonly #diagnostics: Diagnostic[] = [];
  readonly #names: Names;
  readonly #questions = new Map<string, QuestionTemplate>();
  readonly #techniques = new Map<string, Technique>();
  readonly #replaced = new Map<string, string>();
  #attackVersion: string;

  constructor(packs: readonly ReadPack[], base: Knowledge | undefined) {
    this.#packs = packs;
    this.#base = base;
    this.#attackVersion = base?.attackVersion ?? '';
    const lists = new Map<string, readonly string[]>();
    const macros = new Map<string, string>();
    for (const technique of Object.values(base?.techniques ?? {}))
      this.#techniques.set(technique.id, technique);
    for (const [old, current] of Object.entries(base?.replaced ?? {})) this.#replaced.set(old, current);
    for (const { pack, diagnostics } of packs) {
      this.#diagnostics.push(...diagnostics);
      for (const [name, items] of Object.entries(pack?.lists ?? {})) lists.set(name, items.map(String));
      for (const [name, text] of Object.entries(pack?.macros ?? {})) macros.set(name, text);
      for (const [name, question] of Object.entries(pack?.questions ?? {}))
        this.#questions.set(name, compact(question));
      if (pack?.attack === undefined) continue;
      this.#attackVersion = pack.attack.version;
      for (const [id, technique] of Object.entries(pack.attack.techniques))
        this.#techniques.set(id, { id, ...technique });
      for (const [old, current] of Object.entries(pack.attack.replaced)) this.#replaced.set(old, current);
    }
    this.#names = { lists, macros };
  }

  run(): CompiledKnowledge {
    const behaviours = new Map((this.#base?.behaviours ?? []).map((item) => [item.id, item]));
    const causes = new Map((this.#base?.causes ?? []).map((item) => [item.id, item]));
    const playbooks = new Map((this.#base?.playbooks ?? []).map((item) => [item.rule, item]));
    for (const read of this.#packs) {
      read.pack?.behaviours?.forEach((entry, i) => {
        const item = this.#behaviour(read, entry, ['behaviours', i]);
        if (item !== undefined) behaviours.set(item.id, item);
      });
    }
    for (const read of this.#packs) {
      read.pack?.causes?.forEach((entry, i) => {
        const item = this.#cause(read, entry, ['causes', i], behaviours);
        if (item !== undefined) causes.set(item.id, item);
      });
      read.pack?.playbooks?.forEach((entry, i) => {
        playbooks.set(entry.rule, this.#playbook(read, entry, ['playbooks', i]));
      });
    }
    return {
      knowledge: {
        attackVersion: this.#attackVersion,
        techniques: Object.fromEntries(this.#techniques),
        replaced: Object.fromEntries(this.#replaced),
        behaviours: [...behaviours.values()],
        causes: [...causes.values()],
        playbooks: [...playbooks.values()],
      },
      diagnostics: this.#diagnostics,
    };
  }

  #behaviour(read: ReadPack, entry: Entry<'behaviours'>, path: Path): Behaviour | undefined {
    const when = this.#condition(read, entry.when, [...path, 'when']);
    const techniques = entry.techniques.flatMap((id, i) =>
      this.#technique(read, id, [...path, 'techniques', i]),
    );
    if (when === undefined) return undefined;
    const { id, title, severity, show, inexcusable } = entry;
    const weight = entry.weight ?? SEVERITY_WEIGHT[severity];
    const questions = this.#asked(read, entry.questions, [...path, 'questions']);
    return { id, title, severity, weight, techniques, when, show, inexcusable, questions };
  }

  #cause(
    read: ReadPack,
    entry: Entry<'causes'>,
    path: Path,
    behaviours: ReadonlyMap<string, Behaviour>,
  ): BenignCause | undefined {
    const when = this.#condition(read, entry.when, [...path, 'when']);
    const confirm = this.#holdings(read, entry.confirm, [...path, 'confirm']);
    const prove = this.#holdings(read, entry.prove, [...path, 'prove']);
    entry.explains.forEach((id, i) => {
      if (id === '*' || behaviours.has(id)) return;
      this.#report(read, [...path, 'explains', i], `No behaviour \`${id}\``, nearest(id, behaviours.keys()));
    });
    const unless =
      entry.unless === undefined ? undefined : this.#condition(read, entry.unless, [...path, 'unless']);
    if (when === undefined || confirm === undefined || prove === undefined) return undefined;
    if (entry.unless !== undefined && unless === undefined) return undefined;
    const settle = entry.settle === undefined ? [] : this.#asked(read, [entry.settle], [...path, 'settle']);
    return {
      id: entry.id,
      title: entry.title,
      when,
      ...(unless === undefined ? {} : { unless }),
      ...(entry.person === undefined ? {} : { person: entry.person }),
      confirm,
      prove,
      explains: entry.explains,
      ...(settle[0] === undefined ? {} : { settle: settle[0] }),
    };
  }

  #playbook(read: ReadPack, entry: Entry<'playbooks'>, path: Path): PlaybookTemplate {
    const questions = this.#asked(read, entry.questions, [...path, 'questions']);
    return {
      rule: entry.rule,
      meaning: entry.meaning,
      benignCauses: entry.benign,
      questions,
      limits: entry.limits,
    };
  }

  #holdings(
    read: ReadPack,
    entries: readonly { text: string; when: string }[],
    path: Path,
  ): Holding[] | undefined {
    const holdings = entries.map(({ text, when }, i) => ({
      text,
      when: this.#condition(read, when, [...path, i, 'when']),
    }));
    return holdings.some((holding) => holding.when === undefined) ? undefined : (holdings as Holding[]);
  }

  #condition(read: ReadPack, text: string, path: Path): Condition | undefined {
    const { condition, error, help } = { help: undefined, ...resolveCondition(text, this.#names) };
    if (condition !== undefined) return condition;
    this.#diagnostics.push({
      code: 'KNOWLEDGE_CONDITION',
      severity: 'error',
      message: error ?? 'Not a condition',
      at: read.locate(path),
      ...(help === undefined ? {} : { help }),
    });
    return undefined;
  }

  #asked(read: ReadPack, entries: readonly (QuestionTemplate | string)[], path: Path): QuestionTemplate[] {
    return entries.flatMap((entry, i) => {
      if (typeof entry !== 'string') return [compact(entry)];
      const question = this.#questions.get(entry);
      if (question !== undefined) return [question];
      this.#report(read, [...path, i], `No question \`${entry}\``, nearest(entry, this.#questions.keys()));
      return [];
    });
  }

  #technique(read: ReadPack, id: string, path: Path): Technique[] {
    const technique = this.#techniques.get(this.#replaced.get(id) ?? id);
    if (technique !== undefined) return [technique];
    this.#report(read, path, `ATT&CK technique ${id} is not in the table under \`attack:\``, undefined);
    return [];
  }

  #report(read: ReadPack, path: Path, message: string, guess: string | undefined): void {
    this.#diagnostics.push({
      code: 'KNOWLEDGE_REFERENCE',
      severity: 'error',
      message,
      at: read.locate(path),
      ...(guess === undefined ? {} : { help: `Did you mean \`${guess}\`?` }),
    });
  }
}

/** Drops keys whose value is undefined, which zod leaves in. */
function compact(question: {
  text: string;
  command?: string | undefined;
  ifSo?: string | undefined;
  ifNot?: string | undefined;
}): QuestionTemplate {
  const { text, command, ifSo, ifNot } = question;
  return {
    text,
    ...(command === undefined ? {} : { command }),
    ...(ifSo === undefined ? {} : { ifSo }),
    ...(ifNot === undefined ? {} : { ifNot }),
  };
}
