/** What every text must keep to, or the database refuses it, or stores another one in its place. */
export interface Violation {
  readonly rule: string;
  readonly message: string;
  /** Below the value that was looked at. */
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
