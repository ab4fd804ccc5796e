// Files on the page: alerts and captures to their report, what is said when there is none.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../support/chromium.ts';
import { startWeb, type Web } from '../support/web.ts';

const RULES = `- rule: A program started
  desc: For this test.
  condition: evt.type in (execve, execveat) and evt.dir = < and proc.name exists
  output: A program started (command=%proc.cmdline exe=%proc.exepath parent=%proc.pname user=%user.name)
  priority: NOTICE
  tags: [host]
`;
const captures = process.env['YARAK_CAPTURES'] ?? resolve(import.meta.dirname, '../captures');
const file = readFileSync(join(captures, 'base64_pipe_sh.scap'));
const CAPTURE = file[0] === 0x1f && file[1] === 0x8b ? gunzipSync(file) : file;

describe.skipIf(chromiumPath === undefined)('files on the page (needs Chromium)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'yarak-files-'));
  let web: Web;
  beforeAll(async () => {
    const rules = join(folder, 'rules.yaml');
    writeFileSync(rules, RULES);
    web = await startWeb({ rules: [rules] });
  });
  afterAll(async () => {
    await web?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function give(name: string, buffer: Buffer, on = web.page): Promise<void> {
    await web.open('drop', on);
    await on.setInputFiles('input[type=file]', { name, mimeType: 'application/octet-stream', buffer });
  }

  it('plays a capture against the loaded rules', async () => {
    await give('a.scap', CAPTURE);
    await web.page
      .getByText(/a\.scap: \d+ events played against 1 rule: [1-9]\d* alerts?, \d+ incident/)
      .waitFor();
    await web.page.getByRole('heading', { name: 'The one thing to do now' }).first().waitFor();
  });

  it('plays a zipped capture, and says where a damaged one ends', async () => {
    await give('a.scap.gz', gzipSync(CAPTURE));
    await web.page.getByText(/a\.scap\.gz: \d+ events played/).waitFor();
    await give('cut.scap', CAPTURE.subarray(0, CAPTURE.length - 100));
    await web.page.getByText(/cut\.scap: \d+ events played/).waitFor();
    await web.page.getByRole('heading', { name: 'About the file' }).waitFor();
  });

  it('says which records of an alerts file it cannot read', async () => {
    const alerts = readFileSync('examples/reverse-shell.jsonl', 'utf8');
    await give('mixed.jsonl', Buffer.from(`${alerts.trimEnd()}\n{"rule": \n`));
    await web.page.getByText(/mixed\.jsonl: \d+ records read, \d+ accepted, 1 rejected/).waitFor();
    await web.page.locator('.diagnostics li').first().waitFor();
  });

  it('takes a file that is dropped on another page', async () => {
    await web.open('noise');
    const text = JSON.stringify(readFileSync('examples/reverse-shell.jsonl', 'utf8'));
    await web.page.evaluate(`{
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([${text}], 'dropped.jsonl'));
      document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer }));
    }`);
    await web.page.getByText(/dropped\.jsonl: \d+ records read/).waitFor();
    expect(web.page.url()).toContain('#/drop');
  });

  it.each([
    ['nothing.json', '', 'The file is empty.'],
    ['poem.txt', 'Shall I compare thee', 'The file holds no Falco alert.'],
  ])('refuses %s in words', async (name, text, words) => {
    await give(name, Buffer.from(text));
    await web.page.getByRole('alert').filter({ hasText: words }).waitFor();
  });

  it('shows what an attacker wrote as text', async () => {
    const alert = {
      time: '2026-11-24T03:18:20.461273000Z',
      rule: 'Shell',
      priority: 'Notice',
      source: 'syscall',
      hostname: 'node',
      output: 'x',
      output_fields: {
        'proc.name': 'sh',
        'proc.cmdline':
          'sh -c "<img src=x onerror=window.pwned=1>" \u202e\u001b[31m</p><script>window.pwned=1</script>',
      },
    };
    await give('evil.json', Buffer.from(JSON.stringify(alert)));
    await web.page.locator('.report').getByText('onerror=window.pwned=1').first().waitFor();
    expect(await web.page.evaluate('window.pwned')).toBeUndefined();
    expect(await web.page.locator('.report img, .report script').count()).toBe(0);
    expect(await web.page.locator('.report').innerText()).not.toMatch(/[\u202e\u001b]/);
  });

  it('broke no policy and threw nothing', () => {
    expect(web.problems).toEqual([]);
  });
});

describe.skipIf(chromiumPath === undefined)('a service without rules (needs Chromium)', () => {
  it('says plainly that a capture needs them', async () => {
    const web = await startWeb();
    try {
      await web.open('drop');
      await web.page.setInputFiles('input[type=file]', {
        name: 'a.scap',
        mimeType: 'application/octet-stream',
        buffer: CAPTURE,
      });
      await web.page
        .getByRole('alert')
        .filter({ hasText: 'the service has no rules for system calls' })
        .waitFor();
      expect(web.problems).toEqual([]);
    } finally {
      await web.stop();
    }
  });
});
