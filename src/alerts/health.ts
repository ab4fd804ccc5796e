// Falco's reports about itself: they say what the sensor did not see, and are never incidents.

import type { Alert, HealthReport } from './alert.ts';
import { fieldNumber, fieldText } from './fields.ts';

/** The health report that an alert is, or `undefined` if it is a detection. */
export function healthReport(alert: Alert): HealthReport | undefined {
  const rule = alert.rule ?? '';
  const body = alert.output;
  const internal =
    alert.source === 'internal' ||
    rule.startsWith('Falco internal:') ||
    /(?:^|: [A-Z][a-z]+ )Falco (?:internal:|metrics snapshot)/.test(body);
  if (!internal) return undefined;
  const what = `${rule} ${body.slice(0, 512)}`.toLowerCase();
  if (what.includes('metrics snapshot')) return { kind: 'metrics', alert, summary: metrics(alert) };
  if (what.includes('queue'))
    return {
      kind: 'output-queue',
      alert,
      summary: 'Falco could not send some alerts: its output queue was full',
    };
  if (what.includes('event drop')) return { kind: 'drops', alert, summary: drops(alert) };
  if (what.includes('timeout')) {
    return {
      kind: 'drops',
      alert,
      summary: 'The kernel gave Falco no events for a while: what happened then was not seen',
    };
  }
  if (what.includes('plugin'))
    return {
      kind: 'plugin',
      alert,
      summary: 'A Falco plugin reported a problem: its event source may be blind',
    };
  return { kind: 'other', alert, summary: 'Falco reported on itself' };
}

function drops(alert: Alert): string {
  const count = fieldNumber(alert, 'n_drops') ?? firstNumber(/(\d{1,18}) system calls dropped/, alert.output);
  const seen = fieldNumber(alert, 'n_evts') ?? firstNumber(/n_evts=(\d{1,18})/, alert.output);
  const buffer =
    fieldNumber(alert, 'n_drops_buffer') ?? firstNumber(/n_drops_buffer=(\d{1,18})/, alert.output);
  const pageFaults = fieldNumber(alert, 'n_drops_pf') ?? firstNumber(/n_drops_pf=(\d{1,18})/, alert.output);
  if (count === undefined) return 'Falco dropped system calls: what they did was not seen';
  const share =
    seen !== undefined && seen > 0 ? ` (${((100 * count) / (seen + count)).toFixed(1)} % of all)` : '';
  const why =
    buffer !== undefined && buffer >= count / 2
      ? '; its kernel buffer was full'
      : pageFaults !== undefined && pageFaults >= count / 2
        ? '; their memory was paged out'
        : '';
  return `Falco dropped ${count} system call${count === 1 ? '' : 's'} in a second${share}${why}: what they did was not seen`;
}

function metrics(alert: Alert): string {
  const parts: string[] = [];
  const version = fieldText(alert, 'falco.version');
  const rate = fieldNumber(alert, 'falco.evts_rate_sec');
  const cpu = fieldNumber(alert, 'falco.cpu_usage_perc');
  const memory = fieldNumber(alert, 'falco.memory_rss_mb');
  const dropped = fieldNumber(alert, 'scap.n_drops');
  const droppedShare = fieldNumber(alert, 'scap.n_drops_perc');
  const queue = fieldNumber(alert, 'falco.outputs_queue_num_drops');
  if (rate !== undefined) parts.push(`${Math.round(rate)} events/s`);
  if (cpu !== undefined) parts.push(`${cpu} % of a CPU`);
  if (memory !== undefined) parts.push(`${memory} MB`);
  if (droppedShare !== undefined) parts.push(`${droppedShare} % of events dropped lately`);
  if (dropped !== undefined) parts.push(`${dropped} events dropped since the start`);
  if (queue !== undefined && queue > 0) parts.push(`${queue} alerts lost in the output queue`);
  const who = version === undefined || !/^[\w.+-]{1,40}$/.test(version) ? 'Falco' : `Falco ${version}`;
  return `${who} reported its metrics${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`;
}

function firstNumber(pattern: RegExp, text: string): number | undefined {
  const digits = pattern.exec(text.slice(0, 2048))?.[1];
  return digits === undefined ? undefined : Number(digits);
}
