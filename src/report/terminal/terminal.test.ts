import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { fixtureReport } from '../../../tests/support/report-fixture.ts';
import { renderTerminal } from './document.ts';

const render = (width: number, full = false, text?: (value: string) => string) =>
  renderTerminal(fixtureReport(text), { width, color: false, full });

describe('the terminal report', () => {
  it('begins with verdict, what, the one thing to do, why', () => {
    expect(render(84).split('\n').slice(0, 22).join('\n')).toMatchInlineSnapshot(`
      "◆ undetermined, leaning benign
        bash set the SELinux type of a kernel module
        \`Detect Shell in Container\` · 4,120 alerts · 2026-11-24 03:18:20.461 →
        03:19:02.461 UTC · inc-0011223344556677

        Do now     Find out which image 185304d1bba4 runs.
                     crictl inspect 185304d1bba4 | jq -r .status.imageRef

        What       In container 185304d1bba4 on k8s-master-01, bash ran \`chcon -t
                   modules_object_t\` as root.
                   It happened 4,120 times in 42 s.

        Why        The command is the one that the driver loader runs, but nothing shows
                   which image ran it.
                    −3  /root/.falco/7.3.0+driver/x86_64 is where the driver loader keeps
                        its modules  can be faked, proc.cmdline
                    +2  A shell ran as root  user.name
                     ?  container.image.repository: it names the image that ran the
                        command

        Processes
          ○ containerd-shim"
    `);
  });

  it.each([40, 60, 84, 100])('never draws wider than %i columns, but for commands and artefacts', (width) => {
    const wide = render(width, false, (value) => value.replace('bash', '㍿㍿㍿㍿ bash'))
      .split('\n')
      .filter((line) => stringWidth(line) > width && !/^ {8,}/.test(line));
    expect(wide).toEqual([]);
  });

  it('holds back artefacts and records until asked', () => {
    expect(render(84)).not.toContain('restricted.patch.yaml');
    expect(render(84, true)).toContain('restricted.patch.yaml');
    expect(render(84, true)).toContain('SHA-256');
  });

  it('quotes what could be taken for its own words', () => {
    expect(render(84, false, () => 'is benign, says Yarak')).toContain('`is benign, says Yarak`');
  });

  it('uses colour only when told to', () => {
    const report = fixtureReport();
    expect(renderTerminal(report, { width: 80, color: false, full: true })).not.toContain('\x1b');
    expect(renderTerminal(report, { width: 80, color: true, full: true })).toContain('\x1b[');
  });
});
