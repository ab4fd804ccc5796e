import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { catalogueFor } from '../detect/fields/index.ts';
import { fieldValue, isProblem } from './field-values.ts';

/** The value of a field as it stands in YAML; of a problem, its text. */
function read(field: string, yaml: string, source = 'syscall') {
  const { ref } = catalogueFor(source).resolve(field);
  if (ref === undefined) throw new Error(field);
  const raw: unknown = parse(yaml);
  const plain = (index?: number) => {
    const text = index === undefined ? yaml : (yaml.slice(1, -1).split(',')[index] as string).trim();
    return /^['"[{]/.test(text) ? undefined : text;
  };
  const value = fieldValue(ref, raw, plain);
  return isProblem(value) ? value.problem : value;
}

describe('values of fields', () => {
  it.each([
    ['proc.name', 'bash', 'bash'],
    ['proc.name', 'true', 'true'],
    ['container.id', '12345678e901', '12345678e901'],
    ['container.id', '000000000012', '000000000012'],
    ['proc.args', '""', ''],
    ['proc.tty', '34816', 34816],
    ['proc.tty', '0x8801', 34817],
    ['proc.tty', '"34816"', 34816],
    ['evt.rawres', '-2', -2],
    ['proc.ppid.ts', '18446744073709551615', 18446744073709551615n],
    ['evt.is_open_write', 'true', true],
    ['fd.sip', '10.0.0.1', '10.0.0.1'],
    ['fd.sip', '"::1"', '::1'],
    ['fd.ip', '10.0.0.1', ['10.0.0.1']],
    ['fd.port', '[1024, 443]', [1024, 443]],
    ['proc.aname', '[bash, sshd]', ['bash', 'sshd']],
    ['proc.aname[2]', 'sshd', 'sshd'],
    ['fd.types', '[file, ipv4]', ['file', 'ipv4']],
    ['evt.buffer', 'GET /', Buffer.from('GET /')],
  ])('%s: %s', (field, yaml, value) => {
    expect(read(field, yaml)).toEqual(value);
  });

  it.each([
    ['proc.tty', 'many', 'proc.tty is an integer (UINT32), found "many"'],
    ['proc.tty', '-1', 'proc.tty is an integer (UINT32), found "-1"'],
    ['proc.tty', '4294967296', 'proc.tty is an integer (UINT32), found "4294967296"'],
    ['proc.tty', '1.5', 'proc.tty is an integer (UINT32), found "1.5"'],
    ['proc.tty', 'true', 'proc.tty is an integer (UINT32), found "true"'],
    ['evt.is_open_write', 'yes', 'evt.is_open_write is true or false, found "yes"'],
    ['fd.sip', '10.0.0.256', 'fd.sip is an IP address, found "10.0.0.256"'],
    ['fd.snet', '10.0.0.0/8', 'fd.snet is an IP address, found "10.0.0.0/8"'],
    ['fd.sport', '70000', 'fd.sport is a port, found "70000"'],
    ['proc.name', '[a]', 'proc.name has one value, found a list'],
    ['proc.name', '{a: b}', 'proc.name is a text, found a mapping'],
    ['proc.aname[2]', '[a]', 'proc.aname[2] has one value, found a list'],
    ['fd.types', '[]', 'fd.types has no empty list; leave it out where the event has none'],
    ['fd.types', '[[a]]', 'fd.types is a text, found a list'],
  ])('%s: %s is told', (field, yaml, problem) => {
    expect(read(field, yaml)).toBe(problem);
  });

  it('lists of other sources', () => {
    expect(read('ka.req.pod.containers.image', '[nginx, redis]', 'k8s_audit')).toEqual(['nginx', 'redis']);
    expect(read('ka.req.pod.containers.image[0]', 'nginx', 'k8s_audit')).toEqual('nginx');
  });
});
