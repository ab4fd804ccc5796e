// The API server's audit webhook: the loaded rules of the source k8s_audit run over what it sends, and the alerts that
// Falco would print go the way of all alerts.

import { readFileSync } from 'node:fs';
import { createEngine, DEFAULT_SETTINGS } from '../detect/engine/index.ts';
import { loadRules } from '../detect/rules/index.ts';
import { EventReader, jsonAccess, KUBERNETES_AUDIT } from '../sources/audit/index.ts';

export interface AuditRunner {
  /** Alerts as JSON lines, how many events were read and how many records could not be. */
  run(body: Uint8Array): {
    readonly lines: readonly string[];
    readonly events: number;
    readonly rejected: number;
  };
}

/** `undefined` when none of the files has a rule for Kubernetes audit events. Throws for a file that cannot be read. */
export function createAuditRunner(files: readonly string[], hostname = ''): AuditRunner | undefined {
  if (files.length === 0) return undefined;
  const { rules } = loadRules(files.map((name) => ({ name, content: readFileSync(name, 'utf8') })));
  const engine = createEngine(rules, jsonAccess(KUBERNETES_AUDIT, hostname), {
    settings: { ...DEFAULT_SETTINGS, ruleMatching: 'all' },
    hostname,
  });
  if (engine.rules.length === 0) return undefined;
  return {
    run(body) {
      const lines: string[] = [];
      const reader = new EventReader(KUBERNETES_AUDIT, {
        file: 'k8s-audit',
        onEvent: (event) => {
          for (const alert of engine.alerts(event, 0)) lines.push(alert.line);
        },
        onDiagnostic: () => {},
      });
      reader.push(body);
      reader.end();
      return { lines, events: reader.counts.events, rejected: reader.counts.rejected };
    },
  };
}
