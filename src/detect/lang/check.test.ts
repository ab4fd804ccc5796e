import { describe, expect, it } from 'vitest';
import { catalogueFor } from '../fields/index.ts';
import { ConditionChecker, EventCodeInference, parseCondition, parseConstant } from './index.ts';

const checkers = {
  syscall: new ConditionChecker(catalogueFor('syscall')),
  k8s_audit: new ConditionChecker(catalogueFor('k8s_audit')),
};

function check(text: string, source: keyof typeof checkers = 'syscall') {
  const { expr } = parseCondition(text);
  if (expr === undefined) throw new Error(`${text} does not parse`);
  return { expr, ...checkers[source].check(expr) };
}

/** The problems, each with the text it points at. */
function issues(text: string, source: keyof typeof checkers = 'syscall'): string[] {
  return check(text, source).issues.map((i) => `${i.code} «${text.slice(i.at.from, i.at.to)}» ${i.message}`);
}

describe('checker', () => {
  it('points at what is wrong, in every comparison', () => {
    expect(issues('proc.nmae = x and (proc.pid in (1, 0x10) or fd.net contains "a")')).toEqual([
      'FIELD_UNKNOWN «proc.nmae» filter_check called with nonexistent field proc.nmae',
      'VALUE_INVALID «0x10» 0x10 is not a valid number',
      'OPERATOR_TYPE «fd.net contains "a"» filter error: \'contains\' operator not supported for ip address and network filters',
    ]);
    expect(check('proc.nmae = x').issues[0]?.suggestion).toBe('proc.name');
  });

  it.each([
    ['evt.type = val(proc.name)', 'EVENT_TYPE_DYNAMIC'],
    ['tolower(evt.type) = open', 'EVENT_TYPE_DYNAMIC'],
    ['evt.type contains "ope"', 'EVENT_TYPE_UNKNOWN'],
    ['join(",",proc.name) = x', 'TRANSFORMER_TYPE'],
    ['join(fd.types) = x', 'TRANSFORMER_TYPE'],
    ['tolower(proc.name)[x] = x', 'TRANSFORMER_TYPE'],
    ['fd.types = file', 'OPERATOR_TYPE'],
    ['evt.buffer bcontains abc', 'VALUE_INVALID'],
    ['fd.snet = ::/0', 'VALUE_INVALID'],
    ['some_macro', 'MACRO_UNDEFINED'],
  ])('%s: %s', (text, code) => {
    expect(check(text).issues.map((i) => i.code)).toEqual([code]);
  });

  it.each([
    'evt.buffer bcontains cafe',
    'fd.types intersects (file, pipe)',
    'proc.name = val(proc.pname)',
    'len(proc.name) > 3',
    'container.mount.dest[/proc] = x',
    'evt.rawarg.res < 0',
    'user.uid = -1',
    'fd.sport = http',
    'syscall.type = nosuch',
    'evt.type = syscall',
  ])('accepts %s', (text) => {
    expect(issues(text)).toEqual([]);
  });

  it('checks lists of audit fields, and one element of them', () => {
    expect(issues('ka.req.pod.containers.privileged intersects (true)', 'k8s_audit')).toEqual([]);
    expect(issues('ka.req.pod.containers.privileged = true', 'k8s_audit')).toHaveLength(1);
    expect(issues('jevt.value[/a] = b', 'k8s_audit')).toEqual([]);
  });

  it('hints at constants that look like something else', () => {
    const hints = (text: string, source?: keyof typeof checkers) =>
      check(text, source).leaves.flatMap((leaf) => leaf.hints.map((hint) => hint.code));
    expect(hints('proc.name = proc.pname')).toEqual(['LOAD_COMPILE_CONDITION']);
    expect(hints('proc.name in (a, "tolower(proc.pname)")')).toEqual(['LOAD_COMPILE_CONDITION']);
    expect(hints('proc.name regex "^abc.*$"')).toEqual(['LOAD_COMPILE_CONDITION']);
    expect(hints('proc.name regex "a[bc]"')).toEqual([]);
    expect(hints('ka.verb = <NA>', 'k8s_audit')).toEqual(['LOAD_UNSAFE_NA_CHECK']);
  });

  it('lists the fields of a comparison', () => {
    const { expr } = check('tolower(proc.args[2]) = val(fd.name)');
    if (expr.kind !== 'compare') throw new Error('expected a comparison');
    expect(checkers.syscall.leaf(expr).fields.map((f) => f.text)).toEqual(['proc.args[2]', 'fd.name']);
  });
});

describe('event codes', () => {
  const inference = new EventCodeInference();
  it.each([
    ['evt.type = open', 2],
    ['not evt.type = open', 452],
    ['evt.type = open and not evt.type = open', 0],
    ['not (evt.type != open or proc.name = x)', 2],
    ['not proc.name = x', 454],
    ['evt.type startswith open', 454],
    ['evt.num = 0', 0],
    ['not evt.num = 0 and evt.type in (open, syscall)', 2],
    ['evt.type = getpid', 2],
  ])('%s', (text, count) => {
    expect(inference.codes(check(text).expr).size).toBe(count);
  });
});

describe('constants', () => {
  it.each([
    ['UINT32', '-1', 4294967295n],
    ['UINT8', '300', 44n],
    ['INT64', ' 7', 7n],
    ['INT64', '99999999999999999999', 9223372036854775807n],
    ['PORT', '99999', 34463n],
    ['PORT', 'ssh', 22n],
  ])('%s %s', (type, text, value) => {
    expect(parseConstant(type, text)).toEqual({ kind: 'integer', value });
  });

  it.each([
    ['INT64', '7 '],
    ['PORT', '-1'],
    ['PORT', 'constructor'],
    ['IPADDR', '1.2.3'],
    ['IPADDR', '01.2.3.4'],
    ['IPADDR', 'fe80:::1'],
    ['IPNET', '10.0.0.0/33'],
    ['BOOL', 'TRUE'],
  ])('%s rejects %s', (type, text) => {
    expect(parseConstant(type, text).kind).toBe('error');
  });

  it('reads addresses and networks', () => {
    expect(parseConstant('IPADDR', '::1')).toEqual({
      kind: 'address',
      bytes: Uint8Array.from([...Array<number>(15).fill(0), 1]),
    });
    expect(parseConstant('IPNET', '10.1.0.0/16')).toEqual({
      kind: 'network',
      bytes: Uint8Array.from([10, 1, 0, 0]),
      prefix: 16,
    });
  });
});
