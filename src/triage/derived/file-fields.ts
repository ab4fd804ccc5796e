// The file that an alert is about, and what was done to it. Most rules print neither flags nor an operation: then the
// event's type tells, then the rule author's own words ("opened for writing"). Those words are the site's, not the
// attacker's: only the output's text before its first value is read.

import type { AlertView } from './view.ts';

export type FileOperation = 'read' | 'write' | 'delete' | 'rename' | 'link' | 'mode' | 'execute' | 'load';

const PATH_FIELDS = [
  'fd.name',
  'evt.arg.path',
  'evt.arg.filename',
  'evt.arg.name',
  'evt.arg.newpath',
  'evt.arg.oldpath',
  'fs.path.name',
  'fs.path.target',
] as const;

/** The path concerned; for links the target that is linked to. */
export function filePath(view: AlertView): string | undefined {
  const type = view.text('evt.type');
  if (type.startsWith('symlink') || type.startsWith('link') || view.text('evt.arg.linkpath') !== '') {
    const target = view.text('evt.arg.target') || view.text('evt.arg.oldpath') || view.text('fs.path.target');
    if (target !== '') return target;
  }
  for (const field of PATH_FIELDS) {
    const path = pathIn(view.text(field));
    if (path !== undefined) return path;
  }
  return undefined;
}

function pathIn(text: string): string | undefined {
  if (text.startsWith('/')) return text;
  // Falco prints a relative path with its resolution in brackets: `x(/root/x)`.
  const open = text.indexOf('(/');
  return open >= 0 && text.endsWith(')') ? text.slice(open + 1, -1) : undefined;
}

/** What was done to the file; `undefined` when nothing tells. */
export function fileOperation(view: AlertView): FileOperation | undefined {
  const type = view.text('evt.type');
  if (/^(?:unlink|rmdir)/.test(type)) return 'delete';
  if (type.startsWith('rename')) return 'rename';
  if (/^(?:sym)?link(?:at)?$/.test(type)) return 'link';
  if (/^f?chmod/.test(type)) return 'mode';
  if (/^exec/.test(type)) return 'execute';
  if (/^f?init_module$/.test(type)) return 'load';
  if (type === 'creat' || type.startsWith('mkdir') || type.startsWith('mknod') || type === 'write')
    return 'write';
  if (view.text('evt.arg.linkpath') !== '') return 'link';
  if (view.get('evt.is_open_write') === true) return 'write';
  if (view.get('evt.is_open_read') === true) return 'read';
  const flags = `${view.text('evt.arg.flags')} ${view.text('evt.args')}`;
  if (/O_WRONLY|O_RDWR|O_TRUNC|O_CREAT/.test(flags)) return 'write';
  if (/O_RDONLY/.test(flags)) return 'read';
  return operationInWords(ruleWords(view));
}

/** The rule's name and the fixed beginning of its output, in lower case: the rule author's words, none of the event's. */
export function ruleWords(view: AlertView): string {
  const { rule, output, priority } = view.alert;
  const start = output.slice(0, 300);
  const end = start.search(/[|(=]|\b[\w.]+=/);
  const words = (end < 0 ? start : start.slice(0, end))
    .replace(/^[0-9T:.+Z-]*:? ?/, '')
    .replace(priority, '');
  return `${rule ?? ''}: ${words}`.toLowerCase();
}

function operationInWords(words: string): FileOperation | undefined {
  if (/for writing|opened for write/.test(words)) return 'write';
  if (/for reading|opened for read/.test(words)) return 'read';
  if (
    /\b(?:writ\w*|modif\w*|tamper\w*|clear\w*|add\w*|creat\w*|schedul\w*|chang\w*|delet\w*|remov\w*|overwr\w*|append\w*|update\w*)\b/.test(
      words,
    )
  )
    return 'write';
  if (/\b(?:read\w*|access\w*|leak\w*|steal\w*|view\w*|open(?:ed)?)\b/.test(words)) return 'read';
  return undefined;
}
