// kill -9 under load: every acknowledged alert is there exactly once. More rounds: node scripts/kill-rounds.ts.

import { describe, expect, it } from 'vitest';
import { isSound, killRounds } from '../../scripts/kill-rounds.ts';
import { hasPostgres } from '../support/postgres.ts';

const ROUNDS = 5;

describe.each(['sqlite', 'postgres'] as const)('kill -9 with %s', (backend) => {
  it.skipIf(backend === 'postgres' && !hasPostgres())(
    'loses no acknowledged alert, stores none twice, and keeps counts right',
    async () => {
      const report = await killRounds(backend, ROUNDS, 20261124);
      expect(report.kills.yarak + report.kills.postgres).toBe(ROUNDS);
      expect(report.acknowledged).toBeGreaterThan(100);
      expect(isSound(report), JSON.stringify(report)).toBe(true);
    },
  );
});
