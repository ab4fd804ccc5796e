// What the service does when something is wrong around it; docs/service.md says the same in words.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gzipSync } from 'node:zlib';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ServerProcess, startServer } from '../../bench/ingest-server.ts';
import { readConfig, serve } from '../../src/server/index.ts';
import { openStore } from '../../src/store/index.ts';
import { hasPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { eventually, freePort } from '../support/processes.ts';

const folders: string[] = [];
const servers: ServerProcess[] = [];
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'yarak-fail-'));
  folders.push(made);
  return made;
}
async function start(options: Parameters<typeof startServer>[0]): Promise<ServerProcess> {
  const server = await startServer(options);
  servers.push(server);
  return server;
}
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop('SIGKILL');
  for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true });
});

let serial = 0;
function alert(extra = ''): string {
  serial++;
  return JSON.stringify({
    hostname: 'node-1',
    output: `A shell was spawned ${serial} ${extra}`,
    output_fields: { 'container.id': 'aaaaaaaaaaaa', 'proc.cmdline': 'bash -i', 'k8s.ns.name': 'shop' },
    priority: 'Notice',
    rule: 'Terminal shell in container',
    source: 'syscall',
    time: new Date(1_795_490_300_000 + serial).toISOString(),
  });
}
const post = (server: { readonly url: string }, body: string, init: RequestInit = {}) =>
  fetch(`${server.url}/ingest`, { method: 'POST', body, ...init });
async function metric(server: { readonly url: string }, line: string): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const found = text.split('\n').find((one) => one.startsWith(`${line} `));
  return found === undefined ? 0 : Number(found.slice(line.length));
}
async function storedIn(where: { readonly folder: string } | { readonly url: string }): Promise<number> {
  const store = await openStore(where);
  const { alerts } = await store.counts();
  await store.close();
  return alerts;
}

const canMount =
  spawnSync('unshare', ['-m', 'sh', '-c', `mount -t tmpfs -o size=1m none ${tmpdir()}`]).status === 0;

describe('the disk', () => {
  it.skipIf(!canMount)(
    'full: 503 with Retry-After, reading goes on, and so does taking once there is room',
    async () => {
      const data = folder();
      const server = await start({
        data,
        wrapper: [
          'unshare',
          '-m',
          'sh',
          '-c',
          'mount -t tmpfs -o size=12m none "$0" && head -c 4000000 /dev/zero > "$0/filler" && exec "$@"',
          data,
        ],
      });
      const bulk = 'x'.repeat(20_000);
      let acknowledged = 0;
      let refused: Response | undefined;
      let unsent = '';
      for (let i = 0; i < 2000 && refused === undefined; i++) {
        unsent = alert(bulk);
        const response = await post(server, unsent);
        if (response.status === 200) acknowledged++;
        else refused = response;
      }
      expect(refused?.status).toBe(503);
      expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(refused?.headers.get('content-type')).toBe('application/problem+json');
      expect(acknowledged).toBeGreaterThan(20);
      expect(await metric(server, 'yarak_ingest_refused_total{reason="full"}')).toBeGreaterThan(0);
      expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
      rmSync(`/proc/${server.child.pid}/root${data}/filler`);
      await eventually(async () => ((await post(server, unsent)).status === 200 ? true : undefined), 'room');
      expect(await metric(server, 'yarak_ingest_alerts_total{outcome="stored"}')).toBe(acknowledged + 1);
    },
  );

  it('locked by another process: 503 with Retry-After, then stored once', async () => {
    const data = folder();
    const server = await start({ data });
    const other = new DatabaseSync(join(data, 'yarak.db'));
    other.exec('pragma busy_timeout = 10000');
    other.exec('begin immediate');
    const body = alert();
    const refused = await post(server, body);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('5');
    other.exec('rollback');
    other.close();
    expect(await (await post(server, body)).json()).toMatchObject({ stored: 1 });
    expect(await (await post(server, body)).json()).toMatchObject({ stored: 0, duplicates: 1 });
  });

  it('locked while many post: what does not fit into memory is told to come back, and nothing is lost', async () => {
    const data = folder();
    const config = join(folder(), 'yarak.yaml');
    writeFileSync(config, 'ingest: { maxInFlight: 100 }\n');
    const server = await start({ data, config });
    const other = new DatabaseSync(join(data, 'yarak.db'));
    other.exec('pragma busy_timeout = 10000');
    other.exec('begin immediate');
    const bodies = Array.from({ length: 10 }, () => Array.from({ length: 30 }, () => alert()).join('\n'));
    const held = bodies.map((body) => post(server, body));
    const early = await Promise.race(held);
    expect(early.status).toBe(429);
    expect(early.headers.get('retry-after')).toBe('1');
    expect(await metric(server, 'yarak_ingest_in_flight')).toBeLessThanOrEqual(100);
    other.exec('rollback');
    other.close();
    for (const response of await Promise.all(held)) expect([200, 429, 503]).toContain(response.status);
    for (const body of bodies)
      await eventually(
        async () => ((await post(server, body)).status === 200 ? true : undefined),
        'an answer',
      );
    await server.stop();
    expect(await storedIn({ folder: data })).toBe(300);
  });
});

describe.skipIf(!hasPostgres())('a slow PostgreSQL', () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres?.stop());

  it('holds acknowledgements back, not the service; a sender that gave up and sends again is stored once', async () => {
    const url = await postgres.create('slow');
    const server = await start({ database: url });
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(
      `create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(2); return new; end $$;
       create trigger slow before insert on alerts for each statement execute function slow()`,
    );
    const body = alert();
    const from = performance.now();
    await expect(post(server, body, { signal: AbortSignal.timeout(300) })).rejects.toThrow();
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    const answer = (await (await post(server, body)).json()) as { stored: number; duplicates: number };
    expect(answer.stored + answer.duplicates).toBe(1);
    expect(performance.now() - from).toBeGreaterThan(1900);
    expect((await client.query('select count(*)::int as n from alerts')).rows[0].n).toBe(1);
    await client.end();
  });

  it('that stalls without closing is given up, and taken again when it is back', async () => {
    const url = new URL(await postgres.create('stall'));
    const proxy = await stallingProxy(Number(url.port));
    url.port = String(proxy.port);
    const store = await openStore({ url: url.href, stallMs: 1000 });
    const one = {
      id: '0'.repeat(32),
      raw: '{}',
      timeUs: 1,
      receivedUs: 1,
      rule: 'r',
      source: 'syscall',
      priority: 5,
      hostname: '',
      namespace: '',
      pod: '',
      image: '',
      user: '',
      finding: { id: 'f', fingerprint: [], tags: [], workload: { kind: 'unknown' }, title: 't' },
      entities: ['host:x'],
    } as const;
    await store.ingest([one]);
    proxy.stall(true);
    await expect(store.ingest([{ ...one, id: '1'.repeat(32) }])).rejects.toMatchObject({
      name: 'StoreUnavailable',
      code: 'gone',
    });
    proxy.stall(false);
    await eventually(
      async () => store.ingest([{ ...one, id: '1'.repeat(32) }]).catch(() => undefined),
      'the database',
    );
    expect((await store.counts()).alerts).toBe(2);
    await store.close();
    proxy.close();
  });
});

/** Passes bytes on to `port` until told to swallow them. */
async function stallingProxy(port: number) {
  let stalled = false;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk) => {
        if (!stalled) to.write(chunk);
      });
      from.on('close', () => to.destroy());
      from.on('error', () => to.destroy());
    }
  });
  const own = await freePort();
  await new Promise<void>((resolve) => server.listen(own, '127.0.0.1', resolve));
  return {
    port: own,
    stall: (on: boolean) => {
      stalled = on;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

describe('the clock', () => {
  it('may step back and forth: every alert is stored once, under the time that it happened', async () => {
    const { config } = readConfig({
      environment: {},
      flags: { listen: `127.0.0.1:${await freePort()}`, data: folder() },
    });
    if (config === undefined) throw new Error('no configuration');
    let nowMs = Date.now();
    const running = await serve({
      config,
      environment: {},
      log: pino({ level: 'silent' }),
      nowMs: () => nowMs,
    });
    try {
      const server = { url: `http://127.0.0.1:${running.address.port}` };
      const bodies: string[] = [];
      for (const step of [0, -86_400_000, 3_600_000, 400 * 86_400_000, -400 * 86_400_000]) {
        nowMs += step;
        bodies.push(alert());
        expect(await (await post(server, bodies.at(-1) as string)).json()).toMatchObject({ stored: 1 });
        for (const body of bodies)
          expect(await (await post(server, body)).json()).toMatchObject({ stored: 0, duplicates: 1 });
      }
      const { items } = await running.store.listFindings({ limit: 10 });
      expect(items.map((finding) => finding.count)).toEqual([5]);
      expect((await running.store.listIncidents({ limit: 10 })).items).toHaveLength(1);
    } finally {
      await running.stop();
    }
  });
});

/** Sends `text` and gives everything that comes back until the server closes. */
function raw(port: number, text: string, then?: (socket: Socket) => void): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(text);
      then?.(socket);
    });
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });
}

describe('senders', () => {
  it('that are too slow get 408 and are closed, in the head and in the body', async () => {
    const { config } = readConfig({
      environment: {},
      flags: { listen: `127.0.0.1:${await freePort()}`, data: folder() },
    });
    if (config === undefined) throw new Error('no configuration');
    const running = await serve({
      config,
      environment: {},
      log: pino({ level: 'silent' }),
      timeouts: { headersMs: 500, requestMs: 1000, checkMs: 100 },
    });
    try {
      const { port } = running.address;
      const head = 'POST /ingest HTTP/1.1\r\nHost: 127.0.0.1\r\n';
      expect(await raw(port, head)).toMatch(/^HTTP\/1\.1 408 /);
      expect(await raw(port, `${head}Content-Length: 500\r\n\r\n{"rule":`)).toMatch(/^HTTP\/1\.1 408 /);
      expect((await running.store.counts()).alerts).toBe(0);
    } finally {
      await running.stop();
    }
  });

  it('that break off in the middle of a body leave nothing behind', async () => {
    const data = folder();
    const server = await start({ data });
    const body = alert();
    const head = `POST /ingest HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${body.length}\r\n\r\n`;
    for (let i = 0; i < 20; i++)
      await raw(server.port, head + body.slice(0, -5 - i), (socket) =>
        setTimeout(() => socket.destroy(), 20),
      );
    expect(await (await post(server, body)).json()).toMatchObject({ stored: 1, duplicates: 0 });
    expect(await metric(server, 'yarak_ingest_alerts_total{outcome="rejected"}')).toBe(0);
  });

  it('of bodies without a length that grow too large get 413; so do those of zip bombs', async () => {
    const server = await start({ data: folder() });
    const chunk = `100000\r\n${'x'.repeat(0x100000)}\r\n`;
    const answer = await raw(
      server.port,
      'POST /ingest HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n',
      (socket) => {
        for (let i = 0; i < 40; i++) socket.write(chunk);
      },
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    const before = server.peakRssMb();
    const bomb = gzipSync(Buffer.alloc(256 * 1024 * 1024), { level: 9 }) as Uint8Array<ArrayBuffer>;
    for (let i = 0; i < 5; i++) {
      const response = await fetch(`${server.url}/ingest`, {
        method: 'POST',
        body: bomb,
        headers: { 'content-encoding': 'gzip' },
      });
      expect(response.status).toBe(413);
    }
    expect(server.peakRssMb() - before).toBeLessThan(150);
  });

  it('that cut a body into single bytes take time, not memory', async () => {
    const server = await start({ data: folder() });
    const body = `${alert()}\n`.repeat(4000);
    const before = server.peakRssMb();
    const answer = await raw(
      server.port,
      'POST /ingest HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n',
      (socket) => {
        for (const byte of body) socket.write(`1\r\n${byte}\r\n`);
        socket.write('0\r\n\r\n');
      },
    );
    expect(body.length).toBeGreaterThan(500_000);
    expect(answer).toContain('"stored":1,"duplicates":3999');
    expect(server.peakRssMb() - before).toBeLessThan(100);
  });

  it('of more alerts than may be on their way get 413 before they fill the memory, and may send them in parts', async () => {
    const data = folder();
    const server = await start({ data });
    const line = (i: number): string => `{"rule":"a","output":"${i}"}\n`;
    const lines = (count: number): string => Array.from({ length: count }, (_, i) => line(i)).join('');
    const before = server.peakRssMb();
    const refused = await post(server, lines(400_000));
    expect(refused.status).toBe(413);
    expect(await refused.json()).toMatchObject({ title: 'Too many alerts' });
    expect(server.peakRssMb() - before).toBeLessThan(150);
    expect(await (await post(server, lines(20_000))).json()).toMatchObject({ stored: 20_000 });
    await server.stop();
    const store = await openStore({ folder: data });
    expect((await store.counts()).alerts).toBe(20_000);
    await store.close();
  });

  it('by the thousand, all in the middle of their requests, fit into memory; others are still served', async () => {
    const limit = /Max open files\s+\d+\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    const count = Math.min(5000, Number(limit) - 500);
    const server = await start({ data: folder() });
    const sockets: Socket[] = [];
    const body = alert();
    const head = `POST /ingest HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${body.length}\r\n\r\n`;
    try {
      for (let i = 0; i < count; i += 250) {
        await Promise.all(
          Array.from({ length: Math.min(250, count - i) }, async () => {
            const socket = connect(server.port, '127.0.0.1');
            socket.on('error', () => {});
            sockets.push(socket);
            await new Promise((resolve) => socket.once('connect', resolve));
            socket.write(head + body.slice(0, 100));
          }),
        );
      }
      expect(await (await post(server, body)).json()).toMatchObject({ stored: 1 });
      expect(sockets.filter((socket) => !socket.destroyed).length).toBe(count);
      expect(server.peakRssMb(), `${count} connections`).toBeLessThan(500);
      const answers = sockets.slice(0, 50).map(
        (socket) =>
          new Promise<string>((resolve) => {
            socket.once('data', (chunk) => resolve(chunk.toString().slice(0, 12)));
            socket.write(body.slice(100));
          }),
      );
      expect(new Set(await Promise.all(answers))).toEqual(new Set(['HTTP/1.1 200']));
    } finally {
      for (const socket of sockets) socket.destroy();
    }
    expect(existsSync(`/proc/${server.child.pid}`)).toBe(true);
  });
});
