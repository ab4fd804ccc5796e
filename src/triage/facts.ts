// One statement for each thing that an alert's fields show. Attacker's text stands in `values`, never in `text`.

import { isMissing } from '../alerts/index.ts';
import type { AlertView } from './derived/view.ts';
import type { Fact } from './types.ts';
import type { FindingViews } from './views.ts';

interface Statement {
  readonly field: string;
  /** `{0}` stands for the field's value. */
  readonly text: string;
  /** Follows from the field by parsing. */
  readonly derived?: true;
}

/** In the order in which a reader asks: what ran, what it touched, who, where, how. */
const STATEMENTS: readonly Statement[] = [
  { field: 'proc.cmdline', text: 'the process ran as {0}' },
  { field: 'proc.exepath', text: 'its executable is {0}' },
  { field: 'proc.pname', text: 'its parent is {0}' },
  { field: 'proc.pcmdline', text: 'its parent ran as {0}' },
  { field: 'yarak.cmd.decoded', text: 'decoded, the command line holds {0}', derived: true },
  { field: 'yarak.cmd.urls', text: 'the command line names the address {0}', derived: true },
  { field: 'yarak.cmd.hosts', text: 'the command line names the host {0}', derived: true },
  { field: 'yarak.cmd.writes', text: 'the command line writes {0}', derived: true },
  { field: 'yarak.cmd.deletes', text: 'the command line deletes {0}', derived: true },
  { field: 'fd.name', text: 'the file or connection is {0}' },
  { field: 'user.name', text: 'it ran as the user {0}' },
  { field: 'user.loginname', text: 'the login session is that of {0}' },
  { field: 'proc.tty', text: 'its terminal number is {0} (0: none)' },
  { field: 'container.image.repository', text: 'the image is {0}' },
  { field: 'container.image.tag', text: "the image's tag is {0}" },
  { field: 'container.image.digest', text: "the image's digest is {0}" },
  { field: 'container.name', text: 'the container is called {0}' },
  { field: 'container.id', text: "the container's id is {0}" },
  { field: 'container.privileged', text: 'privileged is {0}' },
  { field: 'container.mounts', text: 'its mounts are {0}' },
  { field: 'k8s.ns.name', text: 'the namespace is {0}' },
  { field: 'k8s.pod.name', text: 'the pod is {0}' },
  { field: 'evt.type', text: 'the event is {0}' },
  { field: 'evt.arg.flags', text: 'its flags are {0}' },
  { field: 'proc.is_exe_upper_layer', text: 'whether the executable was added after the image: {0}' },
  { field: 'proc.is_exe_from_memfd', text: 'whether the executable lives in memory only: {0}' },
  { field: 'ka.user.name', text: 'the request came from the user {0}' },
  { field: 'ka.verb', text: 'the request is {0}' },
  { field: 'ka.target.resource', text: 'on the resource {0}' },
  { field: 'ka.target.subresource', text: 'its subresource is {0}' },
  { field: 'ka.target.name', text: 'called {0}' },
  { field: 'ka.target.namespace', text: 'in the namespace {0}' },
  { field: 'ka.response.code', text: 'the API server answered {0}' },
  { field: 'ct.name', text: 'the API call is {0}' },
  { field: 'ct.user', text: 'by {0}' },
  { field: 'ct.srcip', text: 'from {0}' },
];

const MAX_VALUE = 4000;
const MAX_FACTS = 80;

/** `falco_ubuntu-generic_5.4.0-198-generic_218.ko` under `.falco/DRIVER/`: Falco names its modules so (driverkit). */
const FALCO_MODULE =
  /\/\.falco\/(\d+\.\d+\.\d+\+driver)\/([a-z0-9_]+)\/falco_([a-z0-9.-]+)_(\d+\.\d+\.\d+-?[\w.+-]*?)_(\d+)\.ko\b/;
const SELINUX_TYPE = /\bchcon\b[^|;&]*?\s(?:-t|--type)[ =]([\w.]+)/;

function parsedFacts(view: AlertView): { readonly text: string; readonly values: readonly string[] }[] {
  const line = view.text('proc.cmdline').slice(0, MAX_VALUE);
  const facts: { text: string; values: string[] }[] = [];
  const type = SELINUX_TYPE.exec(line);
  if (type) facts.push({ text: 'the command sets the SELinux type {0}', values: [type[1] as string] });
  const module = FALCO_MODULE.exec(line);
  if (module) {
    const [, driver, architecture, target, kernel] = module as unknown as [
      string,
      string,
      string,
      string,
      string,
    ];
    facts.push(
      {
        text: "the file is the kernel module that Falco's driver loader builds or fetches: driver {0} for {1}",
        values: [driver.replace('+driver', ''), architecture],
      },
      { text: 'the module is for the kernel {0} of the distribution {1}', values: [kernel, target] },
    );
  }
  return facts;
}

/** All facts of an incident; equal ones once, with the first alert that shows each. */
export function factsOf(findings: readonly FindingViews[]): Fact[] {
  const facts = new Map<string, Fact>();
  const add = (
    text: string,
    values: readonly string[],
    field: string,
    from: Fact['from'],
    view: AlertView,
  ): void => {
    const key = `${text}\0${values.join('\0')}`;
    if (facts.has(key) || facts.size >= MAX_FACTS) return;
    const { ref, capture } = view.alert;
    const shown = from !== 'derived' && capture?.fields.has(field) === true;
    facts.set(key, {
      id: `f${facts.size + 1}`,
      text,
      values,
      field,
      from: shown ? 'capture' : from,
      ref: shown ? { file: capture.file, line: capture.event } : ref,
    });
  };
  for (const { finding, views } of findings) {
    for (const view of views) {
      if (finding.rule !== undefined) add('the rule {0} fired', [finding.rule], 'rule', 'field', view);
      for (const { field, text, derived } of STATEMENTS) {
        const value = view.get(field);
        if (value === undefined || isMissing(value)) continue;
        const from = derived ? 'derived' : view.alert.fieldsFrom === 'text' ? 'text' : 'field';
        const source = derived ? 'proc.cmdline' : field;
        for (const one of Array.isArray(value) ? value : [value])
          add(text, [String(one).slice(0, MAX_VALUE)], source, from, view);
      }
      for (const { text, values } of parsedFacts(view)) add(text, values, 'proc.cmdline', 'derived', view);
    }
  }
  return [...facts.values()];
}
