// What may join alerts to one incident: processes, containers, pods, people, hosts. Strongest first.

import { type Alert, fieldNumber, fieldText } from '../alerts/index.ts';
import type { Incident } from './types.ts';
import { workloadOf } from './workload.ts';

export type EntityKind = Incident['joinedBy'][number]['kind'];

export interface Entity {
  readonly kind: EntityKind;
  readonly value: string;
}

/** Parents of everything: to share them says nothing. */
const COMMON_ANCESTORS =
  /^(?:systemd|init|containerd-shim\S*|containerd|dockerd|runc|crun|conmon|kubelet|cron|crond|sshd|tini|dumb-init|pause)$/;

/** Whether a process of this name is the parent of many that have nothing else in common. */
export function isCommonAncestor(name: string): boolean {
  return COMMON_ANCESTORS.test(name);
}

const MAX_ANCESTORS = 6;
const UNKNOWN_UID = 4_294_967_295;

/** Ids of the process and its ancestors up to the first that many share; pids are a host's own. */
function processes(alert: Alert, host: string): string[] {
  const found: string[] = [];
  const add = (pid: number | undefined, name: string | undefined): boolean => {
    if (pid === undefined || pid <= 1 || (name !== undefined && COMMON_ANCESTORS.test(name))) return false;
    found.push(`${host}/${pid}`);
    return true;
  };
  if (!add(fieldNumber(alert, 'proc.pid'), fieldText(alert, 'proc.name'))) return found;
  if (!add(fieldNumber(alert, 'proc.ppid'), fieldText(alert, 'proc.pname'))) return found;
  for (let n = 2; n <= MAX_ANCESTORS; n++) {
    if (!add(fieldNumber(alert, `proc.apid[${n}]`), fieldText(alert, `proc.aname[${n}]`))) break;
  }
  return found;
}

/** The alert's entities. Never empty: the last resort is the host, or the alert's own place in the input. */
export function entitiesOf(alert: Alert): readonly Entity[] {
  const workload = workloadOf(alert);
  const host = alert.hostname ?? '';
  const entities: Entity[] = processes(alert, host).map((value) => ({ kind: 'process', value }));
  if (workload.containerId !== undefined) entities.push({ kind: 'container', value: workload.containerId });
  if (workload.pod !== undefined)
    entities.push({ kind: 'pod', value: `${workload.namespace ?? ''}/${workload.pod}` });
  const identity = identityOf(alert);
  if (identity !== undefined) entities.push({ kind: 'identity', value: identity });
  if (workload.kind === 'host') {
    // Somebody's session rather than the whole machine, where the alert knows of one.
    const login = fieldNumber(alert, 'user.loginuid');
    entities.push({
      kind: 'host',
      value: login !== undefined && login >= 0 && login < UNKNOWN_UID ? `${host}/loginuid ${login}` : host,
    });
  }
  if (entities.length === 0) entities.push({ kind: 'host', value: `${host}/${alert.rule ?? alert.source}` });
  return entities;
}

/** Who asked, where a source names them. The cluster's own components are not people. */
function identityOf(alert: Alert): string | undefined {
  const user = fieldText(alert, 'ka.user.name');
  if (user !== undefined)
    return user.startsWith('system:') && !user.startsWith('system:serviceaccount:') ? undefined : user;
  return (
    fieldText(alert, 'ct.user.arn') ??
    fieldText(alert, 'ct.user') ??
    fieldText(alert, 'gcp.user') ??
    fieldText(alert, 'okta.actor.name') ??
    fieldText(alert, 'github.user')
  );
}
