// Delivery to real peers: Debian's Alertmanager and rsyslog, npm's smtp-server. Slack, webhooks and falcosidekick have
// no server to install: they are checked against what their documentation says they take, on a plain HTTP listener.

import { createHmac } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTarget, deliverDue, type Target, type TargetConfig } from '../../src/deliver/index.ts';
import { openStore } from '../../src/store/index.ts';
import { HOSTILE, hostileNotice, notice } from '../support/notice.ts';
import { eventually, freePort, selfSigned, start, stop, waitForPort } from '../support/processes.ts';

const folder = mkdtempSync(join(tmpdir(), 'yarak-deliver-'));
chmodSync(folder, 0o755);
const cleanups: (() => unknown)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
  rmSync(folder, { recursive: true, force: true });
});

function target(config: TargetConfig): Target {
  const made = createTarget('t', config, { SECRET: 'a secret of some length' });
  cleanups.push(() => made.close());
  return made;
}

interface Received {
  readonly request: IncomingMessage;
  readonly body: string;
}
/** An HTTP listener that answers with `statuses` in turn, then 200. */
async function listener(statuses: number[] = []): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      received.push({ request, body });
      response.writeHead(statuses.shift() ?? 200, { 'retry-after': '7', location: 'http://127.0.0.1:1/' });
      response.end('said');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, received };
}

describe('Alertmanager (Debian prometheus-alertmanager)', () => {
  let url: string;
  beforeAll(async () => {
    const port = await freePort();
    const config = join(folder, 'alertmanager.yml');
    writeFileSync(config, 'route: {receiver: none}\nreceivers: [{name: none}]\n');
    const server = start('prometheus-alertmanager', [
      `--config.file=${config}`,
      `--storage.path=${folder}/am`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
    ]);
    cleanups.push(() => stop(server));
    url = `http://127.0.0.1:${port}`;
    await waitForPort(port);
  });

  it('takes findings, hostile ones too, and shows them with their labels', async () => {
    const now = new Date();
    const times = { firstSeen: new Date(now.getTime() - 60_000).toISOString(), lastSeen: now.toISOString() };
    await target({ kind: 'alertmanager', url }).send([
      notice(times),
      { ...hostileNotice(), ...times, findingId: 'f2' },
    ]);
    const alerts = await eventually(async () => {
      const answer = (await (await fetch(`${url}/api/v2/alerts`)).json()) as {
        labels: Record<string, string>;
        annotations: Record<string, string>;
      }[];
      return answer.length === 2 ? answer : undefined;
    }, 'two alerts');
    const labels = alerts
      .map((a) => a.labels)
      .sort((a, b) => (a['finding'] as string).localeCompare(b['finding'] as string));
    expect(labels[0]).toMatchObject({
      verdict: 'likely-malicious',
      severity: 'critical',
      namespace: 'shop',
      workload: 'checkout',
    });
    expect(labels[1]?.['alertname']).not.toMatch(/[\u0000-\u001f\u202e]/);
  });

  it('says what the server said when it refuses', async () => {
    await expect(
      target({ kind: 'alertmanager', url }).send([
        notice({ firstSeen: 'not a time', lastSeen: '2026-11-24T00:00:00Z' }),
      ]),
    ).rejects.toMatchObject({
      name: 'DeliveryError',
      retryable: false,
      message: expect.stringContaining('HTTP 400'),
    });
  });
});

describe('SMTP (npm smtp-server)', () => {
  const mails: string[] = [];
  let port: number;
  let ca: string;
  beforeAll(async () => {
    const { cert, key } = selfSigned(folder, 'smtp');
    ca = cert;
    port = await freePort();
    const server = new SMTPServer({
      cert: readFileSync(cert),
      key: readFileSync(key),
      onAuth: ({ username, password }, _session, callback) =>
        username === 'yarak' && password === 'pass'
          ? callback(null, { user: username })
          : callback(new Error('no')),
      onRcptTo: ({ address }, _session, callback) =>
        callback(
          address.startsWith('refuse')
            ? Object.assign(new Error('no such box'), { responseCode: 550 })
            : null,
        ),
      onData(stream, _session, callback) {
        let mail = '';
        stream.on('data', (chunk: Buffer) => (mail += chunk.toString()));
        stream.on('end', () => {
          mails.push(mail);
          callback();
        });
      },
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    cleanups.push(() => new Promise<void>((resolve) => server.close(resolve)));
  });
  const smtp = (to: string, user = 'yarak:pass') =>
    target({
      kind: 'smtp',
      url: `smtp://${user}@127.0.0.1:${port}`,
      from: 'yarak@example.org',
      to: [to],
      requireTls: true,
      ca,
    });

  it('sends over STARTTLS, with nothing of the attacker in the headers or the HTML', async () => {
    await smtp('oncall@example.org').send([hostileNotice()]);
    const [mail] = mails;
    const [head, ...rest] = (mail as string).split('\r\n\r\n');
    expect(head).not.toMatch(/^Injected:/m);
    const body = rest.join('\r\n\r\n').replace(/=\r\n/g, '');
    const html = body.slice(body.indexOf('text/html'));
    expect(html).not.toContain('<script>');
    expect(html).toContain('&lt;script&gt;');
  });

  it('tells a final refusal from one worth another try', async () => {
    await expect(smtp('refuse@example.org').send([notice()])).rejects.toMatchObject({ retryable: false });
    const closed = target({
      kind: 'smtp',
      url: `smtp://127.0.0.1:${await freePort()}`,
      from: 'a@example.org',
      to: ['b@example.org'],
      requireTls: true,
    });
    await expect(closed.send([notice()])).rejects.toMatchObject({ retryable: true });
  });
});

describe('syslog (Debian rsyslog)', () => {
  const out = join(folder, 'rsyslog.out');
  const ports = { tls: 0, tcp: 0, udp: 0 };
  let ca: string;
  beforeAll(async () => {
    const { cert, key } = selfSigned(folder, 'syslog');
    ca = cert;
    for (const name of ['tls', 'tcp', 'udp'] as const) ports[name] = await freePort();
    writeFileSync(
      join(folder, 'rsyslog.conf'),
      `global(workDirectory="${folder}" DefaultNetstreamDriverCAFile="${cert}" DefaultNetstreamDriverCertFile="${cert}" DefaultNetstreamDriverKeyFile="${key}")
module(load="imudp")
module(load="imptcp")
module(load="imtcp" StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="anon")
template(name="all" type="string" string="%pri% %app-name% %structured-data% | %msg%\\n")
ruleset(name="r") { action(type="omfile" file="${out}" template="all") }
input(type="imudp" address="127.0.0.1" port="${ports.udp}" ruleset="r")
input(type="imptcp" address="127.0.0.1" port="${ports.tcp}" ruleset="r")
input(type="imtcp" address="127.0.0.1" port="${ports.tls}" ruleset="r")
`,
    );
    const server = start('rsyslogd', [
      '-n',
      '-f',
      join(folder, 'rsyslog.conf'),
      '-i',
      join(folder, 'rsyslog.pid'),
    ]);
    cleanups.push(() => stop(server, 'SIGKILL'));
    await waitForPort(ports.tcp);
    await waitForPort(ports.tls);
  });

  it.each(['tls', 'tcp', 'udp'] as const)(
    'is parsed by rsyslog as one RFC 5424 message each, over %s',
    async (protocol) => {
      const host = protocol === 'tls' ? 'localhost' : '127.0.0.1';
      const syslog = target({
        kind: 'syslog',
        url: `${protocol}://${host}:${ports[protocol]}`,
        facility: 4,
        ...(protocol === 'tls' ? { ca } : {}),
      });
      await syslog.send([
        notice({ findingId: `plain-${protocol}` }),
        { ...hostileNotice(), findingId: `hostile-${protocol}` },
      ]);
      const lines = await eventually(() => {
        const found = readOut(out).filter((line) => line.includes(`-${protocol}"`));
        return found.length === 2 ? found : undefined;
      }, `two lines over ${protocol}`);
      for (const line of lines) expect(line).toMatch(/^35 yarak \[yarak@32473 finding="/);
      expect(readOut(out).some((line) => line.startsWith('Injected'))).toBe(false);
    },
  );
});

function readOut(file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch {
    return [];
  }
}

describe('Slack, webhook, falcosidekick (over a plain HTTP listener)', () => {
  it('Slack gets Block Kit within its limits, with nothing that it would read as markup', async () => {
    const { url, received } = await listener();
    await target({ kind: 'slack', url }).send([
      hostileNotice(),
      ...Array.from({ length: 14 }, () => notice()),
    ]);
    const message = JSON.parse(received[0]?.body as string) as {
      text: string;
      blocks: { type: string; text?: { type: string; text: string } }[];
    };
    expect(message.blocks.length).toBeLessThanOrEqual(50);
    for (const block of message.blocks) {
      if (block.text?.type === 'mrkdwn') {
        expect(block.text.text.length).toBeLessThanOrEqual(3000);
        expect(block.text.text).not.toMatch(/<[!@#h]/);
      }
      if (block.type === 'header') expect(block.text?.text.length).toBeLessThanOrEqual(150);
    }
    expect(message.text).not.toContain('<script>');
  });

  it('a webhook carries a signature that its secret verifies', async () => {
    const { url, received } = await listener();
    await target({ kind: 'webhook', url, secret: { env: 'SECRET' } }).send([hostileNotice()]);
    const { request, body } = received[0] as Received;
    const id = request.headers['webhook-id'];
    const seconds = request.headers['webhook-timestamp'];
    const expected = createHmac('sha256', 'a secret of some length')
      .update(`${id}.${seconds}.${body}`)
      .digest('base64');
    expect(request.headers['webhook-signature']).toBe(`v1,${expected}`);
    expect((JSON.parse(body) as { findings: { rule: string }[] }).findings[0]?.rule).toBe(HOSTILE);
  });

  it("falcosidekick gets Falco's own object, with the verdict beside its fields", async () => {
    const { url, received } = await listener();
    await target({ kind: 'falcosidekick', url }).send([notice(), notice()]);
    expect(received).toHaveLength(2);
    expect(JSON.parse(received[0]?.body as string)).toMatchObject({
      rule: 'R',
      priority: 'Warning',
      output_fields: { 'proc.name': 'bash', 'yarak.verdict': 'likely-malicious', 'yarak.count': 3 },
    });
  });

  it.each([
    [500, true],
    [429, true],
    [410, false],
    [302, false],
  ])('HTTP %d is worth another try: %s, and no redirect is followed', async (status, retryable) => {
    const { url, received } = await listener([status]);
    await expect(target({ kind: 'slack', url }).send([notice()])).rejects.toMatchObject({
      retryable,
      retryAfterMs: 7000,
    });
    expect(received).toHaveLength(1);
  });

  it.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://[fe80::1]/',
    'http://0.0.0.0/',
    'http://[::ffff:169.254.169.254]/',
    'http://2852039166/',
  ])('never posts to %s', async (url) => {
    await expect(target({ kind: 'slack', url }).send([notice()])).rejects.toMatchObject({
      retryable: false,
      message: expect.stringContaining('refused'),
    });
  });
});

describe('the outbox', () => {
  it('retries with pauses, gives up visibly, and tells a group in one message', async () => {
    const store = await openStore({ folder: join(folder, 'store') });
    cleanups.push(() => store.close());
    const { url, received } = await listener([503, 410]);
    const targets = new Map([['t', target({ kind: 'slack', url })]]);
    let nowUs = 1_000_000;
    const outcomes: string[] = [];
    const round = () =>
      deliverDue({
        outbox: store,
        targets,
        nowUs: () => nowUs,
        onOutcome: (_, outcome) => outcomes.push(outcome),
      });
    const queue = (key: string) =>
      store.enqueue({
        route: 'r',
        key,
        subjectId: key,
        payload: JSON.stringify({ target: 't', group: 'g', notice: notice({ findingId: key }) }),
        dueUs: nowUs,
      });
    await queue('a');
    await queue('b');
    expect(await round()).toBe(2);
    expect(received).toHaveLength(1);
    expect(await round()).toBe(0);
    nowUs += 7_000_001;
    expect(await round()).toBe(2);
    expect(outcomes).toEqual(['retry', 'dead']);
    const dead = await store.listOutbox({ status: 'dead', limit: 10 });
    expect(dead.items.map((row) => row.lastError)).toEqual(['HTTP 410: said', 'HTTP 410: said']);
    await queue('c');
    await round();
    expect(outcomes.at(-1)).toBe('sent');
  });
});
