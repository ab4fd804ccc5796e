// What Yarak says about a user's text (rules, alerts, manifests, configuration). User text never throws: it
// yields diagnostics, each with the place, what was found, what was expected, and where possible the fix.

export type Severity = 'error' | 'warning' | 'info' | 'hint';

/** A half-open range of UTF-16 offsets in one text. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A place that a person can find: `line` and `column` are 1-based, `from`/`to` are UTF-16 offsets in the file. */
export interface Location extends Span {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A replacement of `at` by `text`. Fixes that are `safe` never change what the text means to Falco. */
export interface Fix {
  readonly title: string;
  readonly safe: boolean;
  readonly edits: readonly { readonly at: Location; readonly text: string }[];
}

export interface Note {
  readonly message: string;
  readonly at?: Location;
}

/** `code` is stable and documented; `yarak explain CODE` tells what it means. */
export interface Diagnostic {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly at?: Location;
  readonly notes?: readonly Note[];
  readonly help?: string;
  readonly fixes?: readonly Fix[];
}
