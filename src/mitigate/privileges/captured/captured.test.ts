import { describe, expect, it } from 'vitest';
import type {
  CallCount,
  ContainerBehaviour,
  ContainerSide,
  Demand,
  SeenDemand,
} from '../../../triage/index.ts';
import { Toolbox } from '../../checks/toolbox.ts';
import type { PlanContext } from '../../context.ts';
import { finishDraft } from '../../draft.ts';
import { planCapturedAppArmor } from './apparmor.ts';
import { fileRules } from './apparmor-rules.ts';
import { AppArmorSimulator, globMatcher } from './apparmor-simulator.ts';
import { planCapturedSeccomp } from './seccomp.ts';

const file = (path: string, mode: 'r' | 'w' | 'x' | 'l', folder = false): Demand => ({
  kind: 'file',
  path,
  mode,
  folder,
});
const seen = (demand: Demand, firstEvent = 1): SeenDemand => ({
  demand,
  count: 1,
  capture: 'c.scap',
  firstEvent,
  program: '/usr/sbin/nginx',
});

function side(calls: Record<string, number>, demands: readonly SeenDemand[]): ContainerSide {
  const map = new Map<string, CallCount>(
    Object.entries(calls).map(([name, count], n) => [name, { count, firstEvent: n + 1 }]),
  );
  return {
    processes: 1,
    events: [...map.values()].reduce((sum, { count }) => sum + count, 0),
    firstNs: 0n,
    lastNs: 60_000_000_000n,
    calls: map,
    demands,
    demandsLeftOut: 0,
    programs: [],
  };
}

function container(workload: ContainerSide, attack: ContainerSide): ContainerBehaviour {
  return {
    id: 'ac0c2c6d0eff',
    name: 'web',
    image: 'docker.io/library/nginx',
    privileged: false,
    workload,
    attack,
    runtimeEvents: 0,
    startSeen: true,
    capabilities: ['chown', 'net_admin', 'setuid'],
    peers: [],
    recordedCalls: [...new Set([...workload.calls.keys(), ...attack.calls.keys(), 'umount2'])],
    captures: ['c.scap'],
  };
}

/** What the planners read of a context. */
function contextWith(...containers: readonly ContainerBehaviour[]): PlanContext {
  return {
    triage: { capture: { containers } },
    benign: false,
    workload: { kind: 'container' },
    tools: new Toolbox(false),
  } as unknown as PlanContext;
}

describe('AppArmor patterns', () => {
  it.each<[string, string, boolean]>([
    ['/etc/nginx/*', '/etc/nginx/nginx.conf', true],
    ['/etc/nginx/*', '/etc/nginx/conf.d/a', false],
    ['/etc/nginx/*', '/etc/nginx/', false],
    ['/etc/nginx/**', '/etc/nginx/conf.d/a', true],
    ['/proc/[0-9]*/stat', '/proc/17/stat', true],
    ['/proc/[0-9]*/stat', '/proc/self/stat', false],
    ['@{PROC}/@{pid}/stat', '/proc/17/stat', true],
    ['/dev/{null,zero}', '/dev/zero', true],
    ['/dev/{null,zero}', '/dev/null,zero', false],
    ['/tmp/sed??????', '/tmp/sedAb12Cd', true],
    ['/tmp/sed??????', '/tmp/sed/b12Cd', false],
    ['/srv/a\\*b', '/srv/a*b', true],
    ['/srv/a\\*b', '/srv/axb', false],
    ['/srv/a.b+c', '/srv/a.b+c', true],
    ['/srv/a.b+c', '/srv/axbbc', false],
    ['/srv/\n', '/srv/\n', true],
  ])('%j and %j: %s', (pattern, path, matches) => {
    expect(globMatcher(pattern)?.(path)).toBe(matches);
  });

  it.each(['/a{b', '/a}b', '/a[b', '/a[]', '/@{UNKNOWN}/x'])('%j is not understood', (pattern) => {
    expect(globMatcher(pattern)).toBeUndefined();
  });

  it('match in linear time', () => {
    const pattern = `/${'a*'.repeat(24)}b`;
    const started = process.cpuUsage().user;
    expect(globMatcher(pattern)?.(`/${'a'.repeat(5000)}`)).toBe(false);
    expect(process.cpuUsage().user - started).toBeLessThan(2_000_000);
  });
});

describe('the AppArmor simulator', () => {
  const simulator = new AppArmorSimulator(`# comment
abi <abi/3.0>,
#include <tunables/global>

profile p flags=(attach_disconnected) {
  network inet stream,
  capability chown,
  ptrace (read) peer=p,
  /usr/bin/* mrix,
  "/srv/my files/**" rw,
  /etc/** r,
  deny /etc/shadow r,
  deny /usr/bin/curl mrwx,
}
`);

  it('understands what this project writes', () => {
    expect(simulator.problems).toEqual([]);
    expect(new AppArmorSimulator('  change_profile -> x,\n').problems).toEqual([
      'not understood: change_profile -> x,',
    ]);
  });

  it.each<[Demand, boolean]>([
    [file('/usr/bin/id', 'x'), true],
    [file('/usr/bin/id', 'w'), false],
    [file('/usr/bin/curl', 'x'), false],
    [file('/srv/my files/a/b', 'w'), true],
    [file('/etc/passwd', 'r'), true],
    [file('/etc/shadow', 'r'), false],
    [{ kind: 'network', family: 'inet', type: 'stream' }, true],
    [{ kind: 'network', family: 'inet', type: 'dgram' }, false],
    [{ kind: 'capability', name: 'chown' }, true],
    [{ kind: 'capability', name: 'sys_module' }, false],
    [{ kind: 'ptrace' }, false],
    [{ kind: 'mount' }, false],
  ])('%j: %s', (demand, granted) => {
    expect(simulator.grants(demand)).toBe(granted);
  });
});

describe('file rules', () => {
  const never = () => false;

  it('make general what is made anew each time, and only that', () => {
    const { rules } = fileRules(
      [
        seen(file('/proc/4711/stat', 'r')),
        seen(file('/etc/nginx/sedAb12Cd', 'w')),
        seen(file('/etc/nginx/sedAb12Cd', 'r')),
        seen(file('/etc/nginx/Nginx1', 'r')),
        seen(file('/srv/[a]*', 'r')),
        seen(file('/var/lib/x', 'w', true)),
        seen(file('/usr/lib/libc.so.6', 'r')),
        seen(file('/usr/bin/sed', 'x')),
      ],
      never,
    );
    expect(rules.map(({ pattern, modes }) => `${pattern} ${modes}`)).toEqual([
      '/etc/nginx/Nginx1 r',
      '/etc/nginx/sed?????? rwk',
      '/proc/[0-9]*/stat r',
      '/srv/\\[a\\]\\* r',
      '/usr/bin/sed mrix',
      '/usr/lib/libc.so.6 mr',
      '/var/lib/x/ wk',
    ]);
  });

  it('let a folder stand for many files, unless that lets the attack in', () => {
    const many = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => seen(file(`/usr/share/app/${name}`, 'r')));
    expect(fileRules(many, never).rules).toEqual([{ pattern: '/usr/share/app/*', modes: 'r' }]);
    expect(
      fileRules(many, (pattern) => globMatcher(pattern)?.('/usr/share/app/secret') === true).rules,
    ).toHaveLength(6);
  });

  it('name what no profile can hold', () => {
    expect(fileRules([seen(file('/srv/a\nb', 'r'))], never)).toEqual({
      rules: [],
      unwritable: ['/srv/a\nb'],
    });
  });
});

const NGINX = side({ openat: 9, accept4: 3, clone3: 1, close: 4 }, [
  seen(file('/usr/sbin/nginx', 'x')),
  seen(file('/etc/nginx/nginx.conf', 'r')),
  seen({ kind: 'network', family: 'inet', type: 'stream' }),
]);

describe('the seccomp profile', () => {
  const attack = side({ openat: 2, recvfrom: 1, ptrace: 16, process_vm_writev: 2 }, []);

  it('refuses what only the attack called, allows the workload, its families and what was not recorded', async () => {
    const [draft] = planCapturedSeccomp(contextWith(container(NGINX, attack)));
    const mitigation = await finishDraft(draft ?? expect.fail('no draft'));
    expect(mitigation).toMatchObject({ status: 'offered', level: 'simulated' });
    expect(mitigation.values[1]).toBe('process_vm_writev, ptrace');
    expect(mitigation.checks.at(-1)).toMatchObject({
      result: 'passed',
      output:
        'workload: 17 of 17 events pass; attack: 18 of 21 events are refused, by 2 calls that only it made: ptrace (event 3), process_vm_writev (event 4)',
    });
    const profile = JSON.parse(mitigation.artefacts[0]?.content ?? '{}') as {
      defaultAction: string;
      syscalls: { names: string[]; action: string }[];
    };
    expect(profile.defaultAction).toBe('SCMP_ACT_ERRNO');
    const allowed = profile.syscalls[0]?.names ?? [];
    // Of the family of accept4; not recorded of anybody; the runtime's.
    for (const call of ['recvfrom', 'read', 'futex', 'prctl']) expect(allowed).toContain(call);
    for (const call of ['ptrace', 'process_vm_writev', 'umount2', 'clone3', 'mount', 'bpf', 'userfaultfd'])
      expect(allowed).not.toContain(call);
    expect(mitigation.breaks).toContain("Falco's driver records only a part of all system calls");
  });

  it('is not offered when nothing separates attack and workload', async () => {
    const [draft] = planCapturedSeccomp(
      contextWith(container(NGINX, side({ openat: 2, recvfrom: 1, clone: 1 }, []))),
    );
    expect(await finishDraft(draft ?? expect.fail('no draft'))).toMatchObject({
      status: 'refused',
      artefacts: [],
      reason: expect.stringContaining('Nothing separates them'),
    });
  });

  it('is made for each container by itself', () => {
    const other = { ...container(NGINX, attack), id: 'bbbbbbbbbbbb' };
    const drafts = planCapturedSeccomp(contextWith(container(NGINX, attack), other));
    expect(drafts.map(({ id }) => id)).toEqual([
      'privileges.seccomp-from-capture',
      'privileges.seccomp-from-capture.2',
    ]);
    expect(drafts.map(({ artefacts }) => artefacts[0]?.filename)).toEqual([
      'yarak-nginx.json',
      'yarak-nginx-2.json',
    ]);
  });
});

describe('the AppArmor profile', () => {
  it('keeps hostile paths paths, for the simulator and for apparmor_parser where it is installed', async () => {
    const hostile = [
      '/srv/a b',
      '/srv/a"b',
      '/srv/#x',
      '/srv/a,b',
      '/srv/@{PROC}/x',
      '/srv/a\\b',
      '/srv/{a,b}',
      '/srv/[x]',
      '/srv/ä*',
      '/srv/x ix,',
    ];
    const workload = side(
      { openat: 9 },
      hostile.map((path) => seen(file(path, 'r'))),
    );
    const attack = side({ execve: 1 }, [seen(file('/srv/ab', 'r'), 5), seen(file('/srv/x', 'x'), 6)]);
    const context = { ...contextWith(container(workload, attack)), tools: new Toolbox(true) };
    const [draft] = planCapturedAppArmor(context);
    const mitigation = await finishDraft(draft ?? expect.fail('no draft'));
    expect(mitigation.checks.filter(({ result }) => result === 'failed')).toEqual([]);
    expect(mitigation.checks.at(-1)?.output).toContain(
      'workload: 10 different requests of 10 events granted; attack: 2 of 2 requests refused',
    );
  });

  it('grants the workload, refuses the attack, and gives capabilities that are held or used', async () => {
    const attack = side({ execve: 1 }, [
      seen(file('/tmp/x', 'x'), 7),
      seen(file('/etc/nginx/nginx.conf', 'r'), 8),
      seen({ kind: 'network', family: 'inet', type: 'dgram' }, 9),
    ]);
    const [draft] = planCapturedAppArmor(contextWith(container(NGINX, attack)));
    const mitigation = await finishDraft(draft ?? expect.fail('no draft'));
    expect(mitigation.values.slice(1)).toEqual(['run /tmp/x (event 7)', 'network inet dgram (event 9)']);
    const content = mitigation.artefacts[0]?.content ?? '';
    expect(content).toContain('  /usr/sbin/nginx mrix,\n');
    expect(content).toContain('  capability chown,\n  capability setuid,\n');
    expect(content).not.toContain('net_admin');
    expect(mitigation.checks.at(-1)).toMatchObject({
      result: 'passed',
      output:
        'workload: 3 different requests of 3 events granted; attack: 2 of 3 requests refused, 2 events: run /tmp/x (event 7), network inet dgram (event 9)',
    });
  });

  it('is not offered when nothing separates attack and workload, or a path cannot be written down', async () => {
    const same = side({ execve: 1 }, [seen(file('/etc/nginx/nginx.conf', 'r'))]);
    const odd = side({ openat: 1 }, [seen(file('/srv/a\nb', 'r'))]);
    for (const [workload, attack, reason] of [
      [NGINX, same, 'Nothing separates them'],
      [odd, NGINX, 'paths that no profile can hold'],
    ] as const) {
      const [draft] = planCapturedAppArmor(contextWith(container(workload, attack)));
      expect(await finishDraft(draft ?? expect.fail('no draft'))).toMatchObject({
        status: 'refused',
        reason: expect.stringContaining(reason),
      });
    }
  });
});
