// What docs/deploy/ tells people to install, under the checkers that reports use.

import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { validateDockerfile } from '../../src/mitigate/checks/dockerfile.ts';
import { checkPrometheusRules } from '../../src/mitigate/checks/promtool.ts';
import { Toolbox } from '../../src/mitigate/checks/toolbox.ts';
import { KUBERNETES_VERSIONS, podSecurityLevel, validateKubernetes } from '../../src/mitigate/index.ts';
import { readConfig } from '../../src/server/index.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

interface KubernetesObject {
  readonly kind: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: Record<string, never>;
}
const objects = parseAllDocuments(read('deploy/kubernetes/yarak.yaml')).map(
  (document) => document.toJS() as KubernetesObject,
);
const one = (kind: string) => objects.find((object) => object.kind === kind) as KubernetesObject;

describe('Kubernetes manifests', () => {
  it.each(KUBERNETES_VERSIONS)('are valid under the strict schema of %s', (version) => {
    expect(objects.map(({ kind }) => kind).sort()).toEqual([
      ...['ConfigMap', 'Namespace', 'NetworkPolicy', 'Service', 'ServiceAccount', 'StatefulSet'],
    ]);
    for (const object of objects) expect(validateKubernetes(object, version), object.kind).toEqual([]);
  });

  it('meet the restricted Pod Security Standard', () => {
    expect(podSecurityLevel(one('StatefulSet'))).toMatchObject({ level: 'restricted' });
  });

  it('hold a configuration that the service takes', () => {
    const { config, diagnostics } = readConfig({
      environment: {},
      flags: {},
      file: { name: 'yarak.yaml', text: one('ConfigMap').data?.['yarak.yaml'] ?? '' },
    });
    expect(diagnostics).toEqual([]);
    expect(config?.listen).toBe('0.0.0.0:8765');
    expect(config?.tokens).toMatchObject([{ role: 'ingest', secret: { env: 'YARAK_INGEST_TOKEN' } }]);
  });

  it('let Falco in by the service that the values name', () => {
    const { falco } = parse(read('deploy/falco/values.yaml')) as { falco: { http_output: { url: string } } };
    const url = new URL(falco.http_output.url);
    const service = one('Service');
    expect(url.hostname).toBe(`${service.metadata.name}.${service.metadata.namespace}.svc`);
    const spec = service.spec as unknown as { ports: { port: number }[] };
    expect(Number(url.port)).toBe(spec.ports[0]?.port);
    const policy = JSON.stringify(one('NetworkPolicy').spec);
    expect(policy).toContain('"kubernetes.io/metadata.name":"falco"');
    expect(url.password).not.toBe('');
  });
});

describe("Prometheus' alerts", () => {
  const rules = read('deploy/prometheus/yarak.rules.yaml');

  it('are rules that Prometheus loads, on metrics that there are', async () => {
    expect(await checkPrometheusRules(new Toolbox(true), rules)).toMatchObject({ result: 'passed' });
    const names = [...read('docs/service.md').matchAll(/^\| `(yarak_\w+)`/gm)].map(([, name]) => name);
    const used = new Set([...rules.matchAll(/yarak_\w+/g)].map(([name]) => name.replace(/_bucket$/, '')));
    expect(used.size).toBeGreaterThan(5);
    for (const name of used) expect(names).toContain(name);
  });
});

describe('the Dockerfile', () => {
  it('is well formed, and ends as another user than root', () => {
    expect(validateDockerfile(read('deploy/container/Dockerfile'))).toEqual([]);
  });
});

describe("Falco's values", () => {
  it('name what falco.yaml has', () => {
    const { falco } = parse(read('deploy/falco/values.yaml')) as { falco: Record<string, object> };
    expect(Object.keys(falco).sort()).toEqual(
      [
        'append_output',
        'http_output',
        'json_include_output_fields_property',
        'json_include_tags_property',
        'json_output',
      ].sort(),
    );
    const known = new Set([
      ...[
        'enabled',
        'url',
        'user_agent',
        'insecure',
        'ca_cert',
        'ca_bundle',
        'ca_path',
        'mtls',
        'client_cert',
      ],
      ...['client_key', 'echo', 'compress_uploads', 'keep_alive', 'max_consecutive_timeouts'],
    ]);
    for (const key of Object.keys(falco['http_output'] as object)) expect(known).toContain(key);
  });
});

const systemd = spawnSync('systemd-analyze', ['--version']).status === 0;
describe.skipIf(!systemd)('the systemd unit (systemd-analyze)', () => {
  const unit = read('deploy/systemd/yarak.service');

  it('is understood by systemd, word for word', () => {
    const folder = mkdtempSync(join(tmpdir(), 'yarak-unit-'));
    try {
      const file = join(folder, 'yarak.service');
      // The program must exist for `verify`.
      writeFileSync(file, unit.replace('/usr/local/bin/yarak', process.execPath));
      const done = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
      expect(`${done.stdout}${done.stderr}`).not.toContain('yarak.service');
      expect(done.status).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('has no more exposure than its page says', () => {
    const done = spawnSync(
      'systemd-analyze',
      ['security', '--offline=true', '--no-pager', join(root, 'deploy/systemd/yarak.service')],
      { encoding: 'utf8' },
    );
    const stated = Number(/exposure of \*\*([\d.]+)\*\*/.exec(read('docs/deploy/systemd.md'))?.[1]);
    expect(Number(/exposure level for \S+: ([\d.]+)/.exec(done.stdout)?.[1])).toBeLessThanOrEqual(stated);
  });
});

const shellcheck = spawnSync('shellcheck', ['--version']).status === 0;
describe.skipIf(!shellcheck)('commands on the pages (shellcheck)', () => {
  it.each(globSync('docs/deploy/*.md', { cwd: root }))('%s', (page) => {
    const blocks = [...read(page).matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block as string);
    expect(blocks.length).toBeGreaterThan(0);
    for (const block of blocks) {
      const done = spawnSync('shellcheck', ['-s', 'bash', '-'], { input: block, encoding: 'utf8' });
      expect(done.stdout).toBe('');
    }
  });
});
