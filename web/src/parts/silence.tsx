// Silencing: a condition, a reason, an end. Before it is made, what it would hide now is shown.

import { useEffect, useState } from 'preact/hooks';
import { alertFields } from '../alert-fields.ts';
import { call, messageOf } from '../api.ts';
import { exactTime, operand, plural } from '../format.ts';
import { useData } from '../use-data.ts';
import { PlainTitle, Problem, Verdict } from './basics.tsx';
import { FilterBar } from './filter-bar.tsx';
import { tell } from './toast.tsx';

const HOUR_MS = 3_600_000;
const TERMS = { '1 hour': 1, '8 hours': 8, '1 day': 24, '3 days': 72, '2 weeks': 336 } as const;
const SHOWN = 5;
const PREVIEW = 50;

/** Fields that say which workload did what, most telling first; of them the ones that the alert printed make a condition. */
const TELLING = [
  'container.image.repository',
  'k8s.ns.name',
  'proc.name',
  'proc.pname',
  'fd.name',
  'ka.user.name',
  'ka.verb',
  'ka.target.resource',
] as const;
const MAX_TESTS = 4;

/** A narrow condition for what an alert (Falco's object, as text) is about; empty when nothing in it would narrow. */
export function conditionFor(raw: string): string {
  const fields = alertFields(raw);
  return TELLING.flatMap((name) => {
    const value = fields.get(name);
    return value === undefined || value === '<NA>' ? [] : [`${name} = ${operand(value)}`];
  })
    .slice(0, MAX_TESTS)
    .join(' and ');
}

function Preview({ condition }: { readonly condition: string }) {
  const found = useData(`preview ${condition}`, async (signal) =>
    condition.trim() === ''
      ? undefined
      : call('GET /api/v1/findings', { query: { filter: condition, limit: PREVIEW } }, signal),
  );
  if (condition.trim() === '') return null;
  if (found.error) return <Problem text={found.error.message} />;
  const items = found.value?.items;
  if (items === undefined) return null;
  const more = found.value?.next === undefined ? '' : ' or more';
  return (
    <div class="preview">
      <p role="status">
        {items.length === 0
          ? 'No finding matches now; later ones will be hidden as they come.'
          : `Hides ${plural(items.length, 'finding')}${more} now:`}
      </p>
      <ul>
        {items.slice(0, SHOWN).map((item) => (
          <li key={item.id}>
            <Verdict word={item.verdict} /> <PlainTitle text={item.title} max={90} />
          </li>
        ))}
        {items.length > SHOWN && <li class="muted">and {items.length - SHOWN} more</li>}
      </ul>
    </div>
  );
}

export interface SilenceFormProps {
  /** The condition to start from. */
  readonly condition: string;
  readonly onDone: () => void;
  readonly onCancel?: () => void;
}

export function SilenceForm({ condition: start, onDone, onCancel }: SilenceFormProps) {
  const [condition, setCondition] = useState(start);
  const [reason, setReason] = useState('');
  const [hours, setHours] = useState(8);
  const [problem, setProblem] = useState('');
  useEffect(() => setCondition(start), [start]);
  const add = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (condition.trim() === '' || reason.trim() === '') {
      setProblem('A silence needs a condition and a reason.');
      return;
    }
    const expires = new Date(Date.now() + hours * HOUR_MS).toISOString();
    try {
      const made = await call('POST /api/v1/silences', { body: { condition, reason, expires } });
      tell(`Silenced until ${exactTime(made.expires)}.`, async () => {
        await call('DELETE /api/v1/silences/{id}', { params: { id: made.id }, query: { reason: 'undo' } });
        onDone();
      });
    } catch (error) {
      setProblem(messageOf(error));
      return;
    }
    setProblem('');
    setCondition('');
    setReason('');
    onDone();
  };
  return (
    <form class="form" onSubmit={(event) => void add(event)}>
      <FilterBar
        value={condition}
        label="Condition, in Falco’s rule language"
        placeholder="container.image.repository = example/backup"
        rows={3}
        onChange={setCondition}
      />
      <label>
        Reason
        <input
          value={reason}
          maxLength={2000}
          autocomplete="off"
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      <label>
        For
        <select value={hours} onChange={(event) => setHours(Number(event.currentTarget.value))}>
          {Object.entries(TERMS).map(([name, value]) => (
            <option key={name} value={value}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <Preview condition={condition} />
      <Problem text={problem} />
      <div class="buttons">
        <button type="submit" class="primary">
          Silence
        </button>
        {onCancel && (
          <button type="button" onClick={onCancel}>
            Cancel
          </button>
        )}
      </div>
    </form>
  );
}
