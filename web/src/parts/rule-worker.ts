// Checks rule files off the page's own thread: Falco's stock rules take longer than a keystroke may.

import { type Checked, check, type RuleFile } from './rule-check.ts';

export interface CheckRequest {
  readonly id: number;
  readonly file: RuleFile;
  readonly before: readonly RuleFile[];
}

export interface CheckAnswer {
  readonly id: number;
  readonly checked: Checked;
}

addEventListener('message', ({ data }: MessageEvent<CheckRequest>) => {
  const { id, file, before } = data;
  const answer: CheckAnswer = { id, checked: check(file.name, file.content, before) };
  postMessage(answer);
});
