export { Coverage, POINT_KINDS, type PointKind } from './coverage.ts';
export {
  type Count,
  type CoverageSummary,
  type FileCoverage,
  type Missed,
  percent,
  percentText,
  summarise,
} from './coverage-summary.ts';
export type { Failure, Reason } from './judge.ts';
export { Loader } from './load.ts';
export { renderJson } from './report/json.ts';
export { renderJunit } from './report/junit.ts';
export { type FileResult, type RunOptions, runTestFile, type TestResult, type TestStatus } from './run.ts';
export { type Tally, tally } from './tally.ts';
export { watchFiles } from './watch.ts';
