// What rules over recorded alerts could not tell, in sentences.

import type { Diagnostic } from '../../base/diagnostic.ts';
import type { AlertReplay, FieldTally } from '../../sources/audit/index.ts';

const MAX_NAMED = 8;

/** The most frequent fields first, with how often. */
function named(tally: FieldTally): string {
  const sorted = [...tally].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  const shown = sorted.slice(0, MAX_NAMED).map(([field, times]) => `${field} (${times})`);
  const rest = sorted.length - shown.length;
  return `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

const alerts = (n: number): string => `${n} alert${n === 1 ? '' : 's'}`;

/** One diagnostic for each rule that was undecided or incomplete, the worst first, and for sources without rules. */
export function gapDiagnostics(replay: AlertReplay): Diagnostic[] {
  const out: Diagnostic[] = [];
  for (const [source, n] of replay.unconcerned) {
    out.push({
      code: 'REPLAY_NO_RULES',
      severity: 'warning',
      message: `No rule is for the source ${source}: ${alerts(n)} not looked at`,
    });
  }
  const gaps = replay.gaps().sort((a, b) => b.undecided - a.undecided);
  for (const { rule, undecided, missing } of gaps) {
    if (undecided === 0) continue;
    out.push({
      code: 'REPLAY_UNDECIDED',
      severity: 'warning',
      message: `Rule \`${rule}\` is undecided on ${undecided} of ${alerts(replay.alerts)}: what would decide was not recorded: ${named(missing)}`,
    });
  }
  for (const { rule, incomplete, unprinted } of gaps) {
    if (incomplete === 0) continue;
    out.push({
      code: 'REPLAY_NOT_RECORDED',
      severity: 'info',
      message: `Rule \`${rule}\` printed <NA> in ${alerts(incomplete)} for what was not recorded: ${named(unprinted)}`,
    });
  }
  return out;
}
