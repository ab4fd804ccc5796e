// Dockerfiles: instructions and their form, and whether the final stage runs as another user than root.

import type { Check } from '../types.ts';
import { ownCheck } from './toolbox.ts';

const INSTRUCTIONS = new Set(
  'ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR'.split(
    ' ',
  ),
);

interface Instruction {
  readonly line: number;
  readonly name: string;
  readonly rest: string;
}

export function validateDockerfile(text: string): string[] {
  const problems: string[] = [];
  const stages: string[] = [];
  let user: string | undefined;
  let before = true;
  for (const { line, name, rest } of instructions(text)) {
    const at = `line ${line}: `;
    if (!INSTRUCTIONS.has(name)) {
      problems.push(`${at}unknown instruction ${name}`);
      continue;
    }
    if (rest === '') problems.push(`${at}${name} needs an argument`);
    if (name === 'FROM') {
      before = false;
      user = undefined;
      const m = rest.match(/^(?:--platform=\S+\s+)?(\S+)(?:\s+[Aa][Ss]\s+(\S+))?$/);
      if (m === null) problems.push(`${at}FROM: expected IMAGE [AS NAME]`);
      else if (m[2] !== undefined) stages.push(m[2].toLowerCase());
    } else if (before && name !== 'ARG') problems.push(`${at}${name} before FROM`);
    if (name === 'USER') user = rest;
    if (name === 'COPY') {
      const from = rest.match(/--from=(\S+)/)?.[1]?.toLowerCase();
      if (from !== undefined && !/[/:.<]/.test(from) && !stages.includes(from))
        problems.push(`${at}COPY: no stage ${from}`);
    }
    if (name === 'RUN' && /\bsudo\b/.test(rest)) problems.push(`${at}sudo in RUN`);
  }
  if (before) problems.push('no FROM');
  if (user === undefined) problems.push('the final stage names no USER, so it runs as root');
  else if (/^(root|0)(:|$)/.test(user)) problems.push('the final stage runs as root');
  return problems;
}

export function checkDockerfile(text: string): Check {
  return ownCheck(
    'yarak Dockerfile rules',
    '1',
    'valid',
    'Are all instructions known and well formed, and is the final user not root?',
    validateDockerfile(text),
    'well formed, final user is not root',
  );
}

function* instructions(text: string): Generator<Instruction> {
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const first = (lines[i] as string).trim();
    if (first === '' || first.startsWith('#')) continue;
    const line = i + 1;
    let whole = first;
    while (whole.endsWith('\\') && i + 1 < lines.length)
      whole = `${whole.slice(0, -1)} ${(lines[++i] as string).trim()}`;
    const m = whole.match(/^(\S+)\s*(.*)$/s) as RegExpMatchArray;
    yield { line, name: (m[1] as string).toUpperCase(), rest: (m[2] as string).trim() };
  }
}
