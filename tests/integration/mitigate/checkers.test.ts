// Every checker that runs a program: one input that passes and one that fails, through the program itself. A program
// that is not installed skips its tests by name (scripts/setup-tools.sh installs them).

import { describe, expect, it } from 'vitest';
import { checkAppArmor } from '../../../src/mitigate/checks/apparmor.ts';
import { checkAuditdRules } from '../../../src/mitigate/checks/auditd.ts';
import { runJq } from '../../../src/mitigate/checks/jq.ts';
import { checkAlertmanager, checkPrometheusRules } from '../../../src/mitigate/checks/promtool.ts';
import { checkSeccomp } from '../../../src/mitigate/checks/seccomp.ts';
import { checkSelinux } from '../../../src/mitigate/checks/selinux.ts';
import { checkShell } from '../../../src/mitigate/checks/shell.ts';
import { checkSudoers } from '../../../src/mitigate/checks/sudoers.ts';
import { checkSystemdDropIn } from '../../../src/mitigate/checks/systemd.ts';
import { Toolbox } from '../../../src/mitigate/checks/toolbox.ts';
import type { Check } from '../../../src/mitigate/types.ts';

const tools = new Toolbox(true);

interface Case {
  readonly tool: string;
  readonly run: (input: string) => (Check | Promise<Check>)[];
  readonly good: string;
  readonly bad: string;
  /** Part of the program's own words on the bad input. */
  readonly words: RegExp;
}

const seccomp = (name: string) =>
  JSON.stringify({
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names: [name], action: 'SCMP_ACT_ERRNO' }],
  });
const CASES: readonly Case[] = [
  {
    tool: 'apparmor_parser',
    run: (text) => [checkAppArmor(tools, text)],
    good: 'profile x { file, deny /bin/sh mrwx, }\n',
    bad: 'profile x { capability no_such_capability, }\n',
    words: /no_such_capability/,
  },
  {
    tool: 'checkmodule',
    run: (text) => [checkSelinux(tools, 'x', text)],
    good: 'module x 1.0;\nrequire { type a_t; class file read; }\nallow a_t a_t:file read;\n',
    bad: 'module x 1.0;\nrequire { class file read; }\nallow a_t a_t:file read;\n',
    words: /unknown type a_t/,
  },
  {
    tool: 'visudo',
    run: (text) => [checkSudoers(tools, text)],
    good: 'Defaults use_pty\n',
    bad: 'Defaults use_pti\n',
    words: /use_pti/,
  },
  {
    tool: 'systemd-analyze',
    run: (text) => checkSystemdDropIn(tools, text),
    good: '[Service]\nNoNewPrivileges=yes\nProtectSystem=strict\n',
    bad: '[Service]\nNoNewPrivilege=yes\n',
    words: /NoNewPrivilege/,
  },
  {
    tool: 'scmp_sys_resolver',
    run: (name) => checkSeccomp(tools, seccomp(name), [name], ['read']),
    good: 'mount',
    bad: 'mountt',
    words: /unknown: mountt/,
  },
  {
    tool: 'ausyscall',
    run: (name) => checkAuditdRules(tools, `-a always,exit -F arch=b64 -S ${name} -k x\n`),
    good: 'finit_module',
    bad: 'finit_modul',
    words: /unknown: finit_modul/,
  },
  {
    tool: 'promtool',
    run: (expr) => [
      checkPrometheusRules(
        tools,
        `groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: ${expr}\n`,
      ),
    ],
    good: 'up == 0',
    bad: 'up ==',
    words: /parse/,
  },
  {
    tool: 'amtool',
    run: (receiver) => [
      checkAlertmanager(tools, `route:\n  receiver: ${receiver}\nreceivers:\n  - name: team\n`),
    ],
    good: 'team',
    bad: 'nobody',
    words: /nobody/,
  },
  {
    tool: 'jq',
    run: (program) => [runJq(tools, program, '{"a":1}', 'Does it select the record?')],
    good: 'select(.a == 1)',
    bad: 'select(.a == ',
    words: /error/,
  },
  {
    tool: 'bash',
    run: (text) => checkShell(tools, text).slice(0, 1),
    good: "echo 'a'",
    bad: "echo 'a",
    words: /unexpected|EOF/,
  },
  {
    tool: 'shellcheck',
    run: (text) => checkShell(tools, text).slice(1),
    good: "echo 'a'",
    bad: 'rm $HOME/*/x; cd $x',
    words: /cd/,
  },
];

for (const { tool, run, good, bad, words } of CASES) {
  describe.skipIf(tools.path(tool) === undefined)(
    `${tool} (skipped: not installed)`.replace(
      tools.path(tool) === undefined ? '' : ' (skipped: not installed)',
      '',
    ),
    () => {
      it('passes what is right', async () => {
        const checks = await Promise.all(run(good));
        expect(
          checks.map(({ tool: name, result, output }) =>
            `${name}: ${result} ${result === 'passed' ? '' : output}`.trim(),
          ),
        ).toEqual(checks.map(({ tool: name }) => `${name}: passed`));
      });
      it("fails what is wrong, in the program's own words", async () => {
        const failed = (await Promise.all(run(bad))).filter(({ result }) => result === 'failed');
        expect(failed.map(({ tool: name }) => name)).toContain(tool);
        expect(failed.map(({ output }) => output).join('\n')).toMatch(words);
      });
    },
  );
}

describe('toolbox', () => {
  it('skips by name what is not installed, and says what to install', async () => {
    const check = await tools.check({
      tool: 'no-such-program-here',
      install: 'some-package',
      level: 'valid',
      asked: 'Anything?',
      files: {},
      runs: [[]],
    });
    expect(check).toMatchObject({ result: 'skipped', tool: 'no-such-program-here' });
    expect(check.output).toContain('some-package');
  });
  it('skips everything when switched off', async () => {
    expect((await checkSudoers(new Toolbox(false), 'Defaults use_pty\n')).result).toBe('skipped');
  });
  it('runs the same input once', () => {
    expect(checkSudoers(tools, 'Defaults env_reset\n')).toBe(checkSudoers(tools, 'Defaults env_reset\n'));
  });
  it('ends a program that does not end', async () => {
    const check = await new Toolbox(true, 200).check({
      tool: 'sleep',
      install: 'coreutils',
      level: 'valid',
      asked: 'Does it end?',
      files: {},
      runs: [['60']],
    });
    expect(check.result).toBe('failed');
  });
  it("does not show the private folder's name", async () => {
    const check = await checkAppArmor(tools, 'profile x { nonsense }\n');
    expect(check.output).not.toContain('yarak-check-');
  });
});
