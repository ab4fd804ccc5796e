// Question templates to questions: placeholders such as `{container.id}` become the alert's values, quoted for the
// shell, or names in angle brackets that only the reader knows.

import { shellQuote } from '../base/escape/shell.ts';
import type { AlertView } from './derived/view.ts';
import type { QuestionTemplate } from './knowledge/types.ts';
import type { Question } from './types.ts';

const PLACEHOLDER = /\{((?:[a-z][a-z0-9_]*)(?:\.[a-z0-9_]+)+(?:\[\w+\])?)\}/g;

/** What a reader fills in when the alert does not say. */
const NAMES: Readonly<Record<string, string>> = {
  'container.id': '<container-id>',
  'k8s.pod.name': '<pod>',
  'k8s.ns.name': '<namespace>',
  'proc.pid': '<pid>',
  'proc.exepath': '<program>',
  'yarak.file.path': '<file>',
  'yarak.net.peer': '<address>',
  'ka.user.name': '<user>',
  'ka.target.name': '<name>',
  'ka.target.resource': '<resource>',
  'ka.target.namespace': '<namespace>',
};

/** Fills the command from the first view that knows each value. */
export function askQuestion(template: QuestionTemplate, views: readonly AlertView[]): Question {
  const { text, command, ifSo, ifNot } = template;
  return {
    text,
    ...(command === undefined ? {} : { command: fillCommand(command, views) }),
    ...(ifSo === undefined ? {} : { ifSo }),
    ...(ifNot === undefined ? {} : { ifNot }),
  };
}

export function fillCommand(command: string, views: readonly AlertView[]): string {
  return command.replace(PLACEHOLDER, (_whole, field: string) => {
    for (const view of views) {
      const value = view.text(field);
      if (value === '' || value === '<NA>' || value.length > 512 || value.includes('\0')) continue;
      return insideQuotes(value);
    }
    return NAMES[field] ?? `<${field}>`;
  });
}

/** Plain names stay as they are, also inside the command's own quotes; everything else is quoted as one word. */
function insideQuotes(value: string): string {
  return /^[\w.:/@+-]+$/.test(value) && !value.startsWith('-') ? value : shellQuote(value);
}
