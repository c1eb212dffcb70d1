/** The input of a usage event, and its rules, for both `trackBalance` and `trackBalances`. */
import type { OverageBehavior as Behavior } from '../../domain/deduction.js';
import { invalidInput } from '../../domain/refusal.js';
import type { TrackBalanceInput } from '../../meter/track-balance.js';
import { done, type Result, refuse } from '../../meter/verb.js';
import { builder } from '../builder.js';
import { exactlyOne } from './constraints.js';
import { inputErrors } from './input-rules.js';
import { issuesOf } from './invalid-input.js';
import * as rules from './rules.js';
import { toInstant, toJsonObject, toQuantity } from './values.js';

const DEFAULT_VALUE = 1;
const DEFAULT_OVERAGE_BEHAVIOR: Behavior = 'CAP';

export const OverageBehavior = builder.enumType('OverageBehavior', {
  description: 'What happens to usage that the balances cannot cover.',
  values: {
    CAP: {
      description:
        'Record the event, take what the balances cover, and report the rest in `unapplied`.',
    },
    REJECT: {
      description:
        'Take all of it, or record nothing and answer with INSUFFICIENT_BALANCE. What is given back ' +
        'is always recorded.',
    },
    OVERFLOW: {
      description:
        'Record the event and take all of it; what the balances do not cover becomes overage of the ' +
        'first one, whatever its limits. Without any balance, all of it is `unapplied`.',
    },
  } satisfies Record<Behavior, { description: string }>,
});

export const BalancesTrackInput = builder.inputType('BalancesTrackInput', {
  description:
    "Usage to record and to take from a customer's balances. Give exactly one of " +
    '`featureId` and `eventName`.',
  fields: (t) => ({
    customerId: t.string({
      required: true,
      description: 'The id of the customer.',
    }),
    featureId: t.string({
      description: 'The id of the feature that was used.',
    }),
    eventName: t.string({
      description:
        'What happened in your product, such as `request.served`. Every feature that lists this ' +
        'name is charged, in one transaction. With REJECT, none is charged unless all can be.',
    }),
    value: t.float({
      defaultValue: DEFAULT_VALUE,
      description:
        'How much was used, with up to 10 decimals. A negative value gives back, ' +
        'which needs the scope `track:refund`.',
    }),
    properties: t.field({
      type: 'JSON',
      description:
        'Anything you want to keep with the event, as a JSON object of at most 64 KiB, such as ' +
        '`{"model": "gpt-4o"}`.',
    }),
    idempotencyKey: t.string({
      description:
        'A key of your own that makes the call safe to repeat: however often it is sent, usage ' +
        'is taken once, and every repetition gets the first answer. 1 to 255 bytes, unique ' +
        'within the customer. If omitted, it comes from the header `Idempotency-Key`, if that is sent.',
    }),
    entityId: t.string({
      description:
        "The id of the customer's entity, if usage belongs to one. Its own balances are used " +
        "before the customer's.",
    }),
    timestamp: t.field({
      type: 'DateTime',
      description:
        'When the usage occurred. Now if omitted. It can be at most a minute in the future, and it ' +
        'does not choose the period that is charged.',
    }),
    overageBehavior: t.field({
      type: OverageBehavior,
      defaultValue: DEFAULT_OVERAGE_BEHAVIOR,
      description: 'What happens to usage that the balances cannot cover.',
    }),
  }),
});

/**
 * Beside the input and not on its fields, where plugin-zod would find them: it refuses a list
 * as a whole because of one bad item.
 */
const errorsIn = inputErrors({
  fields: {
    customerId: rules.id,
    featureId: rules.id,
    eventName: rules.eventName,
    value: rules.quantity,
    properties: rules.properties,
    idempotencyKey: rules.idempotencyKey,
    entityId: rules.id,
    timestamp: rules.instant,
  },
  required: ['customerId'],
  constraint: exactlyOne('featureId', 'eventName'),
});

type Input = typeof BalancesTrackInput.$inferInput;

/** An item of a list: the input of the verb, or the refusal if it breaks the rules. */
export function readTrackInput(input: Input): Result<TrackBalanceInput> {
  const error = errorsIn(input);
  return error === undefined
    ? done(toTrackBalanceInput(input))
    : refuse(invalidInput(issuesOf(error, input)));
}

/** An input that has passed the rules. */
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
