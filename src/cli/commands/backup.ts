// `yarak backup`, `yarak restore`, `yarak export`: what the store holds, as files. A backup is JSON lines, the same for
// both databases: it also moves a store from SQLite to PostgreSQL and back.

import { createReadStream, createWriteStream, existsSync, renameSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { visible } from '../../base/escape/visible.ts';
import { VERSION } from '../../base/node/version.ts';
import { openSnapshot } from '../../store/index.ts';
import { CliError, EXIT, systemError } from '../error.ts';
import { readServiceConfig, type ServiceFlags, storeOptions, withStore } from '../service-config.ts';

/** The first line of a backup, and its last: a file without the last one was cut short. */
const HEAD = (): string => JSON.stringify({ yarak: 'backup', format: 1, version: VERSION });
const TAIL = (rows: number): string => JSON.stringify({ yarak: 'end', rows });

export interface BackupFlags extends ServiceFlags {
  readonly force?: boolean;
}

/** Writes one moment of the store to `file`, gzip. The service may be running. */
export async function runBackup(file: string, flags: BackupFlags): Promise<number> {
  if (existsSync(file) && flags.force !== true) {
    throw new CliError(2, `${visible(file)} is there already; --force replaces it`);
  }
  const store = await openSnapshot(storeOptions(readServiceConfig(flags))).catch((error: unknown) => {
    throw systemError('cannot open the store', error);
  });
  let rows = 0;
  async function* lines(): AsyncGenerator<string> {
    yield `${HEAD()}\n`;
    for await (const line of store.export()) {
      rows++;
      yield `${line}\n`;
    }
    yield `${TAIL(rows)}\n`;
  }
  const unfinished = `${file}.part`;
  try {
    await pipeline(Readable.from(lines()), createGzip(), createWriteStream(unfinished, { mode: 0o600 }));
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw systemError(`cannot write ${visible(file)}`, error);
  } finally {
    await store.close();
  }
  process.stderr.write(`${rows} rows\n`);
  return EXIT.ok;
}

/** Fills an empty store from a backup; the service must not be running. */
export async function runRestore(file: string, flags: ServiceFlags): Promise<number> {
  const config = readServiceConfig(flags);
  const expected = await countRows(file);
  const rows = await withStore(config, async (store) => {
    try {
      return await store.restore(rowLines(file));
    } catch (error) {
      throw new CliError(3, `cannot restore ${visible(file)}: ${visible((error as Error).message)}`);
    }
  });
  if (rows !== expected) throw new CliError(3, `${rows} of ${expected} rows were restored`);
  process.stderr.write(`${rows} rows\n`);
  return EXIT.ok;
}

function linesOf(file: string): AsyncIterable<string> {
  const bytes = createReadStream(file).on('error', (error) => text.destroy(error));
  const text = bytes.pipe(createGunzip());
  return createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY });
}

async function* rowLines(file: string): AsyncGenerator<string> {
  for await (const line of linesOf(file)) if (!line.startsWith('{"yarak":')) yield line;
}

/** Reads the whole backup once before anything is written: it must begin and end as one. */
async function countRows(file: string): Promise<number> {
  let first: string | undefined;
  let last = '';
  let rows = -2;
  try {
    for await (const line of linesOf(file)) {
      first ??= line;
      last = line;
      rows++;
    }
  } catch (error) {
    throw systemError(`cannot read ${visible(file)}`, error);
  }
  if (first === undefined || !first.startsWith('{"yarak":"backup","format":1,')) {
    throw new CliError(3, `${visible(file)} is no backup of Yarak's`);
  }
  if (last !== TAIL(rows)) throw new CliError(3, `${visible(file)} was cut short; nothing was restored`);
  return rows;
}

export interface ExportFlags extends ServiceFlags {
  readonly since?: string;
  readonly until?: string;
  readonly finding?: string;
  readonly incident?: string;
}

const PAGE = 1000;

/** Prints stored alerts as Falco sent them, oldest first, one a line: input for `yarak report -` and `yarak replay`. */
export async function runExport(flags: ExportFlags): Promise<number> {
  const config = readServiceConfig(flags);
  const time = (option: string, text: string | undefined): number | undefined => {
    if (text === undefined) return undefined;
    const ms = Date.parse(text);
    if (Number.isNaN(ms))
      throw new CliError(2, `expected a time after ${option}, such as 2026-11-24T03:00:00Z`);
    return ms * 1000;
  };
  const sinceUs = time('--since', flags.since);
  const untilUs = time('--until', flags.until);
  await withStore(config, (store) => {
    async function* lines(): AsyncGenerator<string> {
      let cursor: string | undefined;
      do {
        const page = await store.listAlerts({
          limit: PAGE,
          ascending: true,
          ...(cursor === undefined ? {} : { cursor }),
          ...(sinceUs === undefined ? {} : { sinceUs }),
          ...(untilUs === undefined ? {} : { untilUs }),
          ...(flags.finding === undefined ? {} : { findingId: flags.finding }),
          ...(flags.incident === undefined ? {} : { incidentId: flags.incident }),
        });
        for (const { raw } of page.items) yield `${raw}\n`;
        cursor = page.next;
      } while (cursor !== undefined);
    }
    return pipeline(Readable.from(lines()), process.stdout, { end: false });
  });
  return EXIT.ok;
}
