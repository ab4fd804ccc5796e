// Small pieces that every page uses: verdicts, times, values, states of a page.

import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { visible } from '../../../src/base/escape/visible.ts';
import type { ApiError } from '../api.ts';
import { exactTime, middleCut, relativeTime, shortExactTime } from '../format.ts';
import { useSetting } from '../settings.ts';

export const VERDICTS = ['malicious', 'likely-malicious', 'undetermined', 'likely-benign', 'benign'] as const;
export type VerdictWord = (typeof VERDICTS)[number];

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

const MINUTE_MS = 60_000;

/** Now, again every minute, so that "5 min ago" grows old. */
export function useNow(): number {
  const [now, set] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => set(Date.now()), MINUTE_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/**
 * Relative, with the exact UTC time on hover; exact everywhere when the reader has chosen so (`t`), which is the way for
 * those without a pointer.
 */
export function Time({ iso }: { readonly iso: string }) {
  const style = useSetting('times');
  const now = useNow();
  return (
    <time dateTime={iso} title={exactTime(iso)}>
      {style === 'exact' ? exactTime(iso) : relativeTime(iso, now)}
    </time>
  );
}

/** As `Time`, for columns, which are many: exact without year and zone. */
export const timeText = (iso: string, style: 'relative' | 'exact', nowMs: number): string =>
  style === 'exact' ? shortExactTime(iso) : relativeTime(iso, nowMs);

/** Somebody else's text: boxed, control characters visible, cut in the middle, whole on hover. */
export function Value({ text, max = 200 }: { readonly text: string; readonly max?: number }) {
  const shown = middleCut(text, max);
  return (
    <bdi class="value" {...(shown === text ? {} : { title: middleCut(text, 2000) })}>
      {shown}
    </bdi>
  );
}

/** A title of ours, made of an attacker's words: hidden characters are shown; cut in the middle past `max`. */
export function PlainTitle({ text, max = 300 }: { readonly text: string; readonly max?: number }) {
  const shown = middleCut(text, max);
  return <bdi {...(shown === visible(text) ? {} : { title: middleCut(text, 2000) })}>{shown}</bdi>;
}

export function ErrorBox({ error, retry }: { readonly error: ApiError; readonly retry?: () => void }) {
  const { title, status } = error.problem;
  // Asking the same again helps only against what passes.
  const passes = status === 0 || status === 429 || status >= 500;
  return (
    <div class="state error" role="alert">
      <p>
        <strong>{title}</strong>
      </p>
      {error.message !== title && <p>{error.message}</p>}
      {retry && passes && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** What is wrong with a form, said when it appears. */
export function Problem({ text }: { readonly text: string }) {
  return text === '' ? null : (
    <p class="problem" role="alert">
      {text}
    </p>
  );
}

/** Rows in waiting; appears only after 200 ms (CSS), so that a quick answer never flickers. */
export function Skeleton({ rows, text }: { readonly rows: number; readonly text?: string }) {
  return (
    <div class="skeleton">
      <p role="status" class={text === undefined ? 'visually-hidden' : 'muted'}>
        {text ?? 'Loading'}
      </p>
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
    <section class="state empty">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

const COPIED_MS = 1600;

/** Copies `text`; `of` says what, for those who do not see what the button stands beside. */
export function Copy({
  text,
  label = 'Copy',
  of,
}: {
  readonly text: string;
  readonly label?: string;
  readonly of?: string;
}) {
  const [said, setSaid] = useState('');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid('Copied');
    } catch {
      setSaid('Not copied: the browser refused');
    }
    setTimeout(() => setSaid(''), COPIED_MS);
  };
  return (
    <>
      <button type="button" class="small" onClick={() => void copy()}>
        {said === '' ? label : said}
        {of !== undefined && <span class="visually-hidden"> {of}</span>}
      </button>
      <span role="status" class="visually-hidden">
        {said}
      </span>
    </>
  );
}

/** The key of what it stands in; for the eyes only, the help has it for everybody. */
export function Key({ keys }: { readonly keys: string }) {
  return (
    <span class="key" aria-hidden="true">
      {keys}
    </span>
  );
}
