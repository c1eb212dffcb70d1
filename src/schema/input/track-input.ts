/** The input of a use, and its rules, for `trackBalance` and `trackBalances` alike. */
import { z } from 'zod';
import type { OverageBehavior as Behavior } from '../../domain/deduction.js';
import { invalidInput } from '../../domain/refusal.js';
import type { TrackBalanceInput } from '../../meter/track-balance.js';
import { done, type Result, refuse } from '../../meter/verb.js';
import { builder } from '../builder.js';
import { exactlyOne } from './constraints.js';
import { issuesOf } from './invalid-input.js';
import * as rules from './rules.js';
import { toInstant, toJsonObject, toQuantity } from './values.js';

const DEFAULT_VALUE = 1;
const DEFAULT_OVERAGE_BEHAVIOR: Behavior = 'CAP';

const OverageBehavior = builder.enumType('OverageBehavior', {
  description: 'Says what happens to what the balances can not carry.',
  values: {
    CAP: { description: 'Takes what fits and reports the rest as unapplied.' },
    REJECT: { description: 'Takes all of it or refuses the call.' },
    OVERFLOW: { description: 'Takes all of it, beyond any limit.' },
  } satisfies Record<Behavior, { description: string }>,
});

export const BalancesTrackInput = builder.inputType('BalancesTrackInput', {
  description: 'A use to record and to take from the balances of a customer.',
  fields: (t) => ({
    customerId: t.string({
      required: true,
      description: 'The customer who used it.',
    }),
    featureId: t.string({
      description: 'The feature that was used; either it or an event name must be given.',
    }),
    eventName: t.string({
      description: 'What happened: every feature that lists the name is charged, all or none.',
    }),
    value: t.float({
      defaultValue: DEFAULT_VALUE,
      description: 'How much was used; a negative value gives back.',
    }),
    properties: t.field({
      type: 'JSON',
      description: 'An object with what the caller wants to note about the use, at most 64 KiB.',
    }),
    idempotencyKey: t.string({
      description:
        "A key that is the caller's own for this use: however often it is sent, the use is " +
        'taken once.',
    }),
    entityId: t.string({
      description: 'The entity of the customer that used it, whose own balances come first.',
    }),
    timestamp: t.field({
      type: 'DateTime',
      description: 'When it was used, now where it is left out; it must not be in the future.',
    }),
    overageBehavior: t.field({
      type: OverageBehavior,
      defaultValue: DEFAULT_OVERAGE_BEHAVIOR,
      description: 'What happens to what the balances can not carry.',
    }),
  }),
});

/**
 * Beside the input and not on its fields, where plugin-zod would look for them: it refuses a list
 * whole for one bad item.
 */
const trackInputRules = z
  .looseObject({
    customerId: rules.id.schema,
    featureId: rules.id.schema.nullish(),
    eventName: rules.eventName.schema.nullish(),
    value: rules.quantity.schema.nullish(),
    properties: rules.properties.schema.nullish(),
    idempotencyKey: rules.idempotencyKey.schema.nullish(),
    entityId: rules.id.schema.nullish(),
    timestamp: rules.instant.schema.nullish(),
  })
  .refine(...exactlyOne('featureId', 'eventName'));

type Input = typeof BalancesTrackInput.$inferInput;

/** An item of a list: what the verb takes, or the refusal of what breaks the rules. */
export function readTrackInput(input: Input): Result<TrackBalanceInput> {
  const { error } = trackInputRules.safeParse(input);
  return error === undefined
    ? done(toTrackBalanceInput(input))
    : refuse(invalidInput(issuesOf(error, input)));
}

/** An input that the rules have let through. */
function toTrackBalanceInput(input: Input): TrackBalanceInput {
  return {
    customerId: input.customerId,
    featureId: input.featureId ?? null,
    eventName: input.eventName ?? null,
    value: toQuantity(input.value ?? DEFAULT_VALUE),
    properties: toJsonObject(input.properties),
    idempotencyKey: input.idempotencyKey ?? null,
    entityId: input.entityId ?? null,
    timestamp: toInstant(input.timestamp),
    overageBehavior: input.overageBehavior ?? DEFAULT_OVERAGE_BEHAVIOR,
  };
}
