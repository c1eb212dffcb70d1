/** The inputs of the verbs of reservations, and their rules. */
import { z } from 'zod';
import { HOLD_MS_MAX, HOLD_MS_MIN, HOLD_MS_USUAL } from '../../domain/hold.js';
import { invalidInput } from '../../domain/refusal.js';
import type { Expiry } from '../../domain/reserve.js';
import type { ReserveBalanceInput } from '../../meter/reserve-balance.js';
import type {
  CaptureReservationInput,
  ExtendReservationInput,
  ReleaseReservationInput,
} from '../../meter/settle-reservation.js';
import { done, type Result, refuse } from '../../meter/verb.js';
import { uuidV7 } from '../../platform/id.js';
import { builder } from '../builder.js';
import { atMostOne, exactlyOne } from './constraints.js';
import { issuesOf } from './invalid-input.js';
import * as rules from './rules.js';
import { OverageBehavior } from './track-input.js';
import { toInstant, toJsonObject, toQuantity } from './values.js';

const SECONDS_USUAL = HOLD_MS_USUAL / 1_000;

type InputFields = PothosSchemaTypes.InputFieldBuilder<
  typeof builder.$inferSchemaTypes,
  'InputObject'
>;

const expiryFields = (t: InputFields) => ({
  expiresAt: t.field({
    type: 'DateTime',
    description: 'When the reservation expires: at least 1 second and at most 30 days from now.',
  }),
  expiresInSeconds: t.int({
    description: `After how many seconds it expires, 1 to ${HOLD_MS_MAX / 1_000}. Give at most one of this and \`expiresAt\`; ${SECONDS_USUAL} if both are omitted.`,
  }),
});

const whichFields = (t: InputFields) => ({
  customerId: t.string({ required: true, description: 'The id of the customer.' }),
  reservationId: t.string({ required: true, description: 'The id of the reservation.' }),
  idempotencyKey: t.string({
    description:
      'A key of your own that makes the call safe to repeat: every repetition gets the first answer. ' +
      '1 to 255 bytes, unique within the customer. If omitted, it comes from the header ' +
      '`Idempotency-Key`, if that is sent.',
  }),
});

export const BalancesReserveInput = builder.inputType('BalancesReserveInput', {
  description:
    "An amount to set aside from a customer's balances. Give exactly one of `featureId` and " +
    '`eventName`.',
  fields: (t) => ({
    customerId: t.string({ required: true, description: 'The id of the customer.' }),
    featureId: t.string({ description: 'The id of the feature that will be used.' }),
    eventName: t.string({
      description:
        'What will happen in your product, such as `request.served`. The amount is set aside for every ' +
        'feature that lists this name.',
    }),
    entityId: t.string({
      description: "The id of the customer's entity, if the usage will belong to one.",
    }),
    value: t.float({
      defaultValue: 1,
      description: 'How much to set aside, with up to 10 decimals; not negative.',
    }),
    properties: t.field({
      type: 'JSON',
      description:
        'What to keep with the usage event once the reservation is captured, as a JSON object of at most 64 KiB.',
    }),
    reservationId: t.string({
      description:
        'An id of your own for the reservation, which is its idempotency key too: the same id with the same ' +
        'input gets the first answer again. 1 to 255 bytes, unique within the customer forever. If omitted, it ' +
        'comes from the header `Idempotency-Key`, if that is sent, or else one is made.',
    }),
    ...expiryFields(t),
    overageBehavior: t.field({
      type: OverageBehavior,
      defaultValue: 'REJECT',
      description: 'What happens to an amount that the balances cannot cover.',
    }),
  }),
});

export const ReservationsCaptureInput = builder.inputType('ReservationsCaptureInput', {
  description: 'A reservation to capture, and how much of it.',
  fields: (t) => ({
    ...whichFields(t),
    value: t.float({
      description:
        'How much was used, with up to 10 decimals; not negative. All that is held if omitted. What exceeds that ' +
        'is tracked in addition.',
    }),
    final: t.boolean({
      defaultValue: true,
      description:
        'Whether this ends the reservation, so that what is not captured is given back. If false, the rest stays ' +
        'held and can be captured later.',
    }),
    overageBehavior: t.field({
      type: OverageBehavior,
      defaultValue: 'CAP',
      description: 'What happens to usage beyond what is held that the balances cannot cover.',
    }),
    properties: t.field({
      type: 'JSON',
      description:
        'What to keep with the usage event beside the properties of the reservation, as a JSON object of at most ' +
        '64 KiB, together with those. Where both have a member, this one counts.',
    }),
  }),
});

export const ReservationsExtendInput = builder.inputType('ReservationsExtendInput', {
  description: 'A reservation, and when it expires from now on.',
  fields: (t) => ({ ...whichFields(t), ...expiryFields(t) }),
});

export const ReservationsReleaseInput = builder.inputType('ReservationsReleaseInput', {
  description: 'A reservation to release.',
  fields: whichFields,
});

const which = {
  customerId: rules.id.schema,
  reservationId: rules.idempotencyKey.schema,
  idempotencyKey: rules.idempotencyKey.schema.nullish(),
};

const expiry = {
  expiresAt: rules.instant.schema.nullish(),
  expiresInSeconds: rules.holdSeconds.schema.nullish(),
};

const reserveRules = z
  .looseObject({
    customerId: rules.id.schema,
    featureId: rules.id.schema.nullish(),
    eventName: rules.eventName.schema.nullish(),
    entityId: rules.id.schema.nullish(),
    value: rules.quantityNotNegative.schema.nullish(),
    properties: rules.properties.schema.nullish(),
    reservationId: rules.idempotencyKey.schema.nullish(),
    ...expiry,
  })
  .refine(...exactlyOne('featureId', 'eventName'))
  .refine(...atMostOne('expiresAt', 'expiresInSeconds'));

const captureRules = z.looseObject({
  ...which,
  value: rules.quantityNotNegative.schema.nullish(),
  properties: rules.properties.schema.nullish(),
});

const extendRules = z
  .looseObject({ ...which, ...expiry })
  .refine(...atMostOne('expiresAt', 'expiresInSeconds'));

const releaseRules = z.looseObject(which);

function reading<Input extends Readonly<Record<string, unknown>>, Read>(
  schema: z.ZodType,
  convert: (input: Input) => Read,
): (input: Input) => Result<Read> {
  return (input) => {
    const { error } = schema.safeParse(input);
    return error === undefined
      ? done(convert(input))
      : refuse(invalidInput(issuesOf(error, input)));
  };
}

type ReserveInput = typeof BalancesReserveInput.$inferInput;
type CaptureInput = typeof ReservationsCaptureInput.$inferInput;
type ExtendInput = typeof ReservationsExtendInput.$inferInput;
type ReleaseInput = typeof ReservationsReleaseInput.$inferInput;

export const readReserveInput = reading<ReserveInput, ReserveBalanceInput>(
  reserveRules,
  (input) => ({
    customerId: input.customerId,
    featureId: input.featureId ?? null,
    eventName: input.eventName ?? null,
    entityId: input.entityId ?? null,
    value: toQuantity(input.value ?? 1),
    properties: toJsonObject(input.properties),
    reservationId: input.reservationId ?? uuidV7(),
    expiry: expiryOf(input),
    overageBehavior: input.overageBehavior ?? 'REJECT',
  }),
);

export const readCaptureInput = reading<CaptureInput, CaptureReservationInput>(
  captureRules,
  (input) => ({
    ...whichOf(input),
    value: toQuantity(input.value),
    final: input.final ?? true,
    overageBehavior: input.overageBehavior ?? 'CAP',
    properties: toJsonObject(input.properties),
  }),
);

export const readExtendInput = reading<ExtendInput, ExtendReservationInput>(
  extendRules,
  (input) => ({ ...whichOf(input), expiry: expiryOf(input) }),
);

export const readReleaseInput = reading<ReleaseInput, ReleaseReservationInput>(
  releaseRules,
  whichOf,
);

function whichOf({ customerId, reservationId, idempotencyKey }: ReleaseInput) {
  return { customerId, reservationId, idempotencyKey: idempotencyKey ?? null };
}

function expiryOf({
  expiresAt,
  expiresInSeconds,
}: Pick<ExtendInput, 'expiresAt' | 'expiresInSeconds'>): Expiry {
  const at = toInstant(expiresAt);
  if (at !== null) return { at };
  return { afterMs: (expiresInSeconds ?? SECONDS_USUAL) * HOLD_MS_MIN };
}
