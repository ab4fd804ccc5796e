// What happened, in at most three sentences: who did what where; what that amounts to; how often.

import { type Alert, fieldText } from '../../alerts/index.ts';
import type { Finding, Triage } from '../../triage/index.ts';
import { durationText, plural, timeText } from '../format.ts';
import type { Sentence } from '../model.ts';
import { keyAlert, keyFinding } from './key-alert.ts';

/** Builds a template: words of ours, values of the alert, and the fields that they came from. */
class SentenceBuilder {
  #text = '';
  readonly #values: string[] = [];
  readonly #fields: string[] = [];

  words(text: string): this {
    this.#text += text;
    return this;
  }

  value(text: string, field: string): this {
    this.#text += `{${this.#values.length}}`;
    this.#values.push(text);
    if (!this.#fields.includes(field)) this.#fields.push(field);
    return this;
  }

  build(): Sentence {
    return { text: this.#text, values: this.#values, fields: this.#fields };
  }
}

/** Severity of behaviours, worst first. */
const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'];

function where(out: SentenceBuilder, alert: Alert, finding: Finding): void {
  const { workload } = finding;
  if (workload.kind === 'host') out.words(' on the host');
  else if (workload.pod !== undefined) {
    out.words(' in pod ').value(workload.pod, 'k8s.pod.name');
    if (workload.namespace !== undefined)
      out.words(' of namespace ').value(workload.namespace, 'k8s.ns.name');
  } else if (workload.containerName !== undefined) {
    out.words(' in container ').value(workload.containerName, 'container.name');
  } else if (workload.containerId !== undefined) {
    out.words(' in container ').value(workload.containerId, 'container.id');
  }
  if (workload.imageRepository !== undefined && workload.kind !== 'host') {
    out.words(', image ').value(workload.imageRepository, 'container.image.repository');
  }
  const host = alert.hostname ?? workload.node;
  if (host !== undefined)
    out
      .words(workload.kind === 'host' ? ' ' : ', on ')
      .value(host, alert.hostname === undefined ? 'k8s.node.name' : 'hostname');
}

/** A system call's story. */
function syscall(alert: Alert, finding: Finding): Sentence | undefined {
  const name = fieldText(alert, 'proc.name');
  const command = fieldText(alert, 'proc.cmdline') ?? name;
  if (command === undefined) return undefined;
  const field = alert.fields.has('proc.cmdline') ? 'proc.cmdline' : 'proc.name';
  const user = fieldText(alert, 'user.name');
  const out = new SentenceBuilder();
  if (user === undefined) out.value(command, field).words(' ran');
  else out.words('User ').value(user, 'user.name').words(' ran ').value(command, field);
  const parent = fieldText(alert, 'proc.pname');
  if (parent !== undefined) out.words(', started by ').value(parent, 'proc.pname').words(',');
  where(out, alert, finding);
  const target = fieldText(alert, 'fd.name');
  const call = fieldText(alert, 'evt.type');
  if (target !== undefined && !command.includes(target)) {
    out.words('; the event was ');
    if (call === undefined) out.words('on ');
    else out.value(call, 'evt.type').words(' on ');
    out.value(target, 'fd.name');
  }
  return out.words('.').build();
}

/** An audit record's story: Kubernetes, or a cloud's. */
function audit(alert: Alert): Sentence | undefined {
  const user = fieldText(alert, 'ka.user.name') ?? fieldText(alert, 'ct.user');
  const verb = fieldText(alert, 'ka.verb') ?? fieldText(alert, 'ct.name');
  if (user === undefined && verb === undefined) return undefined;
  const kubernetes = alert.fields.has('ka.verb') || alert.fields.has('ka.user.name');
  const out = new SentenceBuilder();
  if (user === undefined) out.words('Somebody');
  else out.value(user, kubernetes ? 'ka.user.name' : 'ct.user');
  out.words(' called ');
  if (verb === undefined) out.words('the API');
  else out.value(verb, kubernetes ? 'ka.verb' : 'ct.name');
  const resource = fieldText(alert, 'ka.target.resource');
  if (resource !== undefined) out.words(' on ').value(resource, 'ka.target.resource');
  const name = fieldText(alert, 'ka.target.name') ?? fieldText(alert, 'ka.resp.name');
  if (name !== undefined)
    out.words(' ').value(name, alert.fields.has('ka.target.name') ? 'ka.target.name' : 'ka.resp.name');
  const namespace = fieldText(alert, 'ka.target.namespace');
  if (namespace !== undefined) out.words(' in namespace ').value(namespace, 'ka.target.namespace');
  const from = fieldText(alert, 'ct.srcip') ?? fieldText(alert, 'ka.sourceips');
  if (from !== undefined)
    out.words(' from ').value(from, alert.fields.has('ct.srcip') ? 'ct.srcip' : 'ka.sourceips');
  return out.words('.').build();
}

function fallback(alert: Alert): Sentence {
  const out = new SentenceBuilder();
  if (alert.output !== '') {
    return out
      .words('The alert has no field that says what ran; Falco printed ')
      .value(alert.output, 'output')
      .words('.')
      .build();
  }
  return out
    .words('Rule ')
    .value(alert.rule ?? 'unknown', 'rule')
    .words(' fired, and the alert says nothing else.')
    .build();
}

/** What the facts add up to: the worst behaviours, or the benign cause that the verdict rests on. */
function amountsTo(triage: Triage): Sentence | undefined {
  const matched = triage.behaviours
    .filter((behaviour) => behaviour.truth === 'true')
    .sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  const fields = [...new Set(matched.slice(0, 3).flatMap((behaviour) => behaviour.fields))].slice(0, 6);
  const titles = matched.slice(0, 3).map((behaviour) => lower(behaviour.title));
  const more = matched.length > 3 ? ` and ${matched.length - 3} more` : '';
  const cause = triage.benign.find((one) => one.strength === 'confirmed') ?? triage.benign[0];
  const benign =
    cause === undefined
      ? ''
      : cause.strength === 'confirmed'
        ? `it is ${lower(cause.title)}`
        : `it would fit ${lower(cause.title)}`;
  if (titles.length === 0 && benign === '') return undefined;
  if (titles.length === 0)
    return { text: `${benign.charAt(0).toUpperCase()}${benign.slice(1)}.`, values: [], fields };
  const list = `It amounts to: ${titles.join(', ')}${more}`;
  return { text: benign === '' ? `${list}.` : `${list}; ${benign}.`, values: [], fields };
}

/** A title inside a sentence: its first letter small, unless the word is a name or an abbreviation. */
function lower(title: string): string {
  return /^[A-Z][a-z]*(?:[ ,-]|$)/.test(title) &&
    !/^(?:Falco|Kubernetes|Docker|Linux|Python|Perl|Java)\b/.test(title)
    ? title.charAt(0).toLowerCase() + title.slice(1)
    : title;
}

function howOften(triage: Triage): Sentence | undefined {
  const { findings, firstSeenNs, lastSeenNs } = triage.incident;
  const count = findings.reduce((sum, finding) => sum + finding.count, 0);
  if (count < 2) return undefined;
  const kinds = findings.length > 1 ? ` of ${plural(findings.length, 'kind')}` : '';
  const span =
    firstSeenNs === undefined || lastSeenNs === undefined
      ? ''
      : lastSeenNs > firstSeenNs
        ? ` within ${durationText(lastSeenNs - firstSeenNs)} from ${timeText(firstSeenNs)}`
        : ` at ${timeText(firstSeenNs)}`;
  const most = (of: 'nodes' | 'pods') => Math.max(...findings.map((finding) => finding.spread[of].total));
  const places = [
    ...(most('nodes') > 1 ? [plural(most('nodes'), 'node')] : []),
    ...(most('pods') > 1 ? [plural(most('pods'), 'pod')] : []),
  ];
  const on = places.length === 0 ? '' : `, on ${places.join(' and ')}`;
  return {
    text: `Falco raised ${plural(count, 'alert')}${kinds}${span}${on}.`,
    values: [],
    fields: ['time', 'rule'],
  };
}

/** One to three sentences. */
export function whatHappened(triage: Triage): Sentence[] {
  const finding = keyFinding(triage);
  const alert = keyAlert(finding);
  const story = syscall(alert, finding) ?? audit(alert) ?? fallback(alert);
  return [story, amountsTo(triage), howOften(triage)].filter((sentence) => sentence !== undefined);
}
