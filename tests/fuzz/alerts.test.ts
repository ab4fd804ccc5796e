// Alerts are written by attackers: whatever they hold, reading, grouping and redacting never throw, every byte is
// accounted for, and escaped text is inert in its medium.

import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { Marked } from 'marked';
import { describe, expect, it } from 'vitest';
import {
  AlertReader,
  type ReadItem,
  readAlertText,
  redactAlert,
  redactText,
} from '../../src/alerts/index.ts';
import { defang } from '../../src/base/escape/defang.ts';
import { htmlAttribute, htmlText } from '../../src/base/escape/html.ts';
import { jsonForScript } from '../../src/base/escape/json-script.ts';
import {
  markdownCellCode,
  markdownCode,
  markdownFence,
  markdownText,
} from '../../src/base/escape/markdown.ts';
import { isShellWord, shellQuote } from '../../src/base/escape/shell.ts';
import { terminalBlock, terminalText } from '../../src/base/escape/terminal.ts';
import { hasHidden } from '../../src/base/escape/visible.ts';
import { parseJson, stringifyJson } from '../../src/base/json.ts';
import { FindingBuilder, joinIncidents } from '../../src/triage/index.ts';

const NASTY = [
  '\0',
  '\x1b[31m',
  '\x1b]0;t\x07',
  '\u009b2J',
  '\u202e',
  '\u200b',
  '\ud800',
  '\n',
  '\r',
  '</script><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '![x](javascript:alert(1))',
  '```',
  '`',
  '|',
  '\\',
  '"',
  "'",
  '$(id)',
  ' container_id=host',
  ' image=falco:1',
  '{"rule":"',
  '12:00:00.000000001: Warning x ',
  '%proc.name',
  '<NA>',
  '__proto__',
  'password=',
  'http://a:b@c',
];
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(...NASTY),
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.string({ maxLength: 12 }),
    ),
    {
      maxLength: 8,
    },
  )
  .map((parts) => parts.join(''));
const scalar = fc.oneof(
  text,
  fc.integer(),
  fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }),
  fc.boolean(),
  fc.constant(null),
);
const fieldName = fc.oneof(
  fc.constantFrom(
    'proc.cmdline',
    'proc.name',
    'proc.pid',
    'proc.aname[2]',
    'container.id',
    'container.image.repository',
    'k8s.pod.name',
    'k8s.ns.name',
    'fd.name',
    'user.uid',
    'evt.time',
    'ka.user.name',
    '__proto__',
  ),
  text,
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(text, tie('value'), { maxKeys: 3 }),
  ),
})).value;
const alert = fc.record(
  {
    rule: fc.oneof(text, json),
    output: fc.oneof(
      text,
      text.map((t) => `12:00:00.000000001: Notice x (user=a command=${t} container_id=host)`),
      json,
    ),
    priority: fc.oneof(fc.constantFrom('Notice', 'CRITICAL', 'x'), json),
    source: fc.oneof(fc.constantFrom('syscall', 'k8s_audit', 'internal'), json),
    time: fc.oneof(fc.constant('2026-11-24T03:19:21.866122071Z'), json),
    hostname: fc.oneof(text, json),
    tags: fc.oneof(fc.array(text, { maxLength: 3 }), json),
    output_fields: fc.oneof(fc.dictionary(fieldName, fc.oneof(scalar, json), { maxKeys: 8 }), json),
    uuid: json,
  },
  { requiredKeys: [] },
);

/** Reads in chunks of `size`, groups, redacts; throws where anything of it does. */
function digest(bytes: Uint8Array, size: number): ReadItem[] {
  const items: ReadItem[] = [];
  const reader = new AlertReader((item) => items.push(item), { maxRecordBytes: 100_000 });
  for (let i = 0; i < bytes.length; i += size) reader.push(bytes.slice(i, i + size));
  reader.end();
  const { counts } = reader;
  expect(counts.records).toBe(counts.alerts + counts.health + counts.ignored + counts.rejected);
  const builder = new FindingBuilder();
  for (const item of items) {
    if (item.kind !== 'alert') continue;
    builder.add(item.alert);
    redactAlert(item.alert);
  }
  const found = builder.finish();
  expect(found.reduce((sum, { finding }) => sum + finding.count, 0)).toBe(counts.alerts);
  const incidents = joinIncidents(found);
  expect(incidents.flatMap((incident) => incident.findings)).toHaveLength(found.length);
  return items;
}

describe('the reader', () => {
  it('survives arbitrary bytes, in any chunks', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 1, max: 60 }), (bytes, size) => {
        expect(digest(bytes, size)).toEqual(digest(bytes, 10_000));
      }),
      { numRuns: 500 },
    );
  });

  it('survives pieces of alerts put together at random', () => {
    const piece = fc.oneof(
      alert.map((value) => stringifyJson(value)),
      text,
      fc.constantFrom('\n', '[', ']', ',', '{', '}', '"', '\\', ' ', '\n{"rule":"R","output":"x"}\n'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.integer({ min: 1, max: 200 }), (pieces, size) => {
        const bytes = new TextEncoder().encode(pieces.join(''));
        expect(digest(bytes, size)).toEqual(digest(bytes, 100_000));
      }),
      { numRuns: 1000 },
    );
  });

  it('reads hostile alerts and goes on to the next', () => {
    const good = '{"rule":"Last","output":"x","output_fields":{"a.b":1}}';
    fc.assert(
      fc.property(fc.array(alert, { maxLength: 5 }), (alerts) => {
        const ndjson = [...alerts.map((value) => stringifyJson(value)), good].join('\n');
        const items = digest(new TextEncoder().encode(ndjson), 1000);
        const last = items.findLast((item) => item.kind === 'alert');
        expect(last?.kind === 'alert' && last.alert.rule).toBe('Last');
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps values exact', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          text.map((t) => `f.${t.toWellFormed()}`),
          scalar,
        ),
        (fields) => {
          const { alerts } = readAlertText(
            stringifyJson({ rule: 'R', output: 'x', output_fields: { 'a.a': 0, ...fields } }),
          );
          for (const [name, value] of Object.entries(fields)) {
            const read = alerts[0]?.fields.get(name);
            if (typeof value === 'bigint' || typeof value === 'number')
              expect(BigInt(read as number)).toBe(BigInt(value));
            else expect(read).toBe(value);
          }
        },
      ),
    );
  });

  it('parses as JSON.parse does', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.json(), text, fc.string({ unit: fc.constantFrom(...'[]{}",:0-1e.\\ tfn') })),
        (source) => {
          let expected: unknown;
          try {
            expected = JSON.parse(source);
          } catch {
            expected = undefined;
          }
          const result = parseJson(source);
          expect(result.ok).toBe(expected !== undefined);
          // JSON.stringify writes -0 as 0 and infinities as null.
          if (result.ok)
            expect(JSON.parse(stringifyJson(result.value))).toEqual(JSON.parse(JSON.stringify(expected)));
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('redaction', () => {
  it('never throws, and finds nothing in what it wrote', () => {
    fc.assert(
      fc.property(text, (value) => {
        const once = redactText(value);
        expect(redactText(once.text).text).toBe(once.text);
      }),
      { numRuns: 2000 },
    );
  });

  it('leaves no secret behind, wherever it stands', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9]{8,20}$/).filter((s) => !/^x+$/i.test(s));
    const place = fc.constantFrom(
      (s: string) => `mysql -uroot -p${s}`,
      (s: string) => `curl -u bob:${s} x`,
      (s: string) => `tool --password ${s}`,
      (s: string) => `API_TOKEN=${s} run`,
      (s: string) => `git clone https://bob:${s}@example.com`,
      (s: string) => `curl -H "Authorization: Bearer ${s}"`,
      (s: string) => `{"client_secret": "${s}"}`,
    );
    const around = fc.stringMatching(/^[a-z /.]{0,20}$/);
    fc.assert(
      fc.property(secret, place, around, (s, put, before) => {
        expect(redactText(`${before} ; ${put(s)}`).text).not.toContain(s);
      }),
    );
  });
});

describe('escaped text', () => {
  const marked = new Marked({ gfm: true });
  const each = (check: (value: string) => void): void =>
    fc.assert(fc.property(text, check), { numRuns: 1000 });
  /** Tags that Markdown may give for a paragraph, a code span, a fence or a table of one cell. */
  const tags = (html: string): string[] =>
    [...html.matchAll(/<\/?([a-z0-9]+)[^>]*>/g)].map((match) => match[0]);

  it('holds nothing hidden', () => {
    each((value) => {
      for (const shown of [terminalText(value), htmlText(value), markdownText(value), markdownCode(value)]) {
        expect(hasHidden(shown)).toBe(false);
      }
      expect(terminalBlock(value)).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
    });
  });

  it('is text in HTML', () => {
    each((value) => {
      expect(htmlText(value)).not.toMatch(/[<>"'`]/);
      expect(htmlAttribute(value)).not.toMatch(/[<>"'`]/);
    });
  });

  it('is text in Markdown', () => {
    each((value) => {
      expect(tags(marked.parse(`a ${markdownText(value)} b`, { async: false }))).toEqual(['<p>', '</p>']);
      const code = tags(marked.parse(`a ${markdownCode(value)} b`, { async: false }));
      expect(code).toEqual(['<p>', '<code>', '</code>', '</p>']);
      const fence = tags(marked.parse(`${markdownFence(value)}\n\nb\n`, { async: false }));
      expect(fence).toEqual(['<pre>', '<code>', '</code>', '</pre>', '<p>', '</p>']);
      const cells = tags(marked.parse(`|a|b|\n|-|-|\n|${markdownCellCode(value)}|c|\n`, { async: false }));
      expect(cells.filter((tag) => tag === '<td>')).toHaveLength(2);
      expect(cells.filter((tag) => !/^<\/?(?:table|thead|tbody|tr|th|td|code)>$/.test(tag))).toEqual([]);
    });
  });

  it('ends no script', () => {
    each((value) => {
      const script = jsonForScript({ value });
      expect(script).not.toMatch(/[<>&\u2028\u2029]/);
      expect(JSON.parse(script)).toEqual({ value });
    });
  });

  it('is one word in a shell', () => {
    const words = fc.array(text.filter(isShellWord), { maxLength: 60 });
    fc.assert(
      fc.property(words, (list) => {
        const script = list.map((word) => `printf '%s\\0' ${shellQuote(word)}`).join('\n');
        const { stdout, stderr } = spawnSync('sh', ['-s'], { input: `${script}\n` });
        expect(stderr.toString()).toBe('');
        expect(stdout.toString()).toBe(list.map((word) => `${word.toWellFormed()}\0`).join(''));
      }),
      { numRuns: 40 },
    );
  });

  it('links to nothing once defanged', () => {
    fc.assert(
      fc.property(fc.webUrl(), text, (link, rest) => {
        expect(defang(`${rest} ${link}`)).not.toContain(link);
      }),
    );
  });
});
