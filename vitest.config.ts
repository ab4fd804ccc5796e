import { defineConfig } from 'vitest/config';

// Two projects: `unit` is fast and needs nothing but Node; `integration` uses real tools (PostgreSQL, Chromium,
// apparmor_parser, …), which scripts/setup-tools.sh installs.
export default defineConfig({
  test: {
    // Many tests wait for child processes: one worker a core, not one less.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'tests/*.test.ts',
            'tests/cases/**/*.test.ts',
            'tests/conformance/*.test.ts',
            'tests/fuzz/**/*.test.ts',
            'rules/**/*.test.ts',
          ],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: [
            'tests/e2e/**/*.test.ts',
            'tests/captures-suite/**/*.test.ts',
            'tests/integration/**/*.test.ts',
            'bench/**/*.test.ts',
          ],
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
