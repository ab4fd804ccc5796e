// The package as a user gets it: packed, installed in an empty folder, its command run and its exports imported.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
// npm runs under the Node of its own installation; the package's command runs under this one.
const path = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'yarak-package-'));
  const packed = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--loglevel=error', '--pack-destination', folder], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, npm_config_foreground_scripts: 'false' },
    }),
  ) as { filename: string }[];
  writeFileSync(join(folder, 'package.json'), '{ "name": "empty", "private": true, "type": "module" }\n');
  execFileSync(
    'npm',
    ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', packed[0]!.filename],
    {
      cwd: folder,
      encoding: 'utf8',
    },
  );
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const yarak = (...args: string[]) =>
  spawnSync(process.execPath, [join(folder, 'node_modules/yarak/bin/yarak.js'), ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, PATH: path, NO_COLOR: '1' },
  });

describe('the installed package', () => {
  it('has what it needs and nothing else', () => {
    const names = readdirSync(join(folder, 'node_modules/yarak')).sort();
    expect(names).toContain('dist');
    expect(names).toContain('knowledge');
    for (const absent of ['src', 'tests', 'bench', 'scripts', 'node_modules'])
      expect(names).not.toContain(absent);
    // Of the web UI only what the service serves.
    expect(readdirSync(join(folder, 'node_modules/yarak/web'))).toEqual(['dist']);
  });

  it('tells its version', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(yarak('--version')).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('reports on an alert, in every format', () => {
    cpSync(join(root, 'examples/shell-in-container.json'), join(folder, 'alert.json'));
    const done = yarak('report', 'alert.json', '--out', 'out', '--format', 'md,html,json,ocsf,sarif,stix');
    expect(done.stderr).toContain('1 record read, 1 accepted, 0 rejected');
    expect(done.status).toBe(0);
    expect(done.stdout).toContain('undetermined');
    for (const name of [
      'report.md',
      'report.html',
      'report.json',
      'report.ocsf.json',
      'report.sarif',
      'report.stix.json',
    ]) {
      expect(existsSync(join(folder, 'out', name)), name).toBe(true);
    }
  });

  it('exports what package.json promises, with types', () => {
    const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      exports: Record<string, { types?: string; default?: string } | string>;
    };
    const subpaths = Object.keys(exports).filter((name) => name !== './package.json');
    const script = subpaths.map((name) => `await import('yarak${name.slice(1)}');`).join('\n');
    writeFileSync(join(folder, 'imports.js'), script);
    const done = spawnSync(process.execPath, ['imports.js'], { cwd: folder, encoding: 'utf8' });
    expect(done.stderr).toBe('');
    expect(done.status).toBe(0);
    for (const entry of Object.values(exports)) {
      if (typeof entry === 'string') continue;
      expect(existsSync(join(folder, 'node_modules/yarak', entry.types ?? '')), entry.types).toBe(true);
    }
  });

  // As in the container image: another user than root, a package that it cannot write to.
  it.skipIf(process.getuid?.() !== 0)('serves as a user without rights (setpriv, as root)', async () => {
    const data = mkdtempSync(join(tmpdir(), 'yarak-data-'));
    chmodSync(folder, 0o755);
    chownSync(data, 65532, 65532);
    const server = spawn(
      'setpriv',
      [
        ...['--reuid=65532', '--regid=65532', '--clear-groups', '--bounding-set=-all', process.execPath],
        ...[
          join(folder, 'node_modules/yarak/bin/yarak.js'),
          'serve',
          '--listen',
          '127.0.0.1:0',
          '--data',
          data,
        ],
      ],
      { cwd: '/', env: { PATH: path } },
    );
    try {
      let said = '';
      server.stderr.on('data', (chunk) => {
        said += chunk;
      });
      let link: string | undefined;
      for await (const chunk of server.stdout) {
        link = /http:\/\/\S+/.exec(String(chunk))?.[0];
        if (link !== undefined) break;
      }
      expect(link, said).toBeDefined();
      const base = new URL(link as string).origin;
      const alert = readFileSync(join(root, 'examples/shell-in-container.json'), 'utf8');
      const stored = await fetch(`${base}/ingest`, { method: 'POST', body: alert });
      expect(await stored.json()).toMatchObject({ stored: 1 });
      expect(await (await fetch(`${base}/`)).text()).toContain('<title>');
      expect(statSync(join(data, 'yarak.db')).uid).toBe(65532);
    } finally {
      server.kill('SIGTERM');
      if (server.exitCode === null) await once(server, 'exit');
      rmSync(data, { recursive: true, force: true });
    }
    expect(server.exitCode).toBe(0);
  });
});
