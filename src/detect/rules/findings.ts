// What loading says: Falco's findings, each with our diagnostic at the author's own characters.

import type { Diagnostic, Location, Note, Severity } from '../../base/diagnostic.ts';
import type { CheckCode } from '../lang/index.ts';
import type { LoadFinding } from './types.ts';

export const ERROR_CODES = {
  LOAD_ERR_YAML_PARSE: 'Error parsing YAML',
  LOAD_ERR_YAML_VALIDATE: 'Error validating internal structure of YAML file',
  LOAD_ERR_COMPILE_CONDITION: 'Error compiling condition',
  LOAD_ERR_COMPILE_OUTPUT: 'Error compiling output',
  LOAD_ERR_VALIDATE: 'Error validating rule/macro/list/exception objects',
} as const;
export type ErrorCode = keyof typeof ERROR_CODES;

export const WARNING_CODES = {
  LOAD_UNKNOWN_SOURCE: 'Unknown event source',
  LOAD_UNSAFE_NA_CHECK: 'Comparison with <NA> of a field that is absent instead',
  LOAD_NO_EVTTYPE: 'Condition matches too many event types',
  LOAD_UNKNOWN_FILTER: 'Unknown field or event type, rule skipped',
  LOAD_UNUSED_MACRO: 'Unused macro',
  LOAD_UNUSED_LIST: 'Unused list',
  LOAD_UNKNOWN_ITEM: 'Unknown item',
  LOAD_DEPRECATED_ITEM: 'Deprecated item',
  LOAD_APPEND_NO_VALUES: 'Overriding or appending an exception without values',
  LOAD_EXCEPTION_NAME_NOT_UNIQUE: 'Exceptions with the same name',
  LOAD_INVALID_MACRO_NAME: 'Invalid macro name',
  LOAD_INVALID_LIST_NAME: 'Invalid list name',
  LOAD_COMPILE_CONDITION: 'Condition that probably means something else',
  LOAD_UNKNOWN_KEY: 'Unknown key',
} as const;
export type WarningCode = keyof typeof WARNING_CODES;

/** Codes of our diagnostics: Falco's own, and finer ones for what is wrong in a condition. */
export type DiagnosticCode =
  | ErrorCode
  | WarningCode
  | CheckCode
  | 'CONDITION_SYNTAX'
  | 'PLUGIN_VERSION'
  | 'RULES_TOO_LARGE';

export interface Details {
  /** Our code, if finer than Falco's. */
  readonly code?: DiagnosticCode;
  /** Our message, if Falco's does not say enough. */
  readonly message?: string;
  readonly notes?: readonly Note[];
  readonly help?: string;
}

/** Stops reading or compiling one item; never leaves this room. */
export class LoadFailure extends Error {
  readonly code: ErrorCode;
  readonly at: Location;
  readonly details: Details;

  constructor(code: ErrorCode, message: string, at: Location, details: Details = {}) {
    super(message);
    this.name = 'LoadFailure';
    this.code = code;
    this.at = at;
    this.details = details;
  }
}

/**
 * Collects what loading one file says. Falco stops at a file's first error; what we find behind it goes to `later`,
 * so that an author sees everything at once.
 */
export class Findings {
  readonly errors: LoadFinding[] = [];
  readonly warnings: LoadFinding[] = [];
  readonly later: LoadFinding[] = [];

  get failed(): boolean {
    return this.errors.length > 0;
  }

  fail(failure: LoadFailure): void {
    const finding = toFinding(failure.code, 'error', failure.message, failure.at, failure.details);
    (this.failed ? this.later : this.errors).push(finding);
  }

  warn(code: WarningCode, message: string, at: Location, details: Details = {}): void {
    (this.failed ? this.later : this.warnings).push(toFinding(code, 'warning', message, at, details));
  }

  /** Runs a step; a failure is recorded and ends only the step. */
  attempt<T>(step: () => T): T | undefined {
    try {
      return step();
    } catch (failure) {
      if (!(failure instanceof LoadFailure)) throw failure;
      this.fail(failure);
      return undefined;
    }
  }
}

function toFinding(
  code: ErrorCode | WarningCode,
  severity: Severity,
  message: string,
  at: Location,
  details: Details,
): LoadFinding {
  const { notes, help } = details;
  const diagnostic: Diagnostic = {
    code: details.code ?? code,
    severity,
    message: details.message ?? message,
    at,
    ...(notes !== undefined && notes.length > 0 && { notes }),
    ...(help !== undefined && { help }),
  };
  return { code, message, diagnostic };
}
