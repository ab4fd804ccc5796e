// How long an editor waits: CPU time of `yarak lsp` for what it is asked most, on a rule file of about a megabyte with
// 2,000 rules, one of which is typed into. The process is the real one, asked over the protocol; its CPU time is what
// the kernel counted for it (/proc/PID/stat, in steps of 10 ms), so each figure is a mean over several requests.
//   node bench/lsp.ts [RULES]

import { readFileSync } from 'node:fs';
import { LspClient, positionIn } from '../tests/support/lsp-client.ts';

const count = Number(process.argv[2] ?? 2000);

const rule = (i: number) => `- rule: Rule number ${i} of the big file
  desc: >
    A shell or another program number ${i} was started in a container, which is not usual there.
  condition: >
    spawned_process and container.id != host and proc.name in (shells)
    and not proc.pname in (systemd, cron${i}) and fd.name startswith /var/lib/${i}
    and (user.uid = ${i} or proc.cmdline contains "curl ${i}")
  output: "Shell ${i} (command=%proc.cmdline exe=%proc.exepath parent=%proc.pname user=%user.name container=%container.id)"
  priority: NOTICE
  tags: [container, T1059.004]

`;
const text = `- list: shells
  items: [sh, bash, zsh]

- macro: spawned_process
  condition: (evt.type in (execve, execveat))

${Array.from({ length: count }, (_, i) => rule(i)).join('')}`;

const client = await LspClient.start();
const uri = 'file:///big_rules.yaml';

async function mean(times: number, run: () => Promise<unknown>): Promise<number> {
  const before = client.cpuMs() ?? Number.NaN;
  for (let i = 0; i < times; i++) await run();
  return Math.round((((client.cpuMs() ?? Number.NaN) - before) / times) * 10) / 10;
}

await client.write(uri, text);
await client.diagnostics(uri);
const typed = positionIn(text, text.indexOf(`fd.name startswith /var/lib/${count >> 1}`));
const macro = positionIn(text, text.indexOf('spawned_process and'));
let length = 0;
const type = async () => {
  const at = { line: typed.line, character: typed.character + length++ };
  await client.change(uri, { start: at, end: at }, 'p');
  return { line: at.line, character: at.character + 1 };
};
const result = {
  rules: count,
  characters: text.length,
  completion_cpu_ms: await mean(20, async () => client.request('textDocument/completion', uri, await type())),
  diagnostics_cpu_ms: await mean(5, async () => {
    await type();
    await client.diagnostics(uri);
  }),
  hover_cpu_ms: await mean(20, () => client.request('textDocument/hover', uri, macro)),
  references_cpu_ms: await mean(20, () =>
    client.request('textDocument/references', uri, macro, { context: { includeDeclaration: true } }),
  ),
  symbols_cpu_ms: await mean(10, () => client.request('textDocument/documentSymbol', uri)),
  semantic_tokens_cpu_ms: await mean(10, () => client.request('textDocument/semanticTokens/full', uri)),
  rename_cpu_ms: await mean(10, () => client.request('textDocument/rename', uri, macro, { newName: 'x' })),
  formatting_cpu_ms: await mean(2, () =>
    client.request('textDocument/formatting', uri, undefined, {
      options: { tabSize: 2, insertSpaces: true },
    }),
  ),
  peak_memory_mb: Math.round(
    Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${client.process.pid}/status`, 'utf8'))?.[1]) / 1024,
  ),
};
await client.stop();
for (const [name, value] of Object.entries(result)) process.stdout.write(`${name.padEnd(24)} ${value}\n`);
process.stdout.write(`${JSON.stringify(result)}\n`);
