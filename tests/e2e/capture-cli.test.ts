// `yarak capture` as a user runs it: every command, its JSON, and what it says when something is wrong.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const bin = join(root, 'bin/yarak.js');
const shell = join(root, 'tests/captures/shell_in_container.scap');
const reverse = join(root, 'tests/captures/reverse_shell_bash.scap');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'yarak-capture-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function capture(args: readonly string[], input?: Buffer) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'capture', ...args], {
    timeout: 60_000,
    cwd: folder,
    encoding: 'utf8',
    ...(input !== undefined && { input }),
  });
  return { status, stdout, stderr };
}

/** The lines of a command that must succeed. */
function lines(...args: readonly string[]): string[] {
  const { status, stdout, stderr } = capture(args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.split('\n').slice(0, -1);
}

function json(...args: readonly string[]): Record<string, unknown> {
  return JSON.parse(lines(...args, '--format', 'json').join('')) as Record<string, unknown>;
}

describe('info', () => {
  it('tells what is in a capture', () => {
    const text = lines('info', shell, '--top', '2').join('\n');
    expect(text).toContain('k8s-node-07, 2 CPUs, 23.5 GiB');
    expect(text).toContain('2026-11-24T03:15:28.932733346Z to 2026-11-24T03:15:30.780653785Z, 1.848 s');
    expect(text).toMatch(/events {6}708, and 1 that rules do not see\n {12}close {10}180\n {12}prctl/);
    expect(text).toContain('… 35 more types (--top 37)');
    expect(text).toContain(
      'ceb2a02c0532  nginx, docker.io/library/nginx:1.25.5, pod shop/web-7d9c5b8f6d-x2k4p',
    );
    expect(text).toMatch(/damage {6}none$/);
  });

  it('has it as JSON', () => {
    const info = json('info', shell);
    expect(Object.keys(info)).toEqual([
      'file',
      'bytes',
      'compression',
      'uncompressedBytes',
      'formatVersion',
      'sections',
      'blocks',
      'machine',
      'users',
      'groups',
      'interfaces',
      'firstEvent',
      'lastEvent',
      'durationSeconds',
      'events',
      'hiddenEvents',
      'dropEvents',
      'eventTypes',
      'threadsAtStart',
      'descriptorsAtStart',
      'threadsAtEnd',
      'containers',
      'notifications',
      'asyncEvents',
      'damage',
    ]);
    expect(info).toMatchObject({
      compression: 'gzip',
      formatVersion: '1.2',
      blocks: { 'events v2': 708, 'processes v9': 1, 'descriptors v2': 4 },
      machine: { hostname: 'k8s-node-07', cpus: 2 },
      users: 4,
      groups: 4,
      interfaces: 2,
      threadsAtStart: 5,
      descriptorsAtStart: 38,
      containers: [{ id: 'ceb2a02c0532', name: 'nginx', pod: 'web-7d9c5b8f6d-x2k4p', namespace: 'shop' }],
      asyncEvents: { container: 1 },
      damage: [],
    });
  });

  it('names the byte at which a capture is damaged, and still tells the rest', () => {
    const { status, stdout, stderr } = capture(['info', '-'], readFileSync(shell).subarray(0, 9000));
    expect(status).toBe(1);
    expect(stdout).toContain('damage      CAPTURE_TRUNCATED');
    expect(stdout).toContain('machine     k8s-node-07');
    expect(stderr).toMatch(
      /^error: the capture ends inside a block: .* \(byte \d+, after event \d+\) \[CAPTURE_TRUNCATED\]\n$/,
    );
  });

  it('says when a file is no capture, or not there', () => {
    writeFileSync(join(folder, 'notes.txt'), 'notes');
    expect(capture(['info', 'notes.txt'])).toMatchObject({ status: 1 });
    const missing = capture(['info', 'missing.scap']);
    expect(missing).toMatchObject({ status: 3, stdout: '' });
    expect(missing.stderr).toBe('yarak: cannot read missing.scap: no such file or directory\n');
  });
});

describe('events', () => {
  it('prints a line an event, in the well-known format', () => {
    const printed = lines('events', shell, '--limit', '2');
    expect(printed).toEqual([
      '2 03:15:28.932733346 1 containerd-shim (13052) < socket fd=5(<u>) domain=1(AF_LOCAL|AF_UNIX) type=524289 proto=0 flags=4096(O_CLOEXEC)',
      '3 03:15:28.932749657 1 containerd-shim (13052) < unlink res=-2(ENOENT) path=/run/pty638183.sock',
    ]);
  });

  it('takes a condition, with the macros of rule files, and an output format', () => {
    writeFileSync(
      join(folder, 'macros.yaml'),
      '- macro: started\n  condition: evt.type in (execve, execveat)\n',
    );
    const printed = lines(
      'events',
      shell,
      'started and proc.pname=bash',
      '-r',
      'macros.yaml',
      '-p',
      '%evt.num %proc.cmdline',
    );
    expect(printed[0]).toBe('517 id');
    expect(printed.length).toBeGreaterThan(1);
    expect(
      lines(
        'events',
        shell,
        '--filter',
        'evt.type=execve and proc.pname=bash',
        '-p',
        '%evt.num %proc.cmdline',
      ),
    ).toEqual(printed);
  });

  it('takes times: a date, an offset, a range', () => {
    const count = (...args: readonly string[]): number => lines('events', shell, ...args).length;
    const all = count();
    expect(all).toBe(708);
    expect(count('--from', '2026-11-24T03:15:30Z') + count('--to', '2026-11-24T03:15:29.999999999Z')).toBe(
      all,
    );
    expect(count('--from', '1795490130') + count('--to', '1795490129999999999')).toBe(all);
    expect(count('--around', '+500ms±100ms')).toBe(count('--from', '+400ms', '--to', '+600ms'));
    expect(count('--around', '2026-11-24 03:15:30+-1h')).toBe(all);
  });

  it('prints chosen fields as JSON', () => {
    const printed = lines(
      'events',
      shell,
      'evt.type=connect',
      '--format',
      'json',
      '--field',
      'evt.num,fd.name',
      '--field',
      'proc.aname[2]',
      '--limit',
      '1',
    );
    expect(printed.map((line) => JSON.parse(line) as unknown)).toEqual([
      { 'evt.num': expect.any(Number), 'fd.name': expect.any(String), 'proc.aname[2]': expect.any(String) },
    ]);
    expect(
      Object.keys(
        JSON.parse(lines('events', shell, '--format', 'json', '--limit', '1')[0] as string) as object,
      ),
    ).toEqual([
      'evt.num',
      'evt.time',
      'evt.cpu',
      'proc.name',
      'thread.tid',
      'evt.dir',
      'evt.type',
      'evt.info',
    ]);
  });

  it.each([
    [['--filter', 'proc.nam=bash'], /nonexistent field proc\.nam; did you mean 'proc\.name'\?/],
    [['--filter', 'evt.type=('], /^yarak: --filter: expected /],
    [['-p', '%proc.nam'], /^yarak: -p: unknown filter/],
    [['--format', 'json', '--field', 'proc.nme'], /did you mean proc\.name\?/],
    [['--format', 'xml'], /unknown format "xml"; there are text, json/],
    [['--from', 'yesterday'], /--from: "yesterday" is no time; expected 2026/],
    [['--around', '+1s'], /expected TIME±DURATION/],
    [['--around', '+1s±1s', '--to', '+2s'], /--around does not go with/],
    [['--limit', '-1'], /--limit: expected a whole number/],
    [['--field', 'proc.name'], /--field goes with --format json/],
  ])('says what is wrong with %j', (args, message) => {
    const { status, stdout, stderr } = capture(['events', shell, ...args]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it('stops quietly when nobody reads on', async () => {
    const child = spawn(process.execPath, [
      bin,
      'capture',
      'events',
      join(root, 'tests/captures/perf/mixed.scap'),
    ]);
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    await new Promise((done) => child.stdout.once('data', done));
    child.stdout.destroy();
    const code = await new Promise((done) => child.once('exit', done));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('lets nothing of a capture reach the terminal as it is', () => {
    // A file name of the capture that would move the cursor and turn the text around.
    const bytes = gunzipSync(readFileSync(shell));
    const name = Buffer.from('/run/pty638183.sock');
    const hostile = Buffer.from('/\x1b[2J\u202e/pty.sock..');
    expect(hostile).toHaveLength(name.length);
    for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at + 1)) hostile.copy(bytes, at);
    const path = join(folder, 'hostile.scap');
    writeFileSync(path, bytes);
    for (const command of [
      ['events'],
      ['fields', 'fd.name', '--filter', 'fd.name exists'],
      ['fields'],
      ['ps'],
      ['info'],
    ]) {
      const text = lines(command[0] as string, path, ...command.slice(1)).join('\n');
      expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f\u202e]/);
    }
    expect(lines('events', path, 'evt.type=unlink').join('\n')).toContain('\\u{202e}');
  });
});

describe('ps', () => {
  it('shows the tree at the end, at the start, and what had exited', () => {
    const printed = lines('ps', shell);
    expect(printed[0]).toBe('5 processes at 2026-11-24T03:15:30.780653785Z');
    expect(printed[2]).toMatch(/^ {2}pid {3}ppid {2}user {2}container {2}tty {2}start {2}command$/);
    expect(printed.slice(3).map((line) => line.slice(line.indexOf('-      ') + 7))).toEqual([
      'systemd --system',
      expect.stringMatching(/^ {2}containerd-shim -namespace k8s\.io/),
      '    nginx',
      '      nginx',
      '      nginx',
    ]);
    expect(lines('ps', shell, '--at', 'START')[0]).toBe('5 processes before the first event');
    const all = lines('ps', shell, '--all');
    expect(all[0]).toMatch(/^5 processes at .*, and \d+ that had exited$/);
    expect(all.some((line) => /\bid {2}\(exited 03:15:\d\d\.\d{3}\)$/.test(line))).toBe(true);
  });

  it('shows the shell while it is there', () => {
    const { at, processes } = json('ps', shell, '--at', '+1s') as {
      at: number;
      processes: Record<string, unknown>[];
    };
    expect(String(at)).toMatch(/^17954901299/);
    const bash = processes.find(({ name }) => name === 'bash');
    expect(bash).toMatchObject({
      pid: 13091,
      user: 'root',
      uid: 0,
      container: 'ceb2a02c0532',
      containerName: 'nginx',
      tty: 34816,
      exepath: '/usr/bin/bash',
      exit: null,
    });
    expect(typeof bash?.['start']).toBe('number');
  });

  it('does not take what is no time', () => {
    expect(capture(['ps', shell, '--at', 'noon'])).toMatchObject({ status: 2, stdout: '' });
    expect(capture(['ps', shell, '--at', 'start', '--all']).stderr).toContain('at the start none has exited');
  });
});

describe('fields', () => {
  it("counts a field's values", () => {
    expect(lines('fields', shell, 'proc.name', '--limit', '2')).toEqual([
      'proc.name: 648 of 708 events, 13 different values',
      '     180  runc  (first at 10)',
      '     171  runc:[1:CHILD]  (first at 180)',
      '       …  11 more',
    ]);
    const counted = json(
      'fields',
      shell,
      'proc.name,evt.rawres',
      '--filter',
      'evt.type=execve',
      '--limit',
      '1',
    );
    expect(counted).toEqual({
      events: expect.any(Number),
      fields: [
        {
          field: 'proc.name',
          present: expect.any(Number),
          distinct: expect.any(Number),
          others: 0,
          values: [{ value: expect.any(String), count: expect.any(Number), first: expect.any(Number) }],
        },
        expect.objectContaining({ field: 'evt.rawres', values: [expect.objectContaining({ value: 0 })] }),
      ],
    });
  });

  it('without names, tells which fields have a value', () => {
    const printed = lines('fields', shell);
    expect(printed[0]).toMatch(/^\d+ of \d+ fields have a value in 708 events$/);
    expect(
      printed.some((line) => /^container\.image\.repository +\d+ {2}docker\.io\/library\/nginx$/.test(line)),
    ).toBe(true);
    expect(printed.some((line) => line.startsWith('proc.is_container_healthcheck'))).toBe(false);
    const { fields } = json('fields', shell) as { fields: unknown[] };
    expect(fields).toContainEqual({ field: 'evt.type', present: 708, example: 'socket', first: 2 });
  });

  it('says when there is no such field', () => {
    expect(capture(['fields', shell, 'proc.nam'])).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('did you mean proc.name?') as string,
    });
  });
});

describe('cut', () => {
  const events = (path: string, ...args: readonly string[]): string[] =>
    lines(
      'events',
      path,
      '-p',
      '%evt.time.iso8601 %thread.tid %evt.type %proc.cmdline %fd.name %container.name',
      ...args,
    );

  it('writes a range of time', () => {
    const out = join(folder, 'later.scap');
    const [first, second] = lines('cut', shell, '-o', out, '--from', '+1s');
    expect(first).toMatch(/later\.scap: \d+ events; \d+ left out$/);
    expect(second).toMatch(
      /^\d+ processes started earlier in the capture: their age .* --state events keeps it$/,
    );
    expect(events(out)).toEqual(events(shell, '--from', '+1s'));
    // As the input: gzip. Not for others to read: a capture holds environments.
    expect(readFileSync(out).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
    expect(statSync(out).mode & 0o077).toBe(0);
  });

  it('writes what a process and its children do, a container, or what a condition lets through', () => {
    const cut = (name: string, ...args: readonly string[]): string[] => {
      const out = join(folder, `${name}.scap`);
      lines('cut', shell, '-o', out, ...args);
      return events(out);
    };
    expect(cut('process', '--process', '13091')).toEqual(events(shell, 'proc.pid=13091 or proc.apid=13091'));
    const byName = cut('name', '--process', 'bash');
    expect(byName).toEqual(events(shell, 'proc.name=bash or proc.aname=bash'));
    expect(byName.length).toBeGreaterThan(100);
    const inContainer = events(shell, 'container.id=ceb2a02c0532 and evt.type!=asyncevent');
    expect(cut('id', '--container', 'ceb2a02c')).toEqual(inContainer);
    expect(cut('container', '--container', 'nginx')).toEqual(inContainer);
    expect(cut('filter', '--filter', 'evt.type=execve', '--process', 'bash')).toEqual(
      events(shell, 'evt.type=execve and (proc.name=bash or proc.aname=bash)'),
    );
    expect(cut('exact', '--from', '+1s', '--state', 'events')).toEqual(events(shell, '--from', '+1s'));
  });

  it('compresses or does not', () => {
    const plain = join(folder, 'plain.scap');
    lines('cut', shell, '-o', plain, '--no-gzip');
    expect(readFileSync(plain).equals(gunzipSync(readFileSync(shell)))).toBe(true);
    const packed = join(folder, 'packed.scap.gz');
    lines('cut', plain, '-o', packed);
    expect(gunzipSync(readFileSync(packed)).equals(readFileSync(plain))).toBe(true);
    const { status } = capture(
      ['cut', '-', '-o', join(folder, 'piped.scap'), '--process', 'bash'],
      readFileSync(plain),
    );
    expect(status).toBe(0);
    expect(events(join(folder, 'piped.scap'))).toEqual(events(join(folder, 'name.scap')));
  });

  it('replaces nothing unless told to, and leaves nothing half', () => {
    const out = join(folder, 'there.scap');
    writeFileSync(out, 'mine');
    const refused = capture(['cut', shell, '-o', out]);
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toContain('there.scap is there already; --force replaces it');
    expect(readFileSync(out, 'utf8')).toBe('mine');
    lines('cut', shell, '-o', out, '--force');
    expect(lines('info', out)[0]).toContain('gzip of 118 520');
    // Onto the input itself: it is read to its end first.
    lines('cut', out, '-o', out, '--force', '--process', 'bash');
    expect(events(out)).toEqual(events(join(folder, 'name.scap')));
    expect(capture(['cut', shell, '-o', join(folder, 'no/such/folder.scap')])).toMatchObject({ status: 3 });
    expect(capture(['cut', 'missing.scap', '-o', join(folder, 'never.scap')])).toMatchObject({ status: 3 });
    expect(existsSync(join(folder, 'never.scap'))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it.each(['--gzip', '--no-gzip'])('leaves nothing when there is no room for it (%s)', (compression) => {
    const out = join(folder, 'large.scap');
    const mixed = join(root, 'tests/captures/perf/mixed.scap');
    const command = `ulimit -f 8; trap '' XFSZ; exec "$0" "$@"`;
    const args = [process.execPath, bin, 'capture', 'cut', mixed, '-o', out, compression];
    const { status, stderr } = spawnSync('bash', ['-c', command, ...args], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({
      status: 3,
      stderr: `yarak: cannot write ${out}: EFBIG: file too large, write\n`,
    });
    expect(readdirSync(folder).filter((name) => name.includes('large.scap'))).toEqual([]);
  });

  it('keeps what is whole of a damaged capture, and says so', () => {
    const damaged = join(folder, 'damaged.scap');
    const bytes = gunzipSync(readFileSync(reverse));
    writeFileSync(damaged, gzipSync(bytes.subarray(0, bytes.length - 50)));
    const { status, stdout, stderr } = capture([
      'cut',
      damaged,
      '-o',
      join(folder, 'whole.scap'),
      '--format',
      'json',
    ]);
    expect(status).toBe(1);
    expect(stderr).toContain('[CAPTURE_TRUNCATED]');
    expect(JSON.parse(stdout)).toMatchObject({ kept: 599, stateOnly: 1, dropped: 0, agesLost: 0 });
    expect(lines('info', join(folder, 'whole.scap')).at(-1)).toBe('damage      none');
  });

  it('says what is missing', () => {
    expect(capture(['cut', shell]).stderr).toContain('name the file to write: -o OUT.scap');
    expect(capture(['cut', shell, '-o', 'x.scap', '--state', 'none']).stderr).toContain(
      '--state is snapshot or events',
    );
  });
});
