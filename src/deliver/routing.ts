// Which routes a finding takes, when, and with whom.

import type { Alert, FieldValue } from '../alerts/index.ts';
import {
  type AlertCondition,
  anySourceResolver,
  compileThreeValued,
  type FieldResolver,
} from '../detect/engine/index.ts';
import type { FieldDef } from '../detect/fields/index.ts';
import { parseCondition } from '../detect/lang/index.ts';
import type { RouteConfig } from './config.ts';
import type { Notice } from './notice.ts';

const DAY_MINUTES = 24 * 60;
const MINUTE_US = 60_000_000;

export interface Routed {
  readonly route: string;
  readonly target: string;
  /** Queued once per key: the same finding in the same verdict within `repeatMinutes`. */
  readonly key: string;
  /** Notices of one group that are due together go out in one message. */
  readonly group: string;
  readonly dueUs: number;
}

interface CompiledRoute {
  readonly config: RouteConfig;
  readonly condition: AlertCondition | undefined;
}

const property = (name: string, description: string, isList = false): [string, FieldDef] => [
  name,
  {
    name,
    cls: 'yarak',
    type: 'CHARBUF',
    isList,
    arg: 'none',
    filterOnly: false,
    noRhs: false,
    noTransformers: false,
    deprecated: false,
    printFormat: 'NA',
    description,
  },
];

/** What conditions of routes may ask beside the alert's own fields. */
export const FINDING_FIELDS: ReadonlyMap<string, FieldDef> = new Map([
  property('yarak.verdict', 'the verdict in one word'),
  property('yarak.rule', "the Falco rule's name"),
  property('yarak.priority', "Falco's priority, capitalised"),
  property('yarak.tags', "the rule's tags", true),
  property('yarak.namespace', 'the Kubernetes namespace, or empty'),
  property('yarak.workload', 'the workload: owner, image or host'),
]);

const resolve: FieldResolver = (field) => {
  const def = FINDING_FIELDS.get(field.name);
  return def === undefined ? anySourceResolver(field) : { def, text: field.name, type: def.type };
};

/** The finding's own properties beside the alert's fields, for conditions. */
function withFinding(alert: Alert, notice: Notice): Alert {
  const fields = new Map<string, FieldValue>(alert.fields);
  fields.set('yarak.verdict', notice.verdict);
  fields.set('yarak.rule', notice.rule);
  fields.set('yarak.priority', notice.priority);
  fields.set('yarak.tags', notice.tags);
  fields.set('yarak.namespace', notice.namespace);
  fields.set('yarak.workload', notice.workload);
  return { ...alert, fields };
}

const minuteOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));

/** When a notice may go out: now, or at the end of the quiet time (UTC) that it falls into. */
export function afterQuiet(config: RouteConfig, verdict: string, nowUs: number): number {
  const { quiet } = config;
  if (quiet === undefined || quiet.except.includes(verdict)) return nowUs;
  const from = minuteOf(quiet.from);
  const to = minuteOf(quiet.to);
  const day = Math.floor(nowUs / (DAY_MINUTES * MINUTE_US)) * DAY_MINUTES * MINUTE_US;
  const minute = (nowUs - day) / MINUTE_US;
  const inside = from <= to ? minute >= from && minute < to : minute >= from || minute < to;
  if (!inside) return nowUs;
  const end = day + to * MINUTE_US;
  return end > nowUs ? end : end + DAY_MINUTES * MINUTE_US;
}

/** Routes in order; the first that matches takes the finding, unless it says `continue`. */
export class Router {
  readonly #routes: readonly CompiledRoute[];

  /** Throws an `Error` that names the route when a condition cannot be compiled. */
  constructor(routes: readonly RouteConfig[]) {
    this.#routes = routes.map((config) => ({ config, condition: compileRoute(config) }));
  }

  route(notice: Notice, alert: Alert, nowUs: number): Routed[] {
    const subject = withFinding(alert, notice);
    const taken: Routed[] = [];
    for (const { config, condition } of this.#routes) {
      if (condition !== undefined && condition.test(subject) !== true) continue;
      const group = [config.name, ...config.groupBy.map((name) => notice[name])].join('\0');
      const bucket = Math.floor(nowUs / MINUTE_US / Math.max(1, config.repeatMinutes));
      for (const target of config.to) {
        taken.push({
          route: config.name,
          target,
          key: `${target}\0${notice.findingId}\0${notice.verdict}\0${bucket}`,
          group: `${target}\0${group}`,
          dueUs: afterQuiet(config, notice.verdict, nowUs + config.groupWaitSeconds * 1_000_000),
        });
      }
      if (!config.continue) break;
    }
    return taken;
  }
}

function compileRoute(config: RouteConfig): AlertCondition | undefined {
  if (config.when.trim() === '') return undefined;
  const parsed = parseCondition(config.when);
  if (parsed.expr === undefined)
    throw new Error(
      `Route ${config.name}: its condition does not parse: ${parsed.error.message} (at character ${parsed.error.index + 1}).`,
    );
  try {
    return compileThreeValued(parsed.expr, { resolve });
  } catch (cause) {
    throw new Error(`Route ${config.name}: ${(cause as Error).message}`, { cause });
  }
}
