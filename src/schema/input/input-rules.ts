/** The rules for an input that is checked by itself, such as an item of a list. */
import { z } from 'zod';
import type { Constraint } from './constraints.js';
import { checkOf } from './rules.js';

type Given = Readonly<Record<string, unknown>>;

export interface InputRules {
  /** The rule for each field, in the order in which they are named if they are broken. */
  readonly fields: Readonly<Record<string, { readonly schema: z.ZodType }>>;
  /** The fields that are always given. */
  readonly required: readonly string[];
  /** What must hold once each field satisfies its own rule. */
  readonly constraint: Constraint;
}

/**
 * What is wrong with an input; undefined if nothing is. Almost all break no rule, which is found without zod: it takes several times as
 * long, and says what is wrong with the others.
 */
export function inputErrors({ fields, required, constraint }: InputRules) {
  const rules = Object.entries(fields).map(([name, rule]) => ({
    name,
    schema: rule.schema,
    check: checkOf(rule),
    isRequired: required.includes(name),
  }));
  const schemas = rules.map(({ name, schema, isRequired }) => [
    name,
    isRequired ? schema : schema.nullish(),
  ]);
  const schema = z.looseObject(Object.fromEntries(schemas)).refine(...constraint);
  const [holds] = constraint;
  const isFine = (input: Given): boolean => {
    for (const { name, check, isRequired } of rules) {
      const value = input[name];
      if (value === undefined || value === null) {
        if (isRequired) return false;
      } else if (!satisfies(check, value)) return false;
    }
    return holds(input);
  };
  return (input: Given): z.ZodError | undefined =>
    isFine(input) ? undefined : schema.safeParse(input).error;
}

/** GraphQL has checked that the value has the type that the rule is for. */
function satisfies(check: ReturnType<typeof checkOf>, value: unknown): boolean {
  return check(value as never) === null;
}
