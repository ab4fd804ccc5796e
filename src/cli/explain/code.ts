// `yarak explain CODE`.

import type { CodePage } from '../../detect/rules/index.ts';
import { Page } from './page.ts';

/** What a diagnostic code means, with its example. */
export function explainCode(code: string, { title, severity, text, example, fixed }: CodePage): string {
  const page = new Page();
  page.title(`${code}: ${title} (${severity})`);
  page.section('What it means');
  page.line(text);
  if (example !== undefined) {
    page.section('For example');
    page.block(example);
  }
  if (fixed !== undefined) {
    page.section('Put right');
    page.block(fixed);
  }
  return page.toString();
}
