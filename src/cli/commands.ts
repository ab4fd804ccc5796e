// Every command, by name. Its file is imported only when it runs; the file's `run` gets what Commander parsed and
// gives back the exit code.

import type { Command } from 'commander';
import { registerCapture } from './commands/capture.ts';
import { registerService } from './commands/service.ts';

/** Collects an option that may be given several times, each with one or more values. */
function several(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** Registers all commands on `program`. */
export function registerCommands(program: Command): void {
  program
    .command('report')
    .summary('alerts or captures to incident reports')
    .description(
      'Reads Falco alerts (JSON, NDJSON, arrays, gzip, text lines), or runs rules over captures (.scap), and reports the incidents in them: what happened, a verdict with its evidence, and checked mitigations.',
    )
    .argument('[inputs...]', 'alert files, folders of them, captures, or - for standard input')
    .option('-f, --format <list>', 'text, md, html, json, ocsf, sarif, stix, separated by commas')
    .option(
      '-o, --out <dir>',
      'write the formats into this folder, and the terminal report to standard output',
    )
    .option('-m, --manifest <file>', "the workload's Kubernetes manifest; may be repeated", several)
    .option('-r, --rules <file>', "Falco rule files in Falco's order; may be repeated", several)
    .option('--capture <file>', 'a capture in which the alerts are looked for; may be repeated', several)
    .option('--knowledge <dir>', 'a folder of your own knowledge packs; may be repeated', several)
    .option('--kubernetes-version <version>', 'the version that manifests are checked against')
    .option('--full', 'show everything on the terminal, not only the first page of the worst incidents')
    .option('--demo', 'say what to type next')
    .action(async (inputs: readonly string[], options) => {
      const { run } = await import('./commands/report.ts');
      process.exitCode = await run(inputs, options);
    });

  program
    .command('replay')
    .summary('rules over what was recorded: captures, audit events, alerts')
    .description(
      'Runs Falco rules over recordings and prints the alerts exactly as Falco does. A recording is a capture (.scap), JSON events (Kubernetes audit, AWS CloudTrail, Google Cloud audit, Okta, GitHub, or what --define says) or recorded Falco alerts, each also as gzip; what it is is told by its content.',
    )
    .argument('<recordings...>', 'files, folders of JSON files, or - for standard input')
    .option('-r, --rules <file>', "Falco rule files in Falco's order; may be repeated", several)
    .option('-s, --source <name>', 'what the recordings hold, instead of telling it by their content')
    .option(
      '--define <file>',
      'a source of JSON events of your own (docs/sources.md); may be repeated',
      several,
    )
    .option('-c, --config <file>', 'a falco.yaml: output, priority and rule settings are taken from it')
    .option('--hostname <name>', "what alerts name as the host, instead of the recording's own")
    .action(async (recordings: readonly string[], options) => {
      const { run } = await import('./commands/replay.ts');
      process.exitCode = await run(recordings, options);
    });

  program
    .command('test')
    .summary('unit tests for rules')
    .description(
      'Runs tests of Falco rules: events written out, captures, audit records or recorded alerts, and what must fire on them (docs/testing-rules.md). Of folders, every .test.yaml and .test.yml file below them.',
    )
    .argument('[files...]', 'test files and folders')
    .option('-f, --format <name>', 'text, json or junit', 'text')
    .option('-o, --out <file>', 'write the format into this file, and the text to standard output')
    .option('--filter <text>', 'only tests whose name holds this text')
    .option('--coverage', 'say what of the rules no test reached')
    .option('--min-coverage <percent>', 'fail below this coverage')
    .option('--watch', 'run again after each change of tests, rules or data')
    .action(async (files: readonly string[], options) => {
      const { run } = await import('./commands/test.ts');
      process.exitCode = await run(files, options);
    });

  program
    .command('check')
    .summary('load and lint rule files')
    .description(
      'Loads Falco rule files as Falco would, in the order given (folders: their .yaml and .yml files), and lints them, each finding at its exact place.',
    )
    .argument('[rules...]', 'rule files and folders')
    .option('-f, --format <name>', 'text, json or sarif', 'text')
    .option('--strict', 'fail on warnings too')
    .option('--ignore <codes>', 'say nothing of these codes (not errors); commas, may be repeated', several)
    .option('--fix', 'make the safe fixes in the files; comments stay')
    .option('--no-lint', 'only what Falco itself would say')
    .action(async (rules: readonly string[], options) => {
      const { run } = await import('./commands/check.ts');
      process.exitCode = await run(rules, options);
    });

  program
    .command('fmt')
    .summary('one layout for rule files')
    .description(
      'Formats Falco rule files: conditions broken at and/or, lists, indentation. Comments stay and the meaning never changes, which is proved before anything is written. Without an option, prints the result.',
    )
    .argument('[rules...]', 'rule files and folders')
    .option('--check', 'only name the files that are not formatted, and fail if there are any')
    .option('--write', 'write the files')
    .action(async (rules: readonly string[], options) => {
      const { run } = await import('./commands/fmt.ts');
      process.exitCode = await run(rules, options);
    });

  program
    .command('explain')
    .summary('what a rule, a field or a diagnostic code means')
    .description(
      'Explains a rule (or macro, or list) of the files given with -r, a field of any source, or a code that `yarak check` reports.',
    )
    .argument('<name>', "a rule's name, a field, or a code")
    .option('-r, --rules <file>', 'Falco rule files and folders; may be repeated', several)
    .option('--emit <form>', 'js: the code that the engine runs for the rule')
    .action(async (name: string, options) => {
      const { run } = await import('./commands/explain.ts');
      process.exitCode = await run(name, options);
    });

  program
    .command('lsp')
    .summary('editor support: the language server')
    .description(
      'Serves the Language Server Protocol for Falco rule files on standard input and output (docs/editors.md). Editors start it.',
    )
    .option('--stdio', 'standard input and output, which is the only way and the default')
    .action(async () => {
      const { run } = await import('./commands/lsp.ts');
      run();
    });

  registerCapture(program);

  registerService(program);
}
