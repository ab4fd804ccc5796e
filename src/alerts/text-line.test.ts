import { describe, expect, it } from 'vitest';
import type { Alert } from './alert.ts';
import { readAlertText } from './reader.ts';
import { unescapeOutput } from './text-line.ts';

function read(
  line: string,
  rules?: { name: string; output: string; priority?: string; source?: string }[],
): Alert {
  const { alerts } = readAlertText(line, rules === undefined ? {} : { rules });
  expect(alerts).toHaveLength(1);
  return alerts[0] as Alert;
}

const fieldsOf = (line: string): Record<string, unknown> => Object.fromEntries(read(line).fields);

describe('text lines', () => {
  it.each([
    ['bare', '', undefined, undefined],
    ['kubectl logs --prefix', '[pod/falco-x/falco] ', undefined, undefined],
    ['syslog', 'Nov 24 03:19:21 node-1 falco[12]: ', 'node-1', undefined],
    ['syslog with priority', '<131>Nov  4 03:19:21 node-1 falco: ', 'node-1', undefined],
    ['RFC 5424', '<131>1 2026-11-24T03:19:21.5Z node-1 falco 12 - - ', 'node-1', 1795490361500000000n],
    ['journal', '2026-11-24T03:19:21+0000 node-1 falco[12]: ', 'node-1', 1795490361000000000n],
    ['CRI', '2026-11-24T03:19:21.866122071Z stdout F ', undefined, 1795490361866122071n],
    ['kubectl logs --timestamps', '2026-11-24T03:19:21.866122071Z ', undefined, 1795490361866122071n],
    ['docker compose', 'falco-1  | ', undefined, undefined],
  ])('behind %s', (_, prefix, hostname, timeNs) => {
    const alert = read(
      `${prefix}12:30:35.923510082: Warning Log files were tampered (user=root command=bash file=/var/log/x container_id=host image=<NA>)`,
    );
    expect(alert).toMatchObject({
      priority: 'Warning',
      rule: undefined,
      hostname,
      timeNs,
      fieldsFrom: 'text',
      source: 'syscall',
    });
    expect(alert.output).toMatch(/^12:30:35/);
    expect(Object.fromEntries(alert.fields)).toEqual({
      'user.name': 'root',
      'proc.cmdline': 'bash',
      'fd.name': '/var/log/x',
      'container.id': 'host',
      'container.image.repository': null,
    });
  });

  it('takes the date from the line where it has one', () => {
    expect(read('2024-06-21T08:54:23.812791015+0200: Info x').timeNs).toBe(1718952863812791015n);
  });

  it.each([
    [
      'brackets',
      '(user=root user_loginuid=-1 k8s.ns=default k8s.pod=alpine container=5892b41bcf46 shell=sh parent=<NA> cmdline=sh -c a; (b || c) terminal=34817 container_id=5892b41bcf46 image=repo/x:1.2) k8s.ns=default k8s.pod=alpine container=5892b41bcf46',
      {
        'user.name': 'root',
        'user.loginuid': -1,
        'k8s.ns.name': 'default',
        'k8s.pod.name': 'alpine',
        'container.id': '5892b41bcf46',
        'proc.name': 'sh',
        'proc.pname': null,
        'proc.cmdline': 'sh -c a; (b || c)',
        'proc.tty': 34817,
        'container.image.repository': 'repo/x',
        'container.image.tag': '1.2',
      },
    ],
    [
      'bar',
      '| proc_exe_ino_ctime=1783763098680636080 evt_type=execve user=<NA> user_uid=4294967295 process=sh proc_exepath=/bin/sh parent=containerd-shim command=sh -c x --a=b exe_flags=EXE_WRITABLE container_id=c57ba3de7462 container_image_repository=docker.io/library/nginx container_image_tag=latest k8s_pod_name=p k8s_ns_name=n',
      {
        'proc.exe_ino.ctime': 1783763098680636080n,
        'evt.type': 'execve',
        'user.name': null,
        'user.uid': 4294967295,
        'proc.name': 'sh',
        'proc.exepath': '/bin/sh',
        'proc.pname': 'containerd-shim',
        'proc.cmdline': 'sh -c x --a=b',
        'evt.arg.flags': 'EXE_WRITABLE',
        'container.id': 'c57ba3de7462',
        'container.image.repository': 'docker.io/library/nginx',
        'container.image.tag': 'latest',
        'k8s.pod.name': 'p',
        'k8s.ns.name': 'n',
      },
    ],
    [
      'container info',
      '(user=root command=sh -c echo a=b && sleep 3 docker-mysql (id=97587afcf89c) image=alpine:latest mounts=/etc:/mnt/etc::true:rprivate)',
      {
        'user.name': 'root',
        'proc.cmdline': 'sh -c echo a=b && sleep 3',
        'container.name': 'docker-mysql',
        'container.id': '97587afcf89c',
        'container.image.repository': 'alpine',
        'container.image.tag': 'latest',
        'container.mounts': '/etc:/mnt/etc::true:rprivate',
      },
    ],
    [
      'event arguments',
      '(command=speaker --port=7 socket_info=domain=17(AF_PACKET) type=3 proto=0  container_id=e65ffbf9e87e)',
      {
        'proc.cmdline': 'speaker --port=7',
        'evt.args': 'domain=17(AF_PACKET) type=3 proto=0',
        'container.id': 'e65ffbf9e87e',
      },
    ],
    ['a container by name', 'container=web user=x', { 'container.name': 'web', 'user.name': 'x' }],
    ['unfilled tokens', '(proc_pcmdline=%proc.pcmdline user=root)', { 'user.name': 'root' }],
    [
      'audit',
      '(user=system:unsecured pod=falco ns=kube-system action=exec command=%2Fbin%2Fbash)',
      {
        'ka.user.name': 'system:unsecured',
        'ka.target.name': 'falco',
        'ka.target.namespace': 'kube-system',
        'ka.target.subresource': 'exec',
        'ka.uri.param[command]': '%2Fbin%2Fbash',
      },
    ],
    [
      'commas',
      'verb=create, user=aks, groups=(a,b), target=<NA>',
      { 'ka.verb': 'create', 'ka.user.name': 'aks', 'ka.user.groups': '(a,b)', 'ka.target.name': null },
    ],
  ])('%s', (_, body, fields) => {
    expect(fieldsOf(`12:00:00.000000001: Notice Something ${body}`)).toEqual(fields);
  });

  it("keeps a site's own keys apart", () => {
    expect([...(read('12:00:00.1: Notice x (image=a:1 Custom_Tags=IRT)').custom ?? [])]).toEqual([
      ['Custom_Tags', 'IRT'],
    ]);
  });

  it('does not believe a command line that poses as the container', () => {
    const line =
      '12:00:00.1: Notice x (user=root command=sh -c true image=falcosecurity/falco:1 container_id=host container_id=e2305ecd8227 image=debian:12)';
    const { alerts, diagnostics } = readAlertText(line);
    expect(alerts[0]?.fields.has('container.id')).toBe(false);
    expect(alerts[0]?.fields.has('container.image.repository')).toBe(false);
    expect(diagnostics.map((d) => d.code)).toEqual(['ALERT_AMBIGUOUS_TEXT']);
  });

  it('believes the pod that no free text precedes', () => {
    const line =
      '12:00:00.1: Notice x (k8s.pod=alpine container=f29b261f8831 cmdline=bash -il) k8s.pod=mysql container=f29b261f8831';
    expect(read(line).fields.get('k8s.pod.name')).toBe('alpine');
  });

  it('undoes the escaping of text outputs, if it is one', () => {
    expect(unescapeOutput('a \\"b\\" \\\\ \\u001b')).toBe('a "b" \\ \x1b');
    expect(unescapeOutput('sed s/\\(a\\)/b/')).toBe('sed s/\\(a\\)/b/');
  });
});

describe('rule templates', () => {
  const rules = [
    {
      name: 'Shell',
      output: 'A shell was spawned (user=%user.name cmdline=%proc.cmdline image=%container.image.repository)',
      priority: 'NOTICE',
    },
    {
      name: 'Shell in prod',
      output:
        'A shell was spawned (user=%user.name cmdline=%proc.cmdline image=%container.image.repository) in prod',
      priority: 'NOTICE',
    },
    { name: 'Twin A', output: 'Twins at play (a=%proc.name)', priority: 'ERROR' },
    { name: 'Twin B', output: 'Twins at play (b=%proc.name)', priority: 'ERROR' },
    { name: 'Same A', output: 'Same words here (x=%proc.name)', priority: 'ERROR' },
    { name: 'Same B', output: 'Same words here (x=%proc.pname)', priority: 'DEBUG' },
    {
      name: 'Audit',
      output: 'K8s thing happened (user=%ka.user.name target=%ka.target.name/%ka.target.resource)',
      source: 'k8s_audit',
    },
    { name: 'Anything', output: '%proc.cmdline' },
  ];
  const ruleOf = (body: string, priority = 'Notice'): string | undefined =>
    read(`12:00:00.1: ${priority} ${body}`, rules).rule;

  it('finds the rule by its literals, the longest first', () => {
    expect(ruleOf('A shell was spawned (user=root cmdline=sh image=nginx)')).toBe('Shell');
    expect(ruleOf('A shell was spawned (user=root cmdline=sh image=nginx) container_id=e2305ecd8227')).toBe(
      'Shell',
    );
    expect(ruleOf('A shell was spawned (user=root cmdline=sh image=nginx) in prod')).toBe('Shell in prod');
    expect(ruleOf('A shell was opened (user=root)')).toBeUndefined();
  });

  it('leaves the rule unknown where two fit equally, unless the priority tells', () => {
    expect(ruleOf('Twins at play (b=x)', 'Error')).toBe('Twin B');
    expect(ruleOf('Same words here (x=y)', 'Error')).toBe('Same A');
    expect(ruleOf('Same words here (x=y)', 'Debug')).toBe('Same B');
    expect(ruleOf('Same words here (x=y)', 'Warning')).toBeUndefined();
  });

  it('reads fields by the template, and doubts what someone wrote into a value', () => {
    const alert = read(
      '12:00:00.1: Notice A shell was spawned (user=root cmdline=sh -c x image=falco image=nginx)',
      rules,
    );
    expect(Object.fromEntries(alert.fields)).toEqual({
      'user.name': 'root',
      'proc.cmdline': 'sh -c x image=falco',
    });
  });

  it('takes source and fields from the rule', () => {
    const alert = read('12:00:00.1: Warning K8s thing happened (user=a target=b/c)', rules);
    expect(alert).toMatchObject({ rule: 'Audit', source: 'k8s_audit' });
    expect(Object.fromEntries(alert.fields)).toEqual({
      'ka.user.name': 'a',
      'ka.target.name': 'b',
      'ka.target.resource': 'c',
    });
  });
});
