import { describe, expect, it } from 'vitest';
import { auditLevel, validateAuditPolicy } from './audit-policy.ts';
import { validateAuditdRules } from './auditd.ts';
import { admissionMatches, admit, checkAdmission } from './cel.ts';
import { validateCommands } from './commands.ts';
import { validateDockerfile } from './dockerfile.ts';
import { validateKubernetes } from './kubernetes-schema.ts';
import { allowsEgress, checkNetworkPolicy } from './network-policy.ts';
import { levelOf } from './pod-security.ts';
import { checkElasticsearch, validateLogQl } from './query-text.ts';
import { seccompAction, validateSeccomp } from './seccomp.ts';
import { validateSysctl } from './sysctl.ts';
import { checkDiff, unifiedDiff } from './unified-diff.ts';

const pod = (spec: Record<string, unknown>, container: Record<string, unknown> = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p' },
  spec: { ...spec, containers: [{ name: 'c', image: 'i', ...container }] },
});
const restricted = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

describe('Kubernetes schema', () => {
  it.each<[string, unknown, RegExp]>([
    [
      'misspelt key',
      pod({}, { securityContext: { runAsNonroot: true } }),
      /runAsNonroot: unknown key; did you mean runAsNonRoot/,
    ],
    [
      'container key at pod level',
      pod({ securityContext: { readOnlyRootFilesystem: true } }),
      /readOnlyRootFilesystem: unknown key/,
    ],
    ['wrong type', pod({ hostPID: 'no' }), /hostPID: expected true or false, found "no"/],
    ['missing required key', { apiVersion: 'v1', kind: 'Pod', spec: {} }, /spec.containers: required/],
    ['wrong value', pod({ restartPolicy: 'always' }), /did you mean Always/],
    ['wrong quantity', pod({}, { resources: { limits: { memory: '1 GB' } } }), /expected a quantity/],
    ['wrong group', { apiVersion: 'v1', kind: 'Deployment' }, /Deployment is in apps\/v1/],
    ['unknown kind', { apiVersion: 'v1', kind: 'Podd' }, /did you mean Pod/],
  ])('refuses a %s', (_name, object, words) => {
    expect(validateKubernetes(object).join('\n')).toMatch(words);
  });
  it('takes what is right', () => {
    expect(
      validateKubernetes(
        pod({ hostUsers: false, volumes: [{ name: 'v', emptyDir: {} }] }, { securityContext: restricted }),
      ),
    ).toEqual([]);
  });
  it('knows since when a field is there', () => {
    const object = pod({ schedulingGroup: {} });
    expect(validateKubernetes(object, '1.34').join()).toMatch(/not in Kubernetes 1.34/);
    expect(validateKubernetes(object, '1.36')).toEqual([]);
  });
});

describe('Pod Security', () => {
  it.each<[string, unknown, string]>([
    ['privileged', pod({}, { securityContext: { privileged: true } }), 'privileged'],
    ['a hostPath', pod({ volumes: [{ name: 'h', hostPath: { path: '/' } }] }), 'privileged'],
    ['a host namespace', pod({ hostPID: true }), 'privileged'],
    [
      'a strong capability',
      pod({}, { securityContext: { capabilities: { add: ['SYS_ADMIN'] } } }),
      'privileged',
    ],
    ['nothing set', pod({}), 'baseline'],
    [
      'root by number',
      pod({ securityContext: { runAsUser: 0 } }, { securityContext: restricted }),
      'baseline',
    ],
    [
      'an nfs volume',
      pod({ volumes: [{ name: 'n', nfs: { server: 's', path: '/' } }] }, { securityContext: restricted }),
      'baseline',
    ],
    ['everything right', pod({}, { securityContext: restricted }), 'restricted'],
  ])('%s is %s', (_name, object, level) => {
    expect(levelOf(object)?.level).toBe(level);
  });
  it('looks into init containers', () => {
    expect(
      levelOf(
        pod(
          { initContainers: [{ name: 'i', securityContext: { privileged: true } }] },
          { securityContext: restricted },
        ),
      )?.level,
    ).toBe('privileged');
  });
});

describe('admission policy', () => {
  const policy = (expression: string, resources = ['pods']) => ({
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources }],
      },
      variables: [{ name: 'n', expression: 'size(object.spec.containers)' }],
      validations: [{ expression, message: 'no' }],
    },
  });
  it('runs CEL with variables', async () => {
    expect(await admit(policy('variables.n == 1'), pod({}))).toEqual({
      allowed: true,
      messages: [],
      errors: [],
    });
    expect((await admit(policy('variables.n > 1'), pod({}))).messages).toEqual(['no']);
  });
  it('denies where an expression fails', async () => {
    const result = await admit(policy('object.spec.nothing.at.all'), pod({}));
    expect(result.allowed).toBe(false);
    expect(result.errors).toHaveLength(1);
  });
  it('fails a policy that lets the offending object in, or matches another kind', async () => {
    expect((await checkAdmission(policy('true'), pod({}), pod({}))).output).toMatch(
      /offending object is let in/,
    );
    expect(admissionMatches(policy('true', ['services']), pod({}))).toBe(false);
  });
});

describe('audit policy', () => {
  const policy = {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    rules: [
      { level: 'RequestResponse', resources: [{ group: '', resources: ['pods/exec'] }] },
      { level: 'Metadata' },
    ],
  };
  it('gives the first matching level', () => {
    const request = { user: 'u', verb: 'create', group: '' };
    expect(auditLevel(policy, { ...request, resource: 'pods/exec' })).toBe('RequestResponse');
    expect(auditLevel(policy, { ...request, resource: 'pods' })).toBe('Metadata');
  });
  it('refuses unknown keys and levels', () => {
    expect(validateAuditPolicy({ ...policy, rules: [{ level: 'All', resource: [] }] }).join()).toMatch(
      /resource: unknown key; did you mean resources.*level: expected/,
    );
    expect(validateAuditPolicy(policy)).toEqual([]);
  });
});

describe('auditd rules', () => {
  it.each([
    ['-a always,exit -F arch=b64 -S execve -F auid>=1000 -F auid!=unset -k x', ''],
    ['-w /etc/passwd -p wa -k identity', ''],
    ['-a always,exit -S execve', '-S without -F arch'],
    ['-a always,exit -S execve -F arch=b64', '-F arch must come before -S'],
    ['-a allways,exit -F arch=b64 -S execve', 'expected ACTION,LIST'],
    ['-w etc/passwd -p wa', 'absolute path'],
    ['-a always,exit -F arch=b64 -F owner=0 -S execve', 'unknown field owner'],
    ['-x', 'needs a value'],
  ])('%s: %s', (line, words) => {
    const { problems } = validateAuditdRules(line);
    if (words === '') expect(problems).toEqual([]);
    else expect(problems.join('\n')).toContain(words);
  });
});

describe('Dockerfile', () => {
  it.each([
    ['FROM a\nUSER 1000', ''],
    ['FROM a AS b\nRUN x\nFROM c\nCOPY --from=b /x /x\nUSER 65532:65532', ''],
    ['FROM a', 'names no USER'],
    ['FROM a\nUSER root', 'runs as root'],
    ['FROM a\nRUNN x\nUSER 1', 'unknown instruction RUNN'],
    ['FROM a\nCOPY --from=b /x /x\nUSER 1', 'no stage b'],
    ['RUN x\nFROM a\nUSER 1', 'RUN before FROM'],
  ])('%j: %s', (text, words) => {
    const problems = validateDockerfile(text).join('\n');
    if (words === '') expect(problems).toBe('');
    else expect(problems).toContain(words);
  });
});

describe('commands', () => {
  it.each([
    [['kubectl', '--namespace', 'shop', 'get', 'pod', 'p', '-o', 'yaml'], ''],
    [['kubectl', 'get', 'pods', '--all-namespace'], 'no flag --all-namespace'],
    [['kubectl', 'gett', 'pods'], 'not in the table'],
    [['falcoctl2', 'x'], 'not in the table'],
    [['cp', '--archive', '--', '-rf', 'x'], ''],
    [['sudo', 'kill', '-9', '1'], 'no flag -9'],
  ])('%j: %s', (words, expected) => {
    expect(validateCommands([words]).join('\n')).toContain(expected);
    if (expected === '') expect(validateCommands([words])).toEqual([]);
  });
});

describe('network policy', () => {
  const policy = (egress: unknown[]) => ({ spec: { policyTypes: ['Egress'], egress } });
  it('evaluates blocks with exceptions', () => {
    const open = policy([{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.169.254/32'] } }] }]);
    expect(allowsEgress(open, '203.0.113.4')).toBe(true);
    expect(allowsEgress(open, '169.254.169.254')).toBe(false);
    expect(checkNetworkPolicy(open, ['203.0.113.4']).result).toBe('failed');
    expect(checkNetworkPolicy(policy([]), ['203.0.113.4']).result).toBe('passed');
  });
});

describe('small forms', () => {
  it('sysctl', () => {
    expect(validateSysctl('kernel.kptr_restrict = 2\n')).toEqual([]);
    expect(validateSysctl('kernel.kptr_restrict = 9\nkernel.nothing = 1').join()).toMatch(
      /takes 0, 1, 2.*unknown key/,
    );
  });
  it('seccomp', () => {
    const profile = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['mount'], action: 'SCMP_ACT_ERRNO' }],
    };
    expect(validateSeccomp(profile)).toEqual([]);
    expect(seccompAction(profile, 'mount')).toBe('SCMP_ACT_ERRNO');
    expect(validateSeccomp({ ...profile, defaultaction: 1 }).join()).toMatch(/defaultaction: unknown key/);
  });
  it('LogQL and Elasticsearch', () => {
    expect(validateLogQl('{source="syscall"} | json | rule="a" or x="b"')).toEqual([]);
    expect(validateLogQl('{source=syscall} | json')).toHaveLength(1);
    expect(checkElasticsearch({ query: { match_phrase: { a: 'b' } } }).result).toBe('passed');
    expect(checkElasticsearch({ query: { matchphrase: {} } }).result).toBe('failed');
  });
  it('diffs', () => {
    const patch = unifiedDiff('a.yaml', 'a: 1\nb: 2\n', 'a: 1\nb: 3\n');
    expect(checkDiff(patch, 'a: 1\nb: 2\n', 'a: 1\nb: 3\n').result).toBe('passed');
    expect(checkDiff(patch, 'a: 1\nb: 4\n', 'a: 1\nb: 3\n').result).toBe('failed');
  });
});
