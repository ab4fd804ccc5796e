// One suite over both databases: what one does, the other does.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ListQuery,
  type NewAlert,
  openStore,
  type Store,
  StoreUnavailable,
} from '../../src/store/index.ts';
import { hasPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';

const START_US = 1_795_490_300_000_000;
const MINUTE_US = 60_000_000;

let serial = 0;
function alert(changes: Partial<NewAlert> & { findingId?: string } = {}): NewAlert {
  serial++;
  const { findingId = 'f00000000000000a', ...rest } = changes;
  return {
    id: serial.toString(16).padStart(32, '0'),
    raw: `{"n":${serial},"output":"A shell was spawned (command=bash -i)"}`,
    timeUs: START_US + serial * 1000,
    receivedUs: START_US + serial * 1000,
    rule: 'Terminal shell in container',
    source: 'syscall',
    priority: 5,
    hostname: 'node-1',
    namespace: 'shop',
    pod: 'checkout-1',
    image: 'registry.example/shop/checkout',
    user: 'root',
    finding: {
      id: findingId,
      fingerprint: [{ name: 'rule', value: 'x' }],
      tags: ['T1059'],
      workload: { kind: 'container', namespace: 'shop' },
      title: 'bash in shop/checkout',
    },
    entities: ['container:aaaaaaaaaaaa'],
    ...rest,
  };
}

describe.each(['sqlite', 'postgres'] as const)('store on %s', (kind) => {
  let server: TestPostgres | undefined;
  const folders: string[] = [];
  let databases = 0;
  const stores: Store[] = [];

  beforeAll(async () => {
    if (kind === 'postgres') {
      expect(hasPostgres(), 'PostgreSQL is installed by scripts/setup-tools.sh').toBe(true);
      server = await startPostgres();
    }
  });
  afterAll(async () => {
    for (const store of stores) await store.close();
    await server?.stop();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  async function target(): Promise<{ folder: string } | { url: string }> {
    if (server !== undefined) return { url: await server.create(`t${++databases}`) };
    const folder = mkdtempSync(join(tmpdir(), 'yarak-store-'));
    folders.push(folder);
    return { folder };
  }
  async function open(): Promise<Store> {
    const store = await openStore(await target());
    stores.push(store);
    return store;
  }

  it('stores alerts once, and counts them in findings, incidents and volume', async () => {
    const store = await open();
    const batch = [
      alert(),
      alert({ pod: 'checkout-2' }),
      alert({ findingId: 'f00000000000000b', rule: 'Other', priority: 2 }),
    ];
    expect(await store.ingest(batch)).toMatchObject({ stored: 3, duplicates: 0 });
    expect(await store.ingest([batch[0] as NewAlert, alert()])).toMatchObject({
      stored: 1,
      duplicates: 1,
      newFindings: [],
    });
    expect(await store.counts()).toEqual({ alerts: 4, findings: 2, incidents: 1, pendingOutbox: 0 });
    const finding = await store.getFinding('f00000000000000a');
    expect(finding).toMatchObject({ count: 3, state: 'open', verdict: 'undetermined', tags: ['T1059'] });
    expect(finding?.spread.pods).toEqual({
      values: ['shop/checkout-1', 'shop/checkout-2'],
      total: 2,
      atLeast: false,
    });
    const { items } = await store.listIncidents({ limit: 10 });
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ alertCount: 4, findingCount: 2, priority: 2 });
    const volume = await store.volume(0, START_US * 2, 10);
    expect(volume.map((v) => [v.rule, v.count])).toEqual([
      ['Terminal shell in container', 3],
      ['Other', 1],
    ]);
  });

  it('stores once what comes twice in one batch and in batches at the same time', async () => {
    const store = await open();
    const one = alert();
    const results = await Promise.all([
      store.ingest([one, one]),
      store.ingest([one]),
      store.ingest([one, alert()]),
    ]);
    expect(results.reduce((n, r) => n + r.stored, 0)).toBe(2);
    expect((await store.counts()).alerts).toBe(2);
  });

  it('opens a new incident when an entity was quiet for longer than the window', async () => {
    const store = await open();
    await store.ingest([alert({ timeUs: START_US }), alert({ timeUs: START_US + 14 * MINUTE_US })]);
    await store.ingest([alert({ timeUs: START_US + 40 * MINUTE_US })]);
    const { items } = await store.listIncidents({ limit: 10, sort: 'first-seen' });
    expect(items.map((i) => i.alertCount)).toEqual([1, 2]);
  });

  it('merges incidents that an alert shows to be one: the older survives, the younger leads to it', async () => {
    const store = await open();
    const older = (await store.ingest([alert({ entities: ['container:x'] })])).incidents[0] as string;
    const younger = (
      await store.ingest([
        alert({ entities: ['process:n/7'], findingId: 'f00000000000000b' }),
        alert({ entities: ['process:n/7'], findingId: 'f00000000000000a' }),
      ])
    ).incidents[0] as string;
    const note = 'he called';
    await store.decide({
      subject: { kind: 'incident', id: younger },
      actor: 'ana',
      state: 'acknowledged',
      owner: 'ana',
      note,
      reason: 'on call',
    });
    const both = await store.ingest([
      alert({ entities: ['process:n/7', 'container:x'], findingId: 'f00000000000000c' }),
    ]);
    expect(both.incidents).toEqual([older]);
    expect((await store.listIncidents({ limit: 10 })).items.map((i) => i.id)).toEqual([older]);
    const survivor = await store.getIncident(younger);
    expect(survivor).toMatchObject({
      id: older,
      alertCount: 4,
      findingCount: 3,
      state: 'acknowledged',
      owner: 'ana',
    });
    expect(await store.getIncident(older)).toEqual(survivor);
    expect(await store.findingsOf(younger)).toHaveLength(3);
    expect((await store.notes('incident', older)).map((n) => n.text)).toEqual([note]);
    expect((await store.trail({ limit: 10, subjectId: older })).items.map((t) => t.action)).toEqual([
      'merge',
      'note',
      'owner',
      'state',
    ]);
    const pages: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.listAlerts({
        incidentId: younger,
        limit: 3,
        ...(cursor === undefined ? {} : { cursor }),
      });
      expect(page.items.every((row) => row.incidentId === older)).toBe(true);
      pages.push(...page.items.map((row) => row.seq));
      cursor = page.next;
    } while (cursor !== undefined);
    expect(pages).toEqual([4, 3, 2, 1]);
    // What comes later by either entity goes where the merged incident is.
    expect((await store.ingest([alert({ entities: ['process:n/7'] })])).incidents).toEqual([older]);
    expect((await store.untriaged(10)).map((i) => i.id)).toEqual([older]);
    expect(
      await store.decide({ subject: { kind: 'incident', id: younger }, actor: 'ana', state: 'closed' }),
    ).toBe('closed');
    expect((await store.getIncident(older))?.state).toBe('closed');
  });

  it('merges within a batch and in chains, and stops where one entity would take in everything', async () => {
    const store = await open();
    const chain = [
      alert({ entities: ['container:a'] }),
      alert({ entities: ['container:b'] }),
      alert({ entities: ['container:c'] }),
    ];
    await store.ingest(chain);
    await store.ingest([
      alert({ entities: ['container:b', 'container:c'] }),
      alert({ entities: ['container:new'] }),
      alert({ entities: ['container:new', 'container:b'] }),
    ]);
    await store.ingest([alert({ entities: ['container:c', 'container:a'] })]);
    const { items } = await store.listIncidents({ limit: 10 });
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ alertCount: 7, findingCount: 1 });
    for (const { incidentId } of (await store.listAlerts({ limit: 10 })).items)
      expect(incidentId).toBe(items[0]?.id);

    const busy = Array.from({ length: 60 }, (_, i) => alert({ entities: [`pod:p${i}`] }));
    await store.ingest(busy);
    await store.ingest(busy.map((_, i) => alert({ entities: ['identity:all', `pod:p${i}`] })));
    const left = (await store.listIncidents({ limit: 100 })).items;
    expect(left.length).toBeGreaterThan(5);
    expect(left.reduce((n, i) => n + i.alertCount, 0)).toBe(7 + 120);
  });

  it('pages through findings and incidents in every order, and backwards, without loss or repeat', async () => {
    const store = await open();
    const ids = Array.from({ length: 25 }, (_, i) => `f${i.toString(16).padStart(15, '0')}`);
    await store.ingest(
      ids.flatMap((id, i) =>
        Array.from({ length: (i % 3) + 1 }, () =>
          alert({ findingId: id, priority: i % 4, entities: [`pod:${i}`] }),
        ),
      ),
    );
    const sorts = ['last-seen', 'first-seen', 'count', 'priority', 'verdict'] as const;
    const lists = [
      (query: ListQuery) => store.listFindings(query),
      (query: ListQuery) => store.listIncidents(query),
    ];
    for (const list of lists) {
      const all = async (query: Omit<ListQuery, 'limit'>): Promise<string[]> => {
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await list({ limit: 7, ...query, ...(cursor === undefined ? {} : { cursor }) });
          seen.push(...page.items.map((one) => one.id));
          cursor = page.next;
        } while (cursor !== undefined);
        return seen;
      };
      for (const sort of sorts) {
        const down = await all({ sort, order: 'desc' });
        expect(new Set(down).size, sort).toBe(ids.length);
        expect(down, sort).toHaveLength(ids.length);
        expect(await all({ sort }), `${sort}, by default`).toEqual(down);
        expect(await all({ sort, order: 'asc' }), `${sort}, the other way`).toEqual(down.toReversed());
      }
    }
    const severe = (await store.listFindings({ limit: 100, sort: 'priority' })).items.map((f) => f.priority);
    expect(severe).toEqual(severe.toSorted((a, b) => a - b));
    const oldest = await store.listFindings({ limit: 100, sort: 'first-seen', order: 'asc' });
    expect(oldest.items.map((f) => f.id)).toEqual(ids);
    const fewest = await store.listFindings({ limit: 100, sort: 'count', order: 'asc' });
    expect(fewest.items.map((f) => f.count)).toEqual(
      fewest.items.map((f) => f.count).toSorted((a, b) => a - b),
    );
  });

  it('filters by state, rule, namespace, time and words', async () => {
    const store = await open();
    await store.ingest([
      alert(),
      alert({
        findingId: 'f00000000000000c',
        namespace: 'web',
        rule: 'R%_2',
        entities: ['container:b'],
        finding: { ...alert().finding, id: 'f00000000000000c', title: 'xmrig in web' },
      }),
    ]);
    const ids = async (query: object) =>
      (await store.listFindings({ limit: 10, ...query })).items.map((f) => f.id);
    expect(await ids({ namespace: 'web' })).toEqual(['f00000000000000c']);
    expect(await ids({ rule: 'R%_2' })).toEqual(['f00000000000000c']);
    expect(await ids({ search: 'XMRI' })).toEqual(['f00000000000000c']);
    expect(await ids({ search: "' or 1=1 --" })).toEqual([]);
    expect(await ids({ states: ['closed'] })).toEqual([]);
    expect(await ids({ untilUs: START_US })).toEqual([]);
    expect((await store.listIncidents({ limit: 5, rule: 'R%_2' })).items).toHaveLength(1);
  });

  it('takes half characters anywhere, and alone loses nothing of the others', async () => {
    const store = await open();
    const half = 'a\ud800b';
    const literal = '{"output":"\\\\ud800 \\ud800 ends"}';
    const one = alert();
    const given = alert({
      raw: literal,
      rule: half,
      hostname: half,
      namespace: half,
      pod: half,
      image: half,
      user: half,
      entities: [`pod:${half}`],
      finding: {
        ...one.finding,
        id: 'f0000000000000ab',
        title: half,
        tags: [half],
        fingerprint: [{ name: 'proc.name', value: half }],
      },
    });
    expect(await store.ingest([one, given])).toMatchObject({ stored: 2 });
    expect(await store.getAlert(given.id)).toMatchObject({
      raw: literal,
      hostname: 'a\ufffdb',
      rule: 'a\ufffdb',
    });
    // A word is cut after 64 units, in the middle of a character.
    const word = `a${'\u{1D400}'.repeat(40)}`;
    await store.ingest([alert({ raw: JSON.stringify({ output: `${word} end` }) }), alert()]);
    expect(await store.indexText(10)).toBe(4);
    expect((await store.listAlerts({ limit: 5, search: word })).items).toHaveLength(1);
  });

  it('finds alerts by words once they are indexed', async () => {
    const store = await open();
    await store.ingest([
      alert({ raw: '{"output":"cat /etc/shadow by mallory","time":"hidden"}' }),
      alert({ raw: '{"output":"ls /tmp \\u00e9t\\u00e9"}' }),
      alert({ raw: '10:00:01 Warning a line of text', rule: 'Plain text', hostname: 'node-9' }),
    ]);
    expect(await store.indexText(100)).toBe(3);
    expect(await store.indexText(100)).toBe(0);
    const found = async (search: string) => (await store.listAlerts({ limit: 10, search })).items.length;
    expect(await found('shadow')).toBe(1);
    expect(await found('shad mall')).toBe(1);
    expect(await found('shadow ls')).toBe(0);
    expect(await found('hidden')).toBe(0);
    expect(await found('été')).toBe(1);
    expect(await found('line of text plain node 9')).toBe(1);
    expect(await found('"); drop table alerts; --')).toBe(0);
  });

  it('keeps decisions with their trail, and the trail cannot be changed', async () => {
    const store = await open();
    await store.ingest([alert()]);
    const subject = { kind: 'finding', id: 'f00000000000000a' } as const;
    expect(
      await store.decide({
        subject,
        actor: 'ana',
        state: 'acknowledged',
        owner: 'ana',
        note: 'looking',
        reason: 'on call',
      }),
    ).toBe('acknowledged');
    expect(
      await store.decide({ subject: { kind: 'finding', id: 'nope' }, actor: 'ana', state: 'closed' }),
    ).toBeUndefined();
    expect(await store.getFinding(subject.id)).toMatchObject({ state: 'acknowledged', owner: 'ana' });
    expect((await store.notes('finding', subject.id)).map((n) => n.text)).toEqual(['looking']);
    const { items } = await store.trail({ limit: 10, subjectId: subject.id });
    expect(items.map((t) => [t.action, t.actor, t.reason])).toEqual([
      ['note', 'ana', 'on call'],
      ['owner', 'ana', 'on call'],
      ['state', 'ana', 'on call'],
    ]);
    expect(items[2]?.detail).toEqual({ from: 'open', to: 'acknowledged' });
  });

  it('silences with expiry and reason, and ends a silence', async () => {
    const store = await open();
    await store.ingest([alert()]);
    const nowUs = Date.now() * 1000;
    const silence = await store.addSilence(
      { condition: 'proc.name = bash', reason: 'known', author: 'ana', expiresUs: nowUs + MINUTE_US },
      ['f00000000000000a'],
    );
    expect((await store.getFinding('f00000000000000a'))?.silenceId).toBe(silence.id);
    expect((await store.listFindings({ limit: 5, hideSilenced: true })).items).toHaveLength(0);
    expect(await store.listSilences(nowUs)).toHaveLength(1);
    expect(await store.listSilences(nowUs + 2 * MINUTE_US)).toHaveLength(0);
    expect(await store.endSilence(silence.id, 'ben', 'fixed')).toBe(true);
    expect(await store.endSilence(silence.id, 'ben', 'fixed')).toBe(false);
    expect((await store.getFinding('f00000000000000a'))?.silenceId).toBeUndefined();
  });

  it('keeps tokens by hash only, with revocation', async () => {
    const store = await open();
    await store.addToken(
      { id: 't1', name: 'falco', role: 'ingest', expiresUs: undefined, hash: 'h1' },
      'admin',
    );
    expect(await store.tokenByHash('h1')).toMatchObject({ id: 't1', role: 'ingest', revoked: false });
    expect(await store.revokeToken('t1', 'admin')).toBe(true);
    expect((await store.tokenByHash('h1'))?.revoked).toBe(true);
    expect((await store.listTokens()).map((t) => t.name)).toEqual(['falco']);
  });

  it('hands an outbox entry to one worker, once per key, and keeps dead letters', async () => {
    const store = await open();
    const entry = { route: 'slack', key: 'k', subjectId: 's', payload: '{}', dueUs: 10 };
    expect(await store.enqueue(entry)).toBe(true);
    expect(await store.enqueue(entry)).toBe(false);
    const claims = await Promise.all([store.claimOutbox(20, 100, 5), store.claimOutbox(20, 100, 5)]);
    expect(claims.flat()).toHaveLength(1);
    const [claimed] = claims.flat();
    expect(claimed).toMatchObject({ attempts: 1, route: 'slack' });
    await store.settleOutbox(claimed?.id as string, { status: 'dead', dueUs: 0, error: 'HTTP 410' });
    expect(await store.claimOutbox(1e15, 100, 5)).toEqual([]);
    expect((await store.listOutbox({ status: 'dead', limit: 5 })).items[0]).toMatchObject({
      lastError: 'HTTP 410',
    });
  });

  it('remembers what triage saw', async () => {
    const store = await open();
    const { incidents } = await store.ingest([alert()]);
    const [waiting] = await store.untriaged(10);
    expect(waiting?.id).toBe(incidents[0]);
    await store.setTriage(
      waiting?.id as string,
      { title: 'Reverse shell', verdict: 'malicious', seq: waiting?.lastSeq as number },
      [{ id: 'f00000000000000a', title: 'bash → tcp', verdict: 'malicious' }],
    );
    expect(await store.untriaged(10)).toEqual([]);
    expect((await store.listFindings({ limit: 1, verdicts: ['malicious'] })).items[0]?.title).toBe(
      'bash → tcp',
    );
    await store.ingest([alert()]);
    expect(await store.untriaged(10)).toHaveLength(1);
  });

  it('prunes the oldest alerts by age and by number; findings keep their counts', async () => {
    const store = await open();
    await store.ingest(Array.from({ length: 20 }, () => alert()));
    await store.indexText(100);
    expect(await store.prune({ maxAlerts: 15 }, START_US, 100)).toBe(5);
    expect(await store.prune({ maxAlerts: 15 }, START_US, 100)).toBe(0);
    expect(await store.prune({ maxAgeUs: MINUTE_US }, START_US + 60 * MINUTE_US, 10)).toBe(10);
    expect((await store.counts()).alerts).toBe(5);
    expect((await store.getFinding('f00000000000000a'))?.count).toBe(20);
  });

  it('prunes the oldest alerts until the rest fits a size', async () => {
    const store = await open();
    const sent = Array.from({ length: 3000 }, (_, i) =>
      alert({ timeUs: START_US + i, raw: `{"output":"o ${i}","more":"${String(i % 10).repeat(1500)}"}` }),
    );
    await store.ingest(sent);
    while ((await store.indexText(500)) > 0);
    const maxBytes = Math.round((await store.size()) / 2);
    let gone = 0;
    for (let n = -1; n !== 0; gone += n) n = await store.prune({ maxBytes }, START_US, 100);
    expect(await store.size()).toBeLessThanOrEqual(maxBytes);
    const left = (await store.counts()).alerts;
    expect(left).toBe(3000 - gone);
    expect(left).toBeGreaterThan(1000);
    expect(await store.getAlert((sent[2999] as NewAlert).id)).toBeDefined();
    expect(await store.getAlert((sent[0] as NewAlert).id)).toBeUndefined();
  });

  it('sweeps entities whose window closed; an alert after that opens a new incident', async () => {
    const store = await open();
    await store.ingest([alert({ timeUs: START_US })]);
    await store.sweep(START_US + 2 * 24 * 60 * MINUTE_US);
    await store.ingest([alert({ timeUs: START_US + MINUTE_US })]);
    expect((await store.counts()).incidents).toBe(2);
  });

  it('exports everything and restores it into an empty store, which goes on from there', async () => {
    const store = await open();
    await store.ingest([alert(), alert({ findingId: 'f00000000000000b' })]);
    await store.decide({
      subject: { kind: 'finding', id: 'f00000000000000a' },
      actor: 'ana',
      state: 'closed',
      reason: 'r',
    });
    const lines: string[] = [];
    for await (const line of store.export()) lines.push(line);
    const copy = await open();
    const feed = async function* () {
      yield* lines;
    };
    expect(await copy.restore(feed())).toBe(lines.length);
    expect(await copy.counts()).toEqual(await store.counts());
    const again: string[] = [];
    for await (const line of copy.export()) again.push(line);
    expect(again).toEqual(lines);
    await copy.ingest([alert()]);
    await copy.record({
      actor: 'x',
      action: 'y',
      subjectKind: 'service',
      subjectId: '',
      reason: '',
      detail: null,
    });
    expect((await copy.trail({ limit: 10 })).items).toHaveLength(2);
    await expect(copy.restore(feed())).rejects.toThrow(/empty store/);
  });

  it('keeps everything over a restart', async () => {
    const where = await target();
    const first = await openStore(where);
    await first.ingest([alert()]);
    await first.close();
    const second = await openStore(where);
    stores.push(second);
    expect((await second.counts()).alerts).toBe(1);
    await second.ping();
  });

  if (kind === 'sqlite') {
    it('says so when the disk is full, keeps what was acknowledged, and goes on reading', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'yarak-full-'));
      folders.push(folder);
      const store = await openStore({ folder, maxPages: 90 });
      stores.push(store);
      let acknowledged = 0;
      const big = 'x'.repeat(4000);
      await expect(
        (async () => {
          for (let i = 0; i < 1000; i++)
            acknowledged += (await store.ingest([alert({ raw: JSON.stringify({ big, i }) })])).stored;
        })(),
      ).rejects.toMatchObject({ name: 'StoreUnavailable', code: 'full' });
      expect(acknowledged).toBeGreaterThan(5);
      expect((await store.counts()).alerts).toBe(acknowledged);
    });

    it('searches every part of the text index in order, and drops those whose alerts are pruned', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'yarak-parts-'));
      folders.push(folder);
      const store = await openStore({ folder });
      stores.push(store);
      // Numbers as after tens of thousands of alerts: the last of a part and the first two of the next.
      const numbersFrom = (seq: number): void => {
        const database = new DatabaseSync(join(folder, 'yarak.db'));
        database.prepare(`update sqlite_sequence set seq = ? where name = 'alerts'`).run(seq);
        database.close();
      };
      const sent: NewAlert[] = [];
      for (const seq of [0, 49_998, 99_998]) {
        if (seq > 0) numbersFrom(seq);
        const some = [1, 2, 3].map((n) =>
          alert({ raw: `{"output":"needle ${seq + n}"}`, timeUs: START_US + (seq % 7) * 10 + n }),
        );
        sent.push(...some);
        await store.ingest(some);
      }
      while ((await store.indexText(2)) > 0);
      const ids = async (query: object): Promise<string[]> => {
        const found: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await store.listAlerts({
            limit: 2,
            search: 'needle',
            ...query,
            ...(cursor && { cursor }),
          });
          found.push(...page.items.map(({ id }) => id));
          cursor = page.next;
        } while (cursor !== undefined);
        return found;
      };
      const all = sent.map(({ id }) => id);
      expect(await ids({ ascending: true })).toEqual(all);
      expect(await ids({})).toEqual(all.toReversed());
      const byTime = sent.toSorted((a, b) => a.timeUs - b.timeUs).map(({ id }) => id);
      expect(byTime).not.toEqual(all);
      expect(await ids({ sinceUs: 0, ascending: true })).toEqual(byTime);
      expect(await ids({ sinceUs: 0 })).toEqual(byTime.toReversed());
      expect(await ids({ search: 'needle 99999' })).toEqual([all[6]]);

      const tables = (): number => {
        const database = new DatabaseSync(join(folder, 'yarak.db'), { readOnly: true });
        const { n } = database
          .prepare(`select count(*) as n from sqlite_master where sql like 'create virtual table%'`)
          .get() as { n: number };
        database.close();
        return n;
      };
      expect(tables()).toBe(3);
      expect(await store.prune({ maxAlerts: 50_000 }, START_US, 100)).toBe(6);
      expect(await ids({})).toEqual(all.slice(6).toReversed());
      expect(tables()).toBe(2);
    });

    it('says so when its thread ends, keeps what was acknowledged, and goes on in another', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'yarak-heap-'));
      folders.push(folder);
      const store = await openStore({ folder, heapMb: 24 });
      stores.push(store);
      expect((await store.ingest([alert()])).stored).toBe(1);
      const many = Array.from({ length: 60_000 }, (_, i) =>
        alert({ pod: `pod-${i}`, entities: [`pod:${i}`] }),
      );
      const listed = store.listFindings({ limit: 1 });
      await expect(store.ingest(many)).rejects.toMatchObject({ name: 'StoreUnavailable', code: 'gone' });
      expect((await listed).items).toHaveLength(1);
      await expect
        .poll(
          async () =>
            store.ingest([alert()]).then(
              (one) => one.stored,
              () => 0,
            ),
          { timeout: 10_000 },
        )
        .toBe(1);
      expect((await store.counts()).alerts).toBe(2);
    });
  } else {
    it('says so when the server is gone, and recovers when it is back', async () => {
      const store = await open();
      await store.ingest([alert()]);
      await server?.kill();
      await expect(store.ingest([alert()])).rejects.toBeInstanceOf(StoreUnavailable);
      await server?.start();
      await store.ingest([alert()]);
      expect((await store.counts()).alerts).toBe(2);
    });
  }
});
