// The process tree as far as the alerts show it: each alert's process, its ancestors by name and, where printed, by
// pid, path and command line. Processes of different alerts are one where pids say so, or where everything known of
// them is the same.

import { fieldNumber, fieldText } from '../alerts/index.ts';
import type { AlertView } from './derived/view.ts';
import type { ProcessNode } from './types.ts';
import type { FindingViews } from './views.ts';

interface Mutable {
  readonly id: string;
  name: string;
  pid?: number;
  exepath?: string;
  cmdline?: string;
  user?: string;
  readonly children: Mutable[];
  readonly findingIds: string[];
  seenOnlyAsAncestor: boolean;
}

type Known = Partial<Pick<Mutable, 'pid' | 'exepath' | 'cmdline' | 'user'>> & { readonly name: string };

const MAX_DEPTH = 12;
const MAX_NODES = 200;

/** The process and its ancestors, nearest first; ends where the alert's knowledge ends. */
function chain(view: AlertView): Known[] {
  const text = (field: string): string | undefined =>
    view.text(field) === '' ? undefined : view.text(field);
  const number = (field: string): number | undefined => fieldNumber(view.alert, field);
  const known = (name: string | undefined, rest: Omit<Known, 'name'>): Known[] => {
    const path = rest.exepath?.split('/').at(-1);
    const shown = name ?? path ?? rest.cmdline?.split(' ', 1)[0];
    return shown === undefined ? [] : [{ name: shown, ...clean(rest) }];
  };
  const list = known(text('proc.name'), {
    pid: number('proc.pid'),
    exepath: text('proc.exepath'),
    cmdline: text('proc.cmdline'),
    user: fieldText(view.alert, 'user.name'),
  });
  if (list.length === 0) return [];
  const parent = known(text('proc.pname') ?? text('proc.aname[1]'), {
    pid: number('proc.ppid') ?? number('proc.apid[1]'),
    exepath: text('proc.pexepath') ?? text('proc.aexepath[1]'),
    cmdline: text('proc.pcmdline') ?? text('proc.acmdline[1]'),
  });
  if (parent.length === 0) return list;
  list.push(...parent);
  for (let n = 2; n < MAX_DEPTH; n++) {
    const next = known(text(`proc.aname[${n}]`), {
      pid: number(`proc.apid[${n}]`),
      exepath: text(`proc.aexepath[${n}]`),
      cmdline: text(`proc.acmdline[${n}]`),
    });
    if (next.length === 0) break;
    list.push(...next);
  }
  return list;
}

function clean<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as T;
}

/** Whether what is known of two processes can be one process. */
function same(node: Mutable, known: Known): boolean {
  if (node.name !== known.name) return false;
  const agree = (key: 'pid' | 'exepath' | 'cmdline'): boolean =>
    node[key] === undefined || known[key] === undefined || node[key] === known[key];
  return agree('pid') && agree('exepath') && agree('cmdline');
}

/** Trees, outermost ancestor first. */
export function processTrees(findings: readonly FindingViews[]): ProcessNode[] {
  const roots: Mutable[] = [];
  let count = 0;
  for (const { finding, views } of findings) {
    for (const view of views) {
      let siblings = roots;
      const path = chain(view).reverse();
      path.forEach((known, depth) => {
        let node = siblings.find((one) => same(one, known));
        if (node === undefined) {
          if (count >= MAX_NODES) return;
          count++;
          node = {
            id: `p${count}`,
            name: known.name,
            children: [],
            findingIds: [],
            seenOnlyAsAncestor: true,
          };
          siblings.push(node);
        }
        Object.assign(
          node,
          clean({ pid: known.pid, exepath: known.exepath, cmdline: known.cmdline, user: known.user }),
        );
        if (depth === path.length - 1) {
          node.seenOnlyAsAncestor = false;
          if (!node.findingIds.includes(finding.id)) node.findingIds.push(finding.id);
        }
        siblings = node.children;
      });
    }
  }
  return roots;
}
