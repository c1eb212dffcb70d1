/** A plausible mistake, and the tests that must notice it. */
export interface Mutant {
  /** What no longer holds once the mistake is made. */
  readonly guarantee: string;
  /** Relative to the repository. */
  readonly file: string;
  /** Occurs once in the file. */
  readonly find: string;
  readonly replace: string;
  /** Test files, relative to `test`, that are run in order until one notices. Best is a single quick one. */
  readonly tests: readonly string[];
  /** Why no test can notice it, for a mistake without a visible effect. */
  readonly survives?: string;
}

/** BROKEN: the tests did not run, so the outcome is unknown. */
export type Outcome = 'KILLED' | 'SURVIVED' | 'TIMED_OUT' | 'BROKEN';

/** A mistake that makes a test hang is noticed as well. */
export function isNoticed(outcome: Outcome): boolean {
  return outcome === 'KILLED' || outcome === 'TIMED_OUT';
}

/** The text with the mistake made. Throws if the list no longer matches the file. */
export function mutate(text: string, { file, find, replace }: Mutant): string {
  const parts = text.split(find);
  if (parts.length !== 2) {
    throw new Error(`${file} has ${parts.length - 1} of these, not one: ${find}`);
  }
  return parts.join(replace);
}
