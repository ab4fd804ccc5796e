import { describe, expect, it } from 'vitest';
import { catalogueFor, knownSources } from './index.ts';

const syscall = catalogueFor('syscall');
const bare = catalogueFor('syscall', { plugins: false });
const audit = catalogueFor('k8s_audit');

/** `NAME|ARG|TYPE`, or the error. */
function found(text: string, catalogue = syscall): string {
  const { ref, error } = catalogue.resolve(text);
  return ref ? `${ref.def.name}|${ref.arg ?? ''}|${ref.type}` : error;
}

describe('field lookup', () => {
  it.each([
    ['proc.name', 'proc.name||CHARBUF'],
    ['proc.aname[2]', 'proc.aname|2|CHARBUF'],
    ['proc.aexepath[1]', 'proc.aexepath|1|CHARBUF'],
    ['proc.aname[x]', 'filter_check called with nonexistent field proc.aname[x]'],
    ['proc.namex', 'filter_check called with nonexistent field proc.namex'],
    ['proc.env[HOME]', 'proc.env|HOME|CHARBUF'],
    ['evt.arg.flags', 'evt.arg|flags|CHARBUF'],
    ['evt.arg[0]', 'evt.arg|0|CHARBUF'],
    ['evt.args', 'evt.args||CHARBUF'],
    ['evt.arg', 'filter syntax error: evt.arg'],
    ['evt.argx', 'filter syntax error: evt.argx'],
    ['evt.arg.nope', 'unknown event argument nope'],
    ['evt.arg[x]', 'x is not a valid number'],
    ['evt.rawarg.res', 'evt.rawarg|res|ERRNO'],
    ['evt.rawarg[0]', 'evt.arg fields must be expressed explicitly'],
    ['evt.type.is.open', 'evt.type.is|open|UINT32'],
    ['thread.cgroup.memory', 'thread.cgroup|memory|CHARBUF'],
    ['thread.cgroups', 'thread.cgroups||CHARBUF'],
    ['fd.types[0]', 'fd.types|0|CHARBUF'],
    ['container.id', 'container.id||CHARBUF'],
    ['container.mount.dest[/proc*]', 'container.mount.dest|/proc*|CHARBUF'],
    ['k8s.pod.label', 'filter k8s.pod.label k8s.pod.label requires an argument but none provided'],
    [
      'container.id[0]',
      'filter container.id[0] container.id does not allow nor require an argument but one is provided',
    ],
  ])('%s', (text, expected) => {
    expect(found(text)).toBe(expected);
  });

  it('gives each source its own fields', () => {
    expect(found('ka.verb')).toBe('filter_check called with nonexistent field ka.verb');
    expect(found('ka.verb', audit)).toBe('ka.verb||CHARBUF');
    expect(found('jevt.value[/a/b]', audit)).toBe('jevt.value|/a/b|CHARBUF');
    expect(found('proc.name', audit)).toContain('nonexistent');
    expect(found('evt.num', audit)).toBe('evt.num||UINT64');
    expect(found('container.id', bare)).toContain('nonexistent');
  });

  it('describes every field of every source in one sentence', () => {
    for (const source of knownSources()) {
      for (const field of catalogueFor(source).fields) {
        expect(field.description, field.name).toMatch(/^\S.{6,}[^.]$/s);
      }
    }
    expect(bare.fields.length).toBe(233);
  });

  it('knows the sources of the cloud plugins', () => {
    expect(found('ct.user.arn', catalogueFor('aws_cloudtrail'))).toBe('ct.user.arn||CHARBUF');
    expect(found('s3.bytes', catalogueFor('aws_cloudtrail'))).toBe('s3.bytes||UINT64');
    expect(found('okta.mfa.deny.countlast[60]', catalogueFor('okta'))).toBe(
      'okta.mfa.deny.countlast|60|UINT64',
    );
    expect(found('okta.mfa.deny.countlast[x]', catalogueFor('okta'))).toContain('invalid index');
    expect(catalogueFor('github').fields.filter((f) => f.cls === 'github')).toHaveLength(25);
    expect(catalogueFor('gcp_auditlog').fields.filter((f) => f.cls === 'gcp')).toHaveLength(25);
  });

  it('suggests the nearest name', () => {
    expect(syscall.nearest('proc.nmae')).toBe('proc.name');
    expect(syscall.nearest('completely.different')).toBeUndefined();
  });
});
