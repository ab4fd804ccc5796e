// Where mitigations come from. Each group says where its ids were read; an id that is not here is not shown. Not
// looked up again: section numbers of NIST SP 800-190, and ATT&CK mitigation ids against the data of v19.

import type { Reference } from './types.ts';

/** CIS Kubernetes Benchmark 1.10: ids and titles as in kube-bench, cfg/cis-1.10/policies.yaml. */
const CIS: Readonly<Record<string, string>> = {
  '5.1.1': 'cluster-admin only where required',
  '5.1.2': 'minimise access to secrets',
  '5.1.3': 'minimise wildcards in roles',
  '5.1.4': 'minimise access to create pods',
  '5.1.6': 'service account tokens only where necessary',
  '5.2.1': 'an active policy control mechanism',
  '5.2.2': 'privileged containers',
  '5.2.3': 'host process namespace',
  '5.2.5': 'host network namespace',
  '5.2.6': 'allowPrivilegeEscalation',
  '5.2.7': 'root containers',
  '5.2.9': 'added capabilities',
  '5.2.12': 'hostPath volumes',
  '5.3.2': 'network policies in every namespace',
  '5.5.1': 'image provenance',
  '5.7.2': 'seccomp profile',
  '5.7.3': 'security context',
};

/** ATT&CK mitigations: ids and names as in MITRE's mapping of ATT&CK mitigations to D3FEND. */
const ATTACK: Readonly<Record<string, string>> = {
  M1018: 'User Account Management',
  M1022: 'Restrict File and Directory Permissions',
  M1026: 'Privileged Account Management',
  M1028: 'Operating System Configuration',
  M1030: 'Network Segmentation',
  M1031: 'Network Intrusion Prevention',
  M1035: 'Limit Access to Resource Over Network',
  M1037: 'Filter Network Traffic',
  M1038: 'Execution Prevention',
  M1042: 'Disable or Remove Feature or Program',
  M1045: 'Code Signing',
  M1047: 'Audit',
  M1048: 'Application Isolation and Sandboxing',
};

/** D3FEND techniques: as in the same mapping, and in D3FEND's matrix. */
const D3FEND: Readonly<Record<string, string>> = {
  'D3-ACH': 'Application Configuration Hardening',
  'D3-AL': 'Account Locking',
  'D3-CIA': 'Container Image Analysis',
  'D3-DLIC': 'Driver Load Integrity Checking',
  'D3-EAL': 'Executable Allowlisting',
  'D3-EDL': 'Executable Denylisting',
  'D3-LFP': 'Local File Permissions',
  'D3-MAC': 'Mandatory Access Control',
  'D3-NI': 'Network Isolation',
  'D3-OTF': 'Outbound Traffic Filtering',
  'D3-PH': 'Platform Hardening',
  'D3-SCF': 'System Call Filtering',
  'D3-SFA': 'System File Analysis',
};

/** NIST SP 800-190 (2017), section 4: countermeasures. */
const NIST_190: Readonly<Record<string, string>> = {
  '4.1.1': 'image vulnerabilities',
  '4.1.2': 'image configuration defects',
  '4.1.5': 'use of untrusted images',
  '4.3.1': 'unbounded administrative access',
  '4.4.2': 'unbounded network access from containers',
  '4.4.3': 'insecure container runtime configurations',
  '4.4.4': 'app vulnerabilities',
  '4.5.4': 'improper user access rights',
  '4.5.5': 'host file system tampering',
};

/** Pages, by a short name. */
const PAGES: Readonly<Record<string, Reference>> = {
  'pss-baseline': {
    id: 'Pod Security Standards (baseline)',
    url: 'https://kubernetes.io/docs/concepts/security/pod-security-standards/',
  },
  'pss-restricted': {
    id: 'Pod Security Standards (restricted)',
    url: 'https://kubernetes.io/docs/concepts/security/pod-security-standards/',
  },
  'user-namespaces': {
    id: 'Kubernetes: user namespaces (stable since 1.36)',
    url: 'https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/',
  },
  'falco-drivers': {
    id: 'Falco: kernel events and drivers',
    url: 'https://falco.org/docs/concepts/event-sources/kernel',
  },
  'falco-overriding': {
    id: 'Falco: overriding rules',
    url: 'https://falco.org/docs/concepts/rules/overriding/',
  },
  'nsa-hardening': { id: 'NSA/CISA Kubernetes Hardening Guide 1.2' },
  'sp-800-61': { id: 'NIST SP 800-61r3', url: 'https://doi.org/10.6028/NIST.SP.800-61r3' },
};

/**
 * References by short key: `5.2.2` (CIS), `M1048`, `D3-SCF`, `N4.4.3` (NIST SP 800-190), or a page's name. Throws for a
 * key that is not in the tables: that is a bug.
 */
export function refs(...keys: string[]): Reference[] {
  return keys.map((key) => {
    const page = PAGES[key];
    if (page !== undefined) return page;
    if (CIS[key] !== undefined) return { id: `CIS Kubernetes 1.10 ${key}: ${CIS[key]}` };
    if (ATTACK[key] !== undefined)
      return { id: `ATT&CK ${key} ${ATTACK[key]}`, url: `https://attack.mitre.org/mitigations/${key}/` };
    if (D3FEND[key] !== undefined) {
      const name = D3FEND[key].replaceAll(' ', '');
      return { id: `D3FEND ${key} ${D3FEND[key]}`, url: `https://d3fend.mitre.org/technique/d3f:${name}/` };
    }
    const section = key.startsWith('N') ? key.slice(1) : '';
    if (NIST_190[section] !== undefined)
      return {
        id: `NIST SP 800-190 ${section}: ${NIST_190[section]}`,
        url: 'https://doi.org/10.6028/NIST.SP.800-190',
      };
    throw new Error(`No reference ${key} in the tables`);
  });
}
