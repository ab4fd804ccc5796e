// Small pieces that every page uses: verdicts, times, values, states of a page.

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { ApiError } from '../api.ts';
import { exactTime, middleCut, relativeTime } from '../format.ts';

export type VerdictWord = 'benign' | 'likely-benign' | 'undetermined' | 'likely-malicious' | 'malicious';

const MARK: Readonly<Record<VerdictWord, string>> = {
  malicious: '▲',
  'likely-malicious': '▲',
  undetermined: '◆',
  'likely-benign': '○',
  benign: '○',
};

/** By shape and word first, colour second. */
export function Verdict({ word }: { readonly word: VerdictWord }) {
  return (
    <span class={`verdict is-${word}`}>
      <span class="mark" aria-hidden="true">
        {MARK[word]}
      </span>
      <span class="word">{word}</span>
    </span>
  );
}

/** Relative, with the exact UTC time on hover and focus. */
export function Time({ iso, nowMs = Date.now() }: { readonly iso: string; readonly nowMs?: number }) {
  return (
    <time dateTime={iso} title={exactTime(iso)}>
      {relativeTime(iso, nowMs)}
    </time>
  );
}

/** Somebody else's text: boxed, control characters visible, cut in the middle, whole on hover. */
export function Value({ text, max = 80 }: { readonly text: string; readonly max?: number }) {
  const shown = middleCut(text, max);
  return (
    <bdi class="value" {...(shown === text ? {} : { title: middleCut(text, 2000) })}>
      {shown}
    </bdi>
  );
}

/** A title of ours in which `{0}` … are not filled: already plain text, but made of an attacker's words. */
export function PlainTitle({ text, max = 120 }: { readonly text: string; readonly max?: number }) {
  return <bdi title={middleCut(text, 2000)}>{middleCut(text, max)}</bdi>;
}

export function ErrorBox({ error, retry }: { readonly error: ApiError; readonly retry?: () => void }) {
  return (
    <div class="state error" role="alert">
      <strong>{error.problem.title}</strong>
      <p>{error.message}</p>
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Rows in waiting; appears only after 200 ms (CSS), so that a quick answer never flickers. */
export function Skeleton({ rows }: { readonly rows: number }) {
  return (
    <div class="skeleton" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} class="skeleton-row" />
      ))}
    </div>
  );
}

export function Empty({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="state empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function Copy({ text, label = 'Copy' }: { readonly text: string; readonly label?: string }) {
  const [done, setDone] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setDone(true);
    setTimeout(() => setDone(false), 1600);
  };
  return (
    <button type="button" class="small" onClick={copy}>
      {done ? 'Copied' : label}
    </button>
  );
}
