// What every operator means for every type: falco-engine-spec 2.4 to 2.6, quirks included.

import { describe, expect, it } from 'vitest';
import { catalogueFor, type Value } from '../fields/index.ts';
import { parseCondition } from '../lang/index.ts';
import { interpret } from './interpret.ts';
import { catalogueResolver } from './operand.ts';
import { recordAccess } from './record-access.ts';

const resolve = catalogueResolver(catalogueFor('syscall'));
const TIME = 1_500_000_000_123_456_789n;

function run(condition: string, fields: Record<string, Value>): boolean {
  const { expr, error } = parseCondition(condition);
  if (expr === undefined) throw new Error(error.message);
  return interpret(
    expr,
    recordAccess('syscall'),
    resolve,
  )({ timeNs: TIME, fields: new Map(Object.entries(fields)) });
}

type Row = readonly [condition: string, fields: Record<string, Value>, expected: boolean];

const bash = { 'proc.name': 'bash' };
const text: Row[] = [
  ['proc.name = bash', bash, true],
  ['proc.name == bash', bash, true],
  ['proc.name != bash', bash, false],
  ['proc.name != zsh', bash, true],
  ['proc.name != zsh', {}, false],
  ['not proc.name = zsh', {}, true],
  ['proc.name exists', {}, false],
  ['proc.name exists', { 'proc.name': '' }, true],
  ['proc.name < 5', { 'proc.name': '4a' }, true],
  ['proc.name >= 5', { 'proc.name': '4a' }, false],
  // By code points, not by UTF-16 units.
  ['proc.name >= tolower(fd.name)', { 'proc.name': '\u{10000}', 'fd.name': '\uffff' }, true],
  ['proc.name contains as', bash, true],
  ['proc.name contains AS', bash, false],
  ['proc.name icontains AS', bash, true],
  // The Kelvin sign is no ASCII letter.
  ['proc.name icontains k', { 'proc.name': '\u212a' }, false],
  ['proc.name startswith ""', bash, true],
  ['proc.name startswith ba', bash, true],
  ['proc.name endswith sh', bash, true],
  ['proc.name endswith shh', bash, false],
  ['proc.name in (zsh, bash)', bash, true],
  ['proc.name in ()', bash, false],
  ['proc.name intersects (zsh, bash)', bash, true],
  ['fd.name glob "/etc/*.d"', { 'fd.name': '/etc/x/y.d' }, true],
  ['fd.name glob "/etc/[!a-c]?"', { 'fd.name': '/etc/dx' }, true],
  ['fd.name glob "/ETC/*"', { 'fd.name': '/etc/x' }, false],
  ['fd.name iglob "/ETC/*"', { 'fd.name': '/etc/x' }, true],
  ['fd.name glob "?"', { 'fd.name': 'é' }, false],
  ['fd.name glob "??"', { 'fd.name': 'é' }, true],
  ['fd.name regex "/etc/[a-z]+"', { 'fd.name': '/etc/shadow' }, true],
  ['fd.name regex "/etc/[a-z]+"', { 'fd.name': '/etc/shadow1' }, false],
  ['fd.name regex "(a|ab)(c|bcd)"', { 'fd.name': 'abcd' }, true],
  ['fd.name pmatch (/etc, /usr/bin)', { 'fd.name': '/etc/shadow' }, true],
  ['fd.name pmatch (/etc/sh)', { 'fd.name': '/etc/shadow' }, false],
  ['fd.name pmatch (/)', { 'fd.name': 'x' }, true],
  ['fd.name pmatch (etc)', { 'fd.name': '/etc//shadow' }, true],
  ['fd.name pmatch ("/home/*/.ssh")', { 'fd.name': '/home/eve/.ssh/id_rsa' }, true],
  ['fd.name pmatch ("/*/b", "/a*/c")', { 'fd.name': '/ax/c/d' }, true],
  ['fd.name pmatch ()', { 'fd.name': '/etc' }, false],
];

const modifiers: Row[] = [
  ['proc.cmdline contains anyof (a, b)', { 'proc.cmdline': 'xb' }, true],
  ['proc.cmdline contains oneof (a, b)', { 'proc.cmdline': 'ab' }, false],
  ['proc.cmdline contains oneof (a, b)', { 'proc.cmdline': 'xb' }, true],
  ['proc.cmdline contains allof (a, b)', { 'proc.cmdline': 'ab' }, true],
  ['proc.cmdline contains allof (a, b)', { 'proc.cmdline': 'a' }, false],
  ['proc.cmdline contains allof ()', { 'proc.cmdline': 'a' }, false],
  ['proc.name = anyof (bash, sh)', bash, true],
  ['proc.name != allof (zsh, sh)', bash, true],
  ['proc.name != allof (bash, sh)', bash, false],
  ['proc.name != anyof (bash, sh)', bash, true],
  ['proc.name != anyof (bash)', bash, false],
  ['proc.name = oneof (bash, bash)', bash, false],
];

const numbers: Row[] = [
  ['fd.num >= 3', { 'fd.num': 3 }, true],
  ['fd.num < 3', { 'fd.num': 3 }, false],
  ['user.uid = -1', { 'user.uid': 4294967295 }, true],
  ['user.loginuid = -1', { 'user.loginuid': -1 }, true],
  ['evt.rawres in (-2, -13)', { 'evt.rawres': -13 }, true],
  ['proc.exe_ino = 9007199254740993', { 'proc.exe_ino': 9007199254740993n }, true],
  ['proc.exe_ino = 9007199254740992', { 'proc.exe_ino': 9007199254740993n }, false],
  ['proc.exe_ino in (9007199254740993, 5)', { 'proc.exe_ino': 9007199254740993n }, true],
  ['proc.exe_ino in (4, 5)', { 'proc.exe_ino': 5n }, true],
  ['proc.exe_ino != 5', { 'proc.exe_ino': 5n }, false],
  ['proc.exe_ino > 9007199254740992', { 'proc.exe_ino': 9007199254740993n }, true],
  ['evt.cpu = 65537', { 'evt.cpu': 1 }, true],
  ['fd.sport = 99999', { 'fd.sport': 99999 % 65536 }, true],
  ['fd.sport in (80, 443)', { 'fd.sport': 443 }, true],
  ['proc.pid = val(proc.vpid)', { 'proc.pid': 7, 'proc.vpid': 7 }, true],
  ['proc.pid = val(proc.vpid)', { 'proc.pid': 7 }, false],
  ['proc.pid < val(proc.ppid)', { 'proc.pid': 7, 'proc.ppid': 8 }, true],
  ['evt.is_open_write = true', { 'evt.is_open_write': true }, true],
  ['evt.is_open_write != true', { 'evt.is_open_write': true }, false],
  ['evt.is_open_write in (false)', { 'evt.is_open_write': true }, false],
  ['evt.around[1500000000123000000] = 1', {}, true],
  ['evt.around[1500000000123000000] = 0', {}, false],
];

const addresses: Row[] = [
  ['fd.sip = 10.0.0.1', { 'fd.sip': '10.0.0.1' }, true],
  ['fd.sip in ("::1", 10.0.0.1)', { 'fd.sip': '10.0.0.1' }, true],
  ['fd.sip = "2001:DB8:0::1"', { 'fd.sip': '2001:db8::1' }, true],
  ['fd.sip != 10.0.0.1', { 'fd.sip': '::1' }, true],
  ['fd.sip = 10.0.0.1', { 'fd.sip': '::1' }, false],
  ['fd.snet = 10.0.0.0/8', { 'fd.snet': '10.9.9.9' }, true],
  ['fd.snet in (192.168.0.0/16, 10.9.9.9/9)', { 'fd.snet': '10.1.1.1' }, true],
  ['fd.snet != 10.0.0.0/8', { 'fd.snet': '::1' }, true],
  ['fd.snet = "fe80::/10"', { 'fd.snet': 'febf::1' }, true],
  ['fd.snet = "fe80::/10"', { 'fd.snet': 'fec0::1' }, false],
  // Either end, both ends for `!=`; one network only.
  ['fd.ip = 10.0.0.1', { 'fd.ip': ['10.0.0.2', '10.0.0.1'] }, true],
  ['fd.ip != 10.0.0.1', { 'fd.ip': ['10.0.0.2', '10.0.0.1'] }, false],
  ['fd.ip != 10.0.0.1', { 'fd.ip': [] }, false],
  ['fd.ip exists', { 'fd.ip': [] }, true],
  ['fd.port > 1000', { 'fd.port': [80, 4000] }, true],
  ['fd.port intersects (80)', { 'fd.port': [80, 4000] }, false],
  ['fd.net in (10.0.0.0/8, 192.168.0.0/16)', { 'fd.net': ['192.168.0.1'] }, false],
  ['fd.net in (192.168.0.0/16, 10.0.0.0/8)', { 'fd.net': ['1.1.1.1', '192.168.0.1'] }, true],
];

const lists: Row[] = [
  ['fd.types in (file, ipv4)', { 'fd.types': ['file', 'file'] }, true],
  ['fd.types in (file)', { 'fd.types': ['file', 'ipv4'] }, false],
  ['fd.types intersects (file)', { 'fd.types': ['file', 'ipv4'] }, true],
  ['fd.types intersects (pipe)', { 'fd.types': ['file', 'ipv4'] }, false],
  ['fd.types in (file)', { 'fd.types': [] }, false],
  ['proc.aname = sshd', { 'proc.aname': ['bash', 'sshd'] }, true],
  ['proc.aname != sshd', { 'proc.aname': ['bash', 'sshd'] }, true],
  ['proc.aname != sshd', { 'proc.aname': ['sshd'] }, false],
  ['proc.aname contains oneof (ss, sshd)', { 'proc.aname': ['ssx'] }, true],
  ['proc.aname exists', { 'proc.aname': [] }, false],
  ['proc.aname[2] = sshd', { 'proc.aname[2]': 'sshd' }, true],
  ['len(fd.types) = 2', { 'fd.types': ['file', 'ipv4'] }, true],
];

const bytes: Row[] = [
  ['evt.buffer contains abc', { 'evt.buffer': new TextEncoder().encode('xxabcx') }, true],
  ['evt.buffer bcontains 6162', { 'evt.buffer': new TextEncoder().encode('xxabcx') }, true],
  ['evt.buffer bstartswith 78', { 'evt.buffer': new TextEncoder().encode('xxabcx') }, true],
  ['evt.buffer endswith cx', { 'evt.buffer': new TextEncoder().encode('xxabcx') }, true],
  ['evt.buffer = x', { 'evt.buffer': new TextEncoder().encode('xx') }, false],
  ['evt.buffer in (x, xx)', { 'evt.buffer': new TextEncoder().encode('xx') }, true],
  ['evt.rawarg.res = -2', { 'evt.rawarg.res': -2 }, true],
  ['evt.rawarg.res < 0', { 'evt.rawarg.res': -2n }, true],
  ['evt.rawarg.res = 5', { 'evt.rawarg.res': 'x' }, false],
];

const transformers: Row[] = [
  ['tolower(proc.name) = bash', { 'proc.name': 'BASH' }, true],
  ['toupper(proc.name) = "BASHé"', { 'proc.name': 'bashé' }, true],
  ['basename(proc.exepath) = sh', { 'proc.exepath': '/bin/sh' }, true],
  ['basename(proc.exepath) = sh', { 'proc.exepath': 'sh' }, true],
  ['len(proc.name) = 2', { 'proc.name': 'é' }, true],
  ['b64(proc.name) = hi', { 'proc.name': 'aGk' }, true],
  ['b64(proc.name) exists', { 'proc.name': '?' }, false],
  ['proc.name = tolower(proc.pname)', { 'proc.name': 'sh', 'proc.pname': 'SH' }, true],
  ['concat(proc.name, "-", proc.pname) = a-b', { 'proc.name': 'a', 'proc.pname': 'b' }, true],
  ['concat(proc.name, "-", proc.pname) exists', { 'proc.name': 'a' }, false],
  ['join(",", (proc.name, "x")) = "a,x"', { 'proc.name': 'a' }, true],
];

const junctions: Row[] = [
  ['proc.name = a or not proc.name = bash', bash, false],
  ['proc.name = bash and (fd.name = x or proc.name = bash)', bash, true],
  ['not (proc.name = a and fd.name = b)', {}, true],
];

describe.each([
  ['text', text],
  ['modifiers', modifiers],
  ['numbers', numbers],
  ['addresses', addresses],
  ['lists and candidates', lists],
  ['bytes', bytes],
  ['transformers', transformers],
  ['and, or, not', junctions],
])('%s', (_name, rows) => {
  it.each(rows)('%s with %o: %s', (condition, fields, expected) => {
    expect(run(condition, fields)).toBe(expected);
  });
});
