// The verdict: a sum of named evidence, then rules that a sum alone must not break. Behaviours speak for an attack;
// benign causes account for behaviours, and count in full only when what confirms them is nothing an attacker sets.

import { askQuestion, fillCommand } from './commands.ts';
import { restsOnSpoofable } from './evaluate.ts';
import { bestCause, type MatchedBehaviour, type MatchedCause, type Matches } from './match.ts';
import type { Evidence, Missing, Question, Verdict, VerdictWord } from './types.ts';
import type { FindingViews } from './views.ts';
import { lowerFirst } from './words.ts';

/** Sums from which the words follow. */
const MALICIOUS = 80;
const LIKELY_MALICIOUS = 40;
/** Unexplained behaviours up to this sum do not keep an accounted-for incident from being called benign. */
const SLIGHT = 5;
/** From this sum on, what no cause accounts for or claims leans towards an attack. */
const LEANS = 15;
const MAX_MISSING = 6;

interface Weighed {
  readonly match: MatchedBehaviour;
  /** Findings in which nothing confirmed accounts for it. */
  readonly unexplained: readonly string[];
  /** Of those, the ones where a benign cause is claimed. */
  readonly excused: readonly string[];
}

function accounts(cause: MatchedCause, match: MatchedBehaviour): boolean {
  const { explains } = cause.cause;
  if (match.behaviour.inexcusable) return explains.includes(match.behaviour.id);
  return explains.includes('*') || explains.includes(match.behaviour.id);
}

function weigh({ behaviours, causes }: Matches): Weighed[] {
  return behaviours.map((match) => {
    const able = causes.filter((cause) => accounts(cause, match));
    const unexplained = match.findingIds.filter((id) => !able.some((cause) => cause.confirmed.has(id)));
    return {
      match,
      unexplained,
      excused: unexplained.filter((id) => able.some((cause) => cause.claimed.has(id))),
    };
  });
}

/** The verdict on an incident's findings. */
export function reachVerdict(findings: readonly FindingViews[], matches: Matches): Verdict {
  const weighed = weigh(matches);
  const ids = findings.map(({ finding }) => finding.id);
  const open = weighed.filter(({ unexplained }) => unexplained.length > 0);
  const sum = open.reduce((total, { match }) => total + match.behaviour.weight, 0);
  const bare = open.filter(({ unexplained, excused }) => unexplained.length > excused.length);
  const bareSum = bare.reduce((total, { match }) => total + match.behaviour.weight, 0);
  // A finding that shows only things without weight (a shell writing its own history) needs no cause of its own.
  const weightless = (id: string): boolean => {
    const shown = matches.behaviours.filter((match) => match.findingIds.includes(id));
    return shown.length > 0 && shown.every((match) => match.behaviour.weight === 0);
  };
  // What shows nothing that knowledge has a word for is not understood, whoever seems to have done it.
  const understood = ids.every((id) => matches.behaviours.some((match) => match.findingIds.includes(id)));
  const covered = (set: 'confirmed' | 'proved'): boolean =>
    understood &&
    matches.causes.some((cause) => [...cause[set]].some((id) => !weightless(id))) &&
    ids.every((id) => weightless(id) || matches.causes.some((cause) => cause[set].has(id)));
  const inexcusable = open.some(
    ({ match }) => match.behaviour.inexcusable && match.behaviour.weight >= LIKELY_MALICIOUS,
  );

  let word: VerdictWord;
  if (bareSum >= MALICIOUS || (inexcusable && sum >= MALICIOUS)) word = 'malicious';
  else if (bareSum >= LIKELY_MALICIOUS || inexcusable) word = 'likely-malicious';
  else if (sum <= SLIGHT && covered('confirmed')) word = covered('proved') ? 'benign' : 'likely-benign';
  else word = 'undetermined';

  const leaning =
    word !== 'undetermined'
      ? 'none'
      : leans(bareSum, matches.causes.filter((cause) => cause.cause.person === undefined).length);
  const evidence = [...evidenceFor(weighed), ...evidenceAgainst(matches.causes)];
  const missing = missingFields(findings, matches);
  const decides = deciding(
    findings,
    matches,
    open.map(({ match }) => match),
    word,
  );
  return {
    word,
    leaning,
    evidence,
    missing,
    because: because(
      word,
      leaning,
      open.map(({ match }) => match),
      matches.causes,
      missing,
    ),
    ...(decides === undefined ? {} : { decides }),
  };
}

function leans(bareSum: number, causes: number): Verdict['leaning'] {
  if (bareSum >= LEANS) return 'malicious';
  return causes > 0 ? 'benign' : 'none';
}

function evidenceFor(weighed: readonly Weighed[]): Evidence[] {
  return weighed
    .filter(({ match }) => match.behaviour.weight !== 0)
    .map(({ match, unexplained }): Evidence => {
      const { behaviour, view, fields, findingIds } = match;
      const shown = behaviour.show.filter((field) => shownText(view, field) !== '').slice(0, 2);
      const explained = unexplained.length === 0;
      return {
        id: behaviour.id,
        text: `${behaviour.title}${shown.map((_, i) => (i === 0 ? ': {0}' : ', {1}')).join('')}${explained ? ' (accounted for below)' : ''}`,
        values: shown.map((field) => shownText(view, field)),
        weight: explained ? 0 : behaviour.weight,
        fields,
        spoofable: restsOnSpoofable(fields),
        findingIds,
      };
    })
    .sort((a, b) => b.weight - a.weight);
}

/** A field's value as evidence shows it; of a list its first members. */
function shownText(view: MatchedBehaviour['view'], field: string): string {
  const value = view.get(field);
  return Array.isArray(value) ? value.slice(0, 3).join(', ') : view.text(field);
}

function evidenceAgainst(causes: readonly MatchedCause[]): Evidence[] {
  return causes.map((match): Evidence => {
    const { cause, confirmed, proved, claimed, held, notShown, fields } = match;
    const weight = proved.size > 0 ? -60 : confirmed.size > 0 && claimed.size === 0 ? -40 : -10;
    const how = held.length > 0 ? `: ${held.join('; ')}` : '';
    const open = notShown.length > 0 ? ` (not shown: ${notShown.join('; ')})` : '';
    return {
      id: cause.id,
      text: `${cause.title}${how}${open}`,
      values: [],
      weight,
      fields,
      spoofable: restsOnSpoofable(fields),
      findingIds: [...new Set([...confirmed, ...claimed])],
    };
  });
}

/** What each field would tell, in words. */
const WHY: readonly (readonly [RegExp, string])[] = [
  [/^container\.image\.digest$/, 'which image ran, byte for byte'],
  [/^container\.image\.repository$/, 'which image ran'],
  [/^proc\.pname$|^proc\.aname/, 'what started it'],
  [
    /^proc\.pexepath$|^proc\.aexepath/,
    'which programs are its ancestors, by path and not by a name that anyone can take',
  ],
  [/^proc\.exepath$/, 'where the program lies'],
  [
    /^proc\.is_exe_upper_layer$|^evt\.arg\.flags$/,
    'whether the program came with the image or was added later',
  ],
  [/^proc\.tty$/, 'whether somebody typed it at a terminal'],
  [/^proc\.(?:pid|vpid|ppid)$/, 'which process it was'],
  [/^k8s\./, 'which pod it was'],
  [/^user\./, 'who did it'],
];

/** Fields that every syscall alert should have for a verdict; asked for when they are not there. */
const WANTED = [
  'container.image.repository',
  'container.image.digest',
  'proc.pname',
  'proc.aname[2]',
  'proc.exepath',
  'proc.is_exe_upper_layer',
  'proc.tty',
];
const AUDIT_WANTED = ['ka.user.name', 'ka.verb', 'ka.target.resource'];

/** What tells now, while the workload still runs. Ancestry and terminals are gone once the process is. */
const HOW: readonly (readonly [RegExp, string])[] = [
  [
    /^container\.image\.(?:digest|repository|tag)$|^container\.mounts$|^container\.privileged$/,
    'crictl inspect {container.id}',
  ],
  [/^k8s\./, "crictl inspect -o go-template --template '{{.status.labels}}' {container.id}"],
  [/^proc\.(?:exepath|is_exe_upper_layer)$/, 'readlink -f /proc/{proc.pid}/exe'],
  [
    /^proc\.(?:pname|pexepath|pcmdline|a(?:name|exepath)\[\d+\])$/,
    'ps -o pid,ppid,lstart,user,args --forest -A',
  ],
];

function missingFields(findings: readonly FindingViews[], matches: Matches): Missing[] {
  const names = new Set<string>();
  for (const cause of matches.causes) for (const field of cause.missing) names.add(field);
  for (const behaviour of matches.open) for (const field of behaviour.missing) names.add(field);
  const views = findings.flatMap((one) => one.views);
  const source = findings[0]?.finding.source;
  const container = views.some((view) => view.get('yarak.container') === true);
  for (const field of source === 'syscall' ? WANTED : source === 'k8s_audit' ? AUDIT_WANTED : []) {
    if ((field.startsWith('container.') || field === 'proc.is_exe_upper_layer') && !container) continue;
    if (field.startsWith('proc.aname') && container) continue;
    if (views.every((view) => view.text(field) === '' && typeof view.get(field) !== 'boolean'))
      names.add(field);
  }
  const order = (field: string): number => {
    const at = WANTED.indexOf(field);
    return at < 0 ? WANTED.length : at;
  };
  return [...names]
    .filter((field) => !field.startsWith('yarak.') && views.every((view) => view.text(field) === ''))
    .sort((a, b) => order(a) - order(b) || (a < b ? -1 : 1))
    .slice(0, MAX_MISSING)
    .map((field) => {
      const why =
        WHY.find(([pattern]) => pattern.test(field))?.[1] ?? 'what the rules of triage ask for here';
      const printed = views.some((view) => view.alert.fields.has(field));
      const how = HOW.find(([pattern]) => pattern.test(field))?.[1];
      return {
        field,
        why: printed ? `${why} (Falco printed it without a value)` : why,
        ...(how === undefined ? {} : { command: fillCommand(how, views) }),
        askFor: !printed,
      };
    });
}

/** The question that would settle it: the likeliest benign cause's, else the heaviest behaviour's. */
function deciding(
  findings: readonly FindingViews[],
  matches: Matches,
  open: readonly MatchedBehaviour[],
  word: VerdictWord,
): Question | undefined {
  if (word === 'benign' || word === 'malicious') return undefined;
  const views = findings.flatMap((one) => one.views);
  const cause = bestCause(matches.causes);
  const heaviest = open
    .toSorted((a, b) => b.behaviour.weight - a.behaviour.weight)
    .find(({ behaviour }) => behaviour.questions.length > 0);
  const asked = heaviest?.behaviour.questions[0];
  const template =
    word === 'likely-malicious' ? (asked ?? cause?.cause.settle) : (cause?.cause.settle ?? asked);
  return template === undefined ? undefined : askQuestion(template, views);
}

function because(
  word: VerdictWord,
  leaning: Verdict['leaning'],
  open: readonly MatchedBehaviour[],
  causes: readonly MatchedCause[],
  missing: readonly Missing[],
): string {
  const heaviest = open.toSorted((a, b) => b.behaviour.weight - a.behaviour.weight)[0]?.behaviour.title;
  const cause = bestCause(causes);
  const lacks = missing
    .slice(0, 3)
    .map((one) => one.field)
    .join(', ');
  switch (word) {
    case 'malicious':
      return `Several things that attacks do came together, and nothing shown accounts for them; the heaviest: ${lowerFirst(heaviest ?? 'see the evidence')}.`;
    case 'likely-malicious':
      return `Nothing shown accounts for this: ${lowerFirst(heaviest ?? 'see the evidence')}. It stops short of "malicious" because the evidence is one thing, not several.`;
    case 'undetermined':
      if (leaning === 'benign' && cause !== undefined && cause.confirmed.size > 0) {
        return `${cause.cause.title} accounts for a part of this, but not for all of it.`;
      }
      if (leaning === 'benign' && cause !== undefined) {
        return `It looks like ${lowerFirst(cause.cause.title)}, but what shows that, an attacker could imitate${lacks === '' ? '' : `; the alert lacks ${lacks}`}.`;
      }
      if (leaning === 'malicious')
        return `Nothing shown accounts for this: ${lowerFirst(heaviest ?? 'see the evidence')}. By itself it is not enough to call it an attack.`;
      return `What happened fits an operator as well as an intruder; the alert does not say which${lacks === '' ? '' : ` (it lacks ${lacks})`}.`;
    case 'likely-benign':
      return `${cause?.cause.title ?? 'A known cause'}: confirmed by what an attacker does not set, though not proved${lacks === '' ? '' : ` (${lacks} would)`}.`;
    case 'benign':
      return `${cause?.cause.title ?? 'A known cause'}: proved by the image's digest or by executable paths outside the upper layer.`;
  }
}
