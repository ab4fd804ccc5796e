// `yarak capture`: what is in a capture, and parts of it. Registers its own commands; each one's file is imported only
// when it runs.

import type { Command } from 'commander';

function several(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

const CAPTURE = 'a capture (.scap, raw or gzip), or - for standard input';
const TIMES = 'a date (UTC), seconds or nanoseconds since 1970, or +1.5s after the first event';

/** Options that several of the commands have. */
function withFormat(command: Command): Command {
  return command.option('-f, --format <name>', 'text or json', 'text');
}

function withFilter(command: Command): Command {
  return command
    .option('--filter <condition>', "a condition in Falco's language")
    .option('-r, --rules <file>', 'rule files whose macros and lists the condition uses', several);
}

function withRange(command: Command): Command {
  return command
    .option('--from <time>', `not before this time: ${TIMES}`)
    .option('--to <time>', 'not after this time')
    .option('--around <range>', 'TIME±DURATION, e.g. +2s±500ms');
}

/** Registers `capture` and its commands on `program`. */
export function registerCapture(program: Command): void {
  const capture = program
    .command('capture')
    .summary('look into recorded captures, and cut them')
    .description('Shows what is in a capture (.scap) and writes parts of it as captures of their own.');

  withFormat(capture.command('info'))
    .summary('what is in it, and whether it is whole')
    .description(
      'Says what a capture holds, by blocks, times, event types and containers, and whether it is damaged.',
    )
    .argument('<capture>', CAPTURE)
    .option('--top <n>', 'how many event types to show', '10')
    .action(async (path: string, options) => {
      const { run } = await import('../capture/info.ts');
      process.exitCode = await run(path, options);
    });

  withFormat(withRange(withFilter(capture.command('events'))))
    .summary('its events, a line each')
    .description(
      'Prints the events of a capture, a line each: as they are read, in the format that -p gives, or as JSON.',
    )
    .argument('<capture>', CAPTURE)
    .argument('[filter]', "a condition in Falco's language")
    .option('-p, --print <format>', 'an output format, e.g. "%evt.num %proc.cmdline"')
    .option('--field <names>', 'fields for --format json; commas, may be repeated', several)
    .option('--limit <n>', 'stop after so many')
    .action(async (path: string, filter: string | undefined, options) => {
      const { run } = await import('../capture/events.ts');
      process.exitCode = await run(path, filter, options);
    });

  withFormat(capture.command('ps'))
    .summary('the process tree at one time')
    .description('Prints the processes of a capture as they were at one time, as a tree.')
    .argument('<capture>', CAPTURE)
    .option('--at <time>', `START, END, or ${TIMES}`, 'END')
    .option('--all', 'with the processes that had exited by then')
    .action(async (path: string, options) => {
      const { run } = await import('../capture/ps.ts');
      process.exitCode = await run(path, options);
    });

  withFormat(withFilter(capture.command('fields')))
    .summary("fields' values and how often they occur")
    .description(
      'Counts the values of the named fields; without names, tells which fields have a value at all.',
    )
    .argument('<capture>', CAPTURE)
    .argument('[fields...]', 'fields, e.g. proc.name evt.type')
    .option('--limit <n>', 'values to show of each field', '20')
    .action(async (path: string, names: readonly string[], options) => {
      const { run } = await import('../capture/fields.ts');
      process.exitCode = await run(path, names, options);
    });

  withFormat(withRange(withFilter(capture.command('cut'))))
    .summary('a part of it as a capture of its own')
    .description(
      'Writes the chosen events of a capture, with the state that they need, as a capture that Falco and Yarak read (docs/captures.md).',
    )
    .argument('<capture>', CAPTURE)
    .option('-o, --out <file>', 'the capture to write')
    .option('--process <pid|name>', 'only events of this process and of what it starts')
    .option('--container <id|name>', 'only events of this container')
    .option('--state <how>', 'how a later beginning knows what was before: snapshot or events', 'snapshot')
    .option('--gzip', 'compress (default: if the name ends in .gz, or as the input)')
    .option('--no-gzip', 'do not compress')
    .option('--force', 'replace a file that is there')
    .action(async (path: string, options) => {
      const { run } = await import('../capture/cut.ts');
      process.exitCode = await run(path, options);
    });
}
