/** Rules for every text; otherwise the database would refuse it, or store a different one. */
export interface Violation {
  readonly rule: string;
  readonly message: string;
  /** Relative to the value that was checked. */
  readonly path?: readonly string[];
}

const LONE_SURROGATE = /\p{Surrogate}/u;

export function textViolation(text: string): Violation | null {
  if (text.includes('\u0000')) {
    return { rule: 'nul', message: 'must not contain the NUL character' };
  }
  // Stored as U+FFFD, so that two different texts would become one.
  if (LONE_SURROGATE.test(text)) {
    return { rule: 'well_formed', message: 'must be well-formed Unicode, without lone surrogates' };
  }
  return null;
}
