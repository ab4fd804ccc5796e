// Which fields an exception rests on. At least one must be something an attacker does not choose (the image as the
// runtime knows it, an executable in a system folder); what he chooses only narrows it. Never a pid, a container's id, a
// pod's hash or a time.

import { type Alert, fieldText } from '../../alerts/index.ts';

export interface ExceptionField {
  readonly name: string;
  readonly comparison: '=' | 'startswith' | 'regex';
  readonly value: string;
}

const SYSTEM = /^\/(?:usr\/(?:local\/)?(?:s?bin|lib(?:exec)?)|s?bin|lib\w*|opt)\//;
/** Words in which digits are part of a name. */
const FIXED =
  /^(?:x86_64|i[3-6]86|amd64|arm64|aarch64|base64|base32|sha\d+|md5|utf-?8|ipv[46]|python\d?|perl5|php\d?|ed25519|ext[34]|h?ttp2)$/i;
const MAX_LENGTH = 1000;

/** The fields, or why no safe exception can be written. */
export function chooseFields(alert: Alert, samples: readonly Alert[]): ExceptionField[] | string {
  const value = (name: string) => fieldText(alert, name) ?? '';
  const steady = (name: string) => new Set(samples.map((sample) => fieldText(sample, name) ?? '')).size === 1;
  const fields: ExceptionField[] = [];
  const image = value('container.image.repository');
  const digest = value('container.image.digest');
  const exe = value('proc.exepath');
  const parent = value('proc.pexepath');
  const grandparent = value('proc.aexepath[2]');
  const line = value('proc.cmdline');
  if (image !== '') fields.push({ name: 'container.image.repository', comparison: '=', value: image });
  if (/^sha256:[0-9a-f]{64}$/.test(digest) && steady('container.image.digest'))
    fields.push({ name: 'container.image.digest', comparison: '=', value: digest });
  if (SYSTEM.test(exe) && steady('proc.exepath'))
    fields.push({ name: 'proc.exepath', comparison: '=', value: exe });
  const anchored = fields.length;
  if (anchored === 0)
    return 'The alert shows neither the image nor the path of the executable: what is left (names, command line) an attacker chooses. Ask for proc.exepath and container.image.digest with append_output, then look again.';
  if (SYSTEM.test(parent) && steady('proc.pexepath'))
    fields.push({ name: 'proc.pexepath', comparison: '=', value: parent });
  if (image === '' && SYSTEM.test(grandparent) && steady('proc.aexepath[2]'))
    fields.push({ name: 'proc.aexepath[2]', comparison: '=', value: grandparent });
  if (line !== '' && line.length <= MAX_LENGTH && !/[\0-\x1f\x7f\ufffd]|\\$/.test(line))
    fields.push(lineField(line, samples));
  const file = value('fd.name');
  if (file.startsWith('/') && !/[\0-\x1f]|\\$/.test(file)) fields.push(fileField(file, samples));
  if (fields.length < 2)
    return 'Only one stable field is known; an exception on it alone would blind the rule for everything that shares it.';
  if (!fields.some(({ name }) => name === 'proc.cmdline' || name === 'fd.name'))
    return 'Neither the command line nor the file is known: the exception would silence everything that this program does.';
  return fields;
}

/** The command line: exact where it never changes, else a full-match regex whose numbers may change and nothing else. */
function lineField(line: string, samples: readonly Alert[]): ExceptionField {
  const lines = new Set(samples.map((sample) => fieldText(sample, 'proc.cmdline') ?? ''));
  if (/[\\^]/.test(line) || (lines.size === 1 && !/\d/.test(line)))
    return { name: 'proc.cmdline', comparison: '=', value: line };
  const pattern = shapePattern(line);
  const matches = [...lines].every((other) => new RegExp(`^(?:${pattern})$`).test(other));
  return matches
    ? { name: 'proc.cmdline', comparison: 'regex', value: pattern }
    : { name: 'proc.cmdline', comparison: '=', value: line };
}

/** Runs of digits become `[0-9]+`, long hexadecimal ones `[0-9a-f]+`; all else is literal. No repetition inside another. */
export function shapePattern(line: string): string {
  return line
    .split(/([A-Za-z0-9_]+)/)
    .map((part) => {
      if (FIXED.test(part) || !/\d/.test(part)) return escapeRegex(part);
      if (/^[0-9a-f]{8,}$/.test(part)) return '[0-9a-f]+';
      return part.replace(/\d+/g, '[0-9]+');
    })
    .join('');
}

/** One-character classes instead of backslashes, which Falco's strings would have to escape again. */
function escapeRegex(text: string): string {
  return text.replace(/[.*+?()[{}|$]/g, '[$&]');
}

/** One file exactly; several only by their common folder, never a top one. */
function fileField(file: string, samples: readonly Alert[]): ExceptionField {
  const files = [...new Set(samples.map((sample) => fieldText(sample, 'fd.name') ?? ''))];
  if (files.length <= 1) return { name: 'fd.name', comparison: '=', value: file };
  let folder = file.slice(0, file.lastIndexOf('/') + 1);
  while (folder.length > 1 && !files.every((other) => other.startsWith(folder)))
    folder = folder.slice(0, folder.lastIndexOf('/', folder.length - 2) + 1);
  return folder.split('/').length >= 4
    ? { name: 'fd.name', comparison: 'startswith', value: folder }
    : { name: 'fd.name', comparison: '=', value: file };
}
