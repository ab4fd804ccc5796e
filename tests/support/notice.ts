// A notice as triage would make it, with an attacker's text in every field.

import type { Notice } from '../../src/deliver/index.ts';

export const HOSTILE =
  '<script>alert(1)</script> `*_[x](http://evil)` @channel \u202e\u0007\r\nInjected: yes "]\\ & %s $(x)';

export function notice(changes: Partial<Notice> = {}): Notice {
  return {
    findingId: 'f00000000000000a',
    incidentId: 'e00000000000000a',
    title: 'bash opened a connection to 203.0.113.7:4444',
    verdict: 'likely-malicious',
    priority: 'Warning',
    rule: 'Redirect STDOUT/STDIN to Network Connection in Container',
    tags: ['T1059', 'network'],
    namespace: 'shop',
    workload: 'checkout',
    node: 'node-1',
    count: 3,
    firstSeen: '2026-11-24T03:18:20.461273Z',
    lastSeen: '2026-11-24T03:19:20.461273Z',
    doNow: 'Save the container’s memory and file system, then isolate the pod.',
    url: 'https://yarak.example/#/incidents/e00000000000000a',
    sample:
      '{"rule":"R","priority":"Warning","output":"o","output_fields":{"proc.name":"bash"},"time":"2026-11-24T03:18:20.461273900Z"}',
    ...changes,
  };
}

export const hostileNotice = (): Notice =>
  notice({
    title: HOSTILE,
    rule: HOSTILE,
    namespace: HOSTILE,
    workload: HOSTILE,
    node: HOSTILE,
    doNow: HOSTILE,
    tags: [HOSTILE],
  });
