// What Falco reported about itself: shown beside the findings, since what a sensor dropped no rule has seen. Kept in
// memory, newest first, bounded; metrics keep the counts.

import type { HealthReport } from '../alerts/index.ts';

export interface SensorReport {
  readonly atMs: number;
  readonly hostname: string;
  readonly kind: HealthReport['kind'];
  readonly summary: string;
}

const KEPT = 200;

export class Sensors {
  #reports: SensorReport[] = [];

  note(reports: readonly HealthReport[], nowMs: number): void {
    if (reports.length === 0) return;
    const noted = reports.map(({ alert, kind, summary }) => ({
      atMs: nowMs,
      hostname: alert.hostname ?? '',
      kind,
      summary,
    }));
    this.#reports = [...noted.reverse(), ...this.#reports].slice(0, KEPT);
  }

  get reports(): readonly SensorReport[] {
    return this.#reports;
  }
}
