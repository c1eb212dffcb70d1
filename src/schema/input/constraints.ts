/** Rules between the fields of one input, checked once each field satisfies its own. */

type Input = Readonly<Record<string, unknown>>;

/** In the form that Pothos' `validate` takes. */
export type Constraint = [
  holds: (input: Input) => boolean,
  broken: { message: string; path: string[]; params: { rule: string } },
];

/** Exactly one of the two. */
export function exactlyOne(field: string, other: string): Constraint {
  return constraint(
    field,
    'exactly_one',
    `either this or ${other} must be given, not both`,
    (input) => isSet(input[field]) !== isSet(input[other]),
  );
}

/** At least one of the fields. */
export function notEmpty(fields: readonly string[], advice: string): Constraint {
  return [
    (input) => fields.some((field) => isSet(input[field])),
    {
      message: `must have at least one condition that is not null; ${advice}`,
      path: [],
      params: { rule: 'not_empty' },
    },
  ];
}

export function atMostOne(field: string, other: string): Constraint {
  return constraint(
    field,
    'exclusive',
    `must not be given together with ${other}`,
    (input) => !(isSet(input[field]) && isSet(input[other])),
  );
}

/** One only together with the other. Its default value, if it has one, is as good as none. */
export function needs(field: string, other: string, defaultValue?: unknown): Constraint {
  return constraint(
    field,
    'needs',
    `must not be given without ${other}`,
    (input) => !isSet(input[field]) || input[field] === defaultValue || isSet(input[other]),
  );
}

function constraint(
  field: string,
  rule: string,
  message: string,
  holds: (input: Input) => boolean,
): Constraint {
  return [holds, { message, path: [field], params: { rule } }];
}

/** An explicit null counts as absent, and so does a switch that is off. */
function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false;
}
