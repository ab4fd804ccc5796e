export type { Failure, Reason } from './judge.ts';
export { type FileResult, type RunOptions, runTestFile, type TestResult, type TestStatus } from './run.ts';
export { readTestFile, type TestCase, type TestFile } from './test-file.ts';
