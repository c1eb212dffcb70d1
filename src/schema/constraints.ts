/** Rules between the fields of one input. They are looked at once each field keeps its own. */

/** What holds between fields, and what is answered where it does not. */
export interface Constraint<T> {
  readonly path: string;
  readonly rule: string;
  readonly message: string;
  readonly holds: (input: T) => boolean;
}

type Refinement<T> = [
  holds: (input: T) => boolean,
  told: { message: string; path: string[]; params: { rule: string } },
];

/** Constraints in the form that Pothos' `validate` takes. */
export function constraints<T>(...list: readonly Constraint<T>[]): Refinement<T>[] {
  return list.map(({ path, rule, message, holds }) => [
    holds,
    { message, path: path.split('.'), params: { rule } },
  ]);
}

/** Whether a field was given a value. An explicit null is as good as none. */
export function given(value: unknown): boolean {
  return value !== undefined && value !== null;
}
