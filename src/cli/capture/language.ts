// Falco's language on the command line: a condition that chooses events (macros and lists come from rule files), an
// output format, and fields by name.

import { terminalText } from '../../base/escape/terminal.ts';
import {
  compileTemplate,
  createEngine,
  type OutputField,
  outputField,
  type TemplateContext,
  withBuiltinFields,
} from '../../detect/engine/index.ts';
import { catalogueFor } from '../../detect/fields/index.ts';
import { loadRules } from '../../detect/rules/index.ts';
import { type ScapEvent, scapFields } from '../../sources/scap/index.ts';
import { CliError } from '../error.ts';
import { readRuleFiles } from '../rule-files.ts';
import { tell } from './source.ts';

const catalogue = catalogueFor('syscall');
const access = withBuiltinFields(scapFields);
const context: TemplateContext<ScapEvent> = {
  catalogue,
  base64: false,
  read: (ref) => access.outputReader?.(ref),
  timeNs: (event) => event.tsNs,
};

/**
 * A test of events from a condition. `ruleFiles`: their macros and lists can be used. Throws `CliError` 2 when it is
 * no condition.
 */
export function compileFilter(
  condition: string,
  ruleFiles: readonly string[],
): (event: ScapEvent) => boolean {
  const name = '--filter';
  const rule = { rule: name, desc: name, condition, output: '%evt.num', priority: 'DEBUG' };
  const files = readRuleFiles(ruleFiles);
  const { results, rules } = loadRules([...files, { name, content: JSON.stringify([rule]) }], {
    partial: true,
  });
  tell(results.slice(0, -1).flatMap(({ errors }) => errors.map(({ diagnostic }) => diagnostic)));
  const found = rules.findLast((each) => each.name === name);
  const problem = results.at(-1)?.errors[0]?.diagnostic;
  if (problem !== undefined || found === undefined) {
    const help = problem?.help === undefined ? '' : `; ${problem.help}`;
    throw new CliError(
      2,
      `--filter: ${terminalText(problem?.message ?? 'no condition')}${terminalText(help)}`,
    );
  }
  const engine = createEngine([found], scapFields);
  const refused = engine.diagnostics[0];
  if (refused !== undefined) throw new CliError(2, `--filter: ${terminalText(refused.message)}`);
  return (event) => engine.match(event, event.code).length > 0;
}

/** An output format. Throws `CliError` 2 when it is none. */
export function compileFormat(format: string): (event: ScapEvent) => string {
  const compiled = compileTemplate(format, context);
  if (compiled.error === undefined) return compiled.template.text;
  const { message, reason } = compiled.error;
  throw new CliError(
    2,
    `-p: ${terminalText(message)}${reason === undefined ? '' : ` (${terminalText(reason)})`}`,
  );
}

/** Fields by name, to be printed as JSON. Throws `CliError` 2 with the nearest right name. */
export function compileFields(names: readonly string[]): OutputField<ScapEvent>[] {
  return names
    .flatMap((list) => splitFields(list))
    .map((name) => {
      const { ref, error } = catalogue.resolve(name);
      if (ref !== undefined) return outputField(ref, context);
      const close = catalogue.nearest(name);
      const hint = close === undefined ? '' : ` (did you mean ${close}?)`;
      throw new CliError(2, `${terminalText(name)}: ${terminalText(error)}${hint}`);
    });
}

/** `a.b,c.d[e,f]` → its fields: commas in brackets belong to an argument. */
function splitFields(list: string): string[] {
  return list
    .split(/,(?![^[]*\])/)
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** Every field that needs no argument and can be printed, with what tells whether an event has it. */
export function allFields(): (OutputField<ScapEvent> & { readonly has: (event: ScapEvent) => boolean })[] {
  return catalogue.fields.flatMap(({ name, arg, filterOnly }) => {
    const ref = arg === 'required' || filterOnly ? undefined : catalogue.resolve(name).ref;
    const read = ref === undefined ? undefined : access.outputReader?.(ref);
    if (ref === undefined || read === undefined) return [];
    return [{ ...outputField(ref, context), has: (event: ScapEvent) => read(event) !== undefined }];
  });
}
