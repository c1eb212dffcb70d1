/** Inputs that break no rule are recognised without zod, which says the same of all others as before. */
import { expect, it, vi } from 'vitest';
import { z } from 'zod';
import { exactlyOne } from '../../src/schema/input/constraints.js';
import { inputErrors } from '../../src/schema/input/input-rules.js';
import * as rules from '../../src/schema/input/rules.js';

const FIELDS = {
  featureId: rules.id,
  eventName: rules.eventName,
  value: rules.quantityNotNegative,
  properties: rules.properties,
  customerId: rules.id,
  timestamp: rules.instant,
};
const constraint = exactlyOne('featureId', 'eventName');

const errorsIn = inputErrors({ fields: FIELDS, required: ['customerId'], constraint });

const byZod = z
  .looseObject({
    featureId: rules.id.schema.nullish(),
    eventName: rules.eventName.schema.nullish(),
    value: rules.quantityNotNegative.schema.nullish(),
    properties: rules.properties.schema.nullish(),
    customerId: rules.id.schema,
    timestamp: rules.instant.schema.nullish(),
  })
  .refine(...constraint);

const TEXTS = ['a', '', 'a b', 'é', 'x'.repeat(300), undefined, null];
const SOME: readonly Readonly<Record<string, unknown>>[] = [
  {},
  ...[0, 1, -1, 1.5, 1e-12, 1e20, null].map((value) => ({ value })),
  ...[{}, { a: 1 }, [], 'text', { a: 'x'.repeat(70_000) }, null].map((properties) => ({
    properties,
  })),
  ...['2026-01-31T10:15:30Z', '2026-02-30T10:15:30Z', '', null].map((timestamp) => ({ timestamp })),
];

const INPUTS = TEXTS.flatMap((featureId) =>
  TEXTS.flatMap((eventName) =>
    ['a', '', 'a b', 'x'.repeat(300)].flatMap((customerId) =>
      SOME.map((more) => ({ featureId, eventName, customerId, ...more })),
    ),
  ),
);

it('finds the same errors in the same order', () => {
  let fine = 0;
  for (const input of INPUTS) {
    const errors = errorsIn(input);
    expect(errors?.issues).toEqual(byZod.safeParse(input).error?.issues);
    fine += Number(errors === undefined);
  }
  expect(fine).toBeGreaterThan(20);
  expect(fine).toBeLessThan(INPUTS.length / 2);
});

it('asks zod only about inputs that break a rule', () => {
  const asked = vi.spyOn(rules.id.schema._zod, 'run');
  expect(errorsIn({ customerId: 'acme', featureId: 'words', value: 3 })).toBeUndefined();
  expect(asked).not.toHaveBeenCalled();
  expect(errorsIn({ customerId: 'acme', featureId: 'words', value: -3 })).toBeDefined();
  expect(asked).toHaveBeenCalled();
  asked.mockRestore();
});
