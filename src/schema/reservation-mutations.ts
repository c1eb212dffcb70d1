import { TAKES_MAX } from '../domain/hold.js';
import { readEvent } from '../meter/read/event.js';
import type { ReservationDone } from '../meter/reservation.js';
import { reserveBalance } from '../meter/reserve-balance.js';
import {
  type CapturedReservation,
  captureReservation,
  extendReservation,
  releaseReservation,
} from '../meter/settle-reservation.js';
import { builder } from './builder.js';
import { Deduction, UnappliedAmount } from './deduction.js';
import { returnedUnion, returnedUnionValue } from './errors.js';
import { argumentRules } from './input/argument-rules.js';
import {
  BalancesReserveInput,
  ReservationsCaptureInput,
  ReservationsExtendInput,
  ReservationsReleaseInput,
  readCaptureInput,
  readExtendInput,
  readReleaseInput,
  readReserveInput,
} from './input/reservation-input.js';
import {
  BALANCES_AT_HAND,
  DEDUCTIONS_MAX,
  holds,
  ONE_AT_HAND,
  UNAPPLIED_MAX,
} from './list-size.js';
import {
  type CustomerAddress,
  CustomerRef,
  EventRef,
  eventNode,
  FeatureBalanceRef,
  featureBalanceNode,
} from './nouns.js';
import { keyed } from './request-key.js';
import { ReservationRef } from './reservation.js';
import { asksForProperties } from './selected.js';

function customerOf({ scope, customerId }: ReservationDone): CustomerAddress {
  return { projectId: scope.projectId, customerKey: scope.customerKey, id: customerId };
}

type PayloadFields = PothosSchemaTypes.ObjectFieldBuilder<
  typeof builder.$inferSchemaTypes,
  ReservationDone
>;

const doneFields = (t: PayloadFields) => ({
  reservation: t.field({
    type: ReservationRef,
    description: 'The reservation, as it is after the call.',
    resolve: ({ reservation }) => reservation,
  }),
  customer: t.field({
    type: CustomerRef,
    description: 'The customer.',
    resolve: (settled) => customerOf(settled),
  }),
  balance: t.field({
    type: FeatureBalanceRef,
    extensions: ONE_AT_HAND,
    nullable: true,
    description:
      'What is left of the feature that the reservation names, or else of the only one in `balances`. Null if ' +
      '`balances` has none or several.',
    resolve: (settled) =>
      settled.balance === null ? null : featureBalanceNode(settled.balance, customerOf(settled)),
  }),
  balances: t.field({
    type: [FeatureBalanceRef],
    extensions: BALANCES_AT_HAND,
    description: 'What is left of every feature that could pay, credit systems included.',
    resolve: (settled) =>
      settled.balances.map((balance) => featureBalanceNode(balance, customerOf(settled))),
  }),
  replayed: t.exposeBoolean('replayed', {
    description: 'Whether this is the answer to an earlier call with the same idempotency key.',
  }),
});

const takenFields = (t: PayloadFields, taken: string, max: number) => ({
  deductions: t.field({
    type: [Deduction],
    extensions: holds(max),
    description: taken,
    resolve: (settled) =>
      settled.deductions.map((deduction) => ({
        ...deduction,
        owner: customerOf(settled),
        preloaded: settled.balances,
      })),
  }),
  unapplied: t.expose('unapplied', {
    type: [UnappliedAmount],
    extensions: holds(UNAPPLIED_MAX),
    description:
      'What was requested and could not be taken, for each charged feature. Empty if everything was taken.',
  }),
});

const ReserveBalancePayload = builder
  .objectRef<ReservationDone>('ReserveBalancePayload')
  .implement({
    description: 'The amount was set aside.',
    fields: (t) => ({
      ...doneFields(t),
      ...takenFields(t, 'What was set aside, from each balance.', DEDUCTIONS_MAX),
    }),
  });

const ReserveBalanceResult = returnedUnion('ReserveBalanceResult', {
  description: 'The result of `reserveBalance`.',
  payload: ReserveBalancePayload,
  refusals: [
    'CUSTOMER_NOT_FOUND',
    'ENTITY_NOT_FOUND',
    'FEATURE_NOT_FOUND',
    'EVENT_NAME_NOT_FOUND',
    'IDEMPOTENCY_CONFLICT',
    'TOO_MANY_RESERVATIONS',
    'INSUFFICIENT_BALANCE',
  ],
});

builder.mutationField('reserveBalance', (t) =>
  t.field({
    type: ReserveBalanceResult,
    scopes: ['track:write'],
    description:
      "Sets an amount aside from the customer's balances until it is captured or released, or expires. It is taken " +
      'as `trackBalance` would take it, and until then nothing else can use it.',
    args: {
      input: t.arg({
        type: BalancesReserveInput,
        required: true,
        extensions: argumentRules(null),
        description: 'What to set aside.',
      }),
    },
    resolve: async (_root, { input }, context, info) => {
      const { reservationId: idempotencyKey, ...others } = input;
      const call = keyed({ ...others, idempotencyKey }, context, info);
      const read = readReserveInput({ ...input, reservationId: call.input.idempotencyKey });
      return read.ok
        ? returnedUnionValue(call.note(await reserveBalance(context, read.value)))
        : returnedUnionValue<ReservationDone>(read);
    },
  }),
);

const CaptureReservationPayload = builder
  .objectRef<CapturedReservation>('CaptureReservationPayload')
  .implement({
    description: 'What was set aside has been used, as far as it was captured.',
    fields: (t) => ({
      ...doneFields(t as unknown as PayloadFields),
      event: t.field({
        type: EventRef,
        nullable: true,
        description: 'The usage event of what was captured, or null if that is nothing.',
        resolve: async (settled, _args, context, info) => {
          const { event, scope, balances } = settled;
          if (event === null) return null;
          const { customerKey } = scope;
          const withProperties = asksForProperties(info);
          const recorded =
            'value' in event
              ? event
              : await readEvent(context, { customerKey, eventId: event.id, withProperties });
          return recorded && eventNode(recorded, customerOf(settled), balances);
        },
      }),
      value: t.exposeFloat('value', { description: 'The amount that was captured.' }),
      ...takenFields(
        t as unknown as PayloadFields,
        'What was used, of each balance: what was held of it, and what was tracked in addition.',
        DEDUCTIONS_MAX + TAKES_MAX,
      ),
    }),
  });

const SETTLE_REFUSALS = [
  'CUSTOMER_NOT_FOUND',
  'RESERVATION_NOT_FOUND',
  'IDEMPOTENCY_CONFLICT',
  'RESERVATION_ENDED',
] as const;

const CaptureReservationResult = returnedUnion('CaptureReservationResult', {
  description: 'The result of `captureReservation`.',
  payload: CaptureReservationPayload,
  refusals: [...SETTLE_REFUSALS, 'INSUFFICIENT_BALANCE'],
});

builder.mutationField('captureReservation', (t) =>
  t.field({
    type: CaptureReservationResult,
    scopes: ['track:write'],
    description:
      'Uses what a reservation holds: all of it, a part, or more, in which case the rest is tracked in the same ' +
      'transaction. Records one usage event.',
    args: {
      input: t.arg({
        type: ReservationsCaptureInput,
        required: true,
        extensions: argumentRules(null),
        description: 'The reservation, and how much of it was used.',
      }),
    },
    resolve: async (_root, { input }, context, info) => {
      const call = keyed(input, context, info);
      const read = readCaptureInput(call.input);
      return read.ok
        ? returnedUnionValue(call.note(await captureReservation(context, read.value)))
        : returnedUnionValue<CapturedReservation>(read);
    },
  }),
);

const ExtendReservationPayload = builder
  .objectRef<ReservationDone>('ExtendReservationPayload')
  .implement({ description: 'The expiry was moved.', fields: doneFields });

const ExtendReservationResult = returnedUnion('ExtendReservationResult', {
  description: 'The result of `extendReservation`.',
  payload: ExtendReservationPayload,
  refusals: SETTLE_REFUSALS,
});

builder.mutationField('extendReservation', (t) =>
  t.field({
    type: ExtendReservationResult,
    scopes: ['track:write'],
    description: 'Moves the expiry of a reservation that has not ended, earlier or later.',
    args: {
      input: t.arg({
        type: ReservationsExtendInput,
        required: true,
        extensions: argumentRules(null),
        description: 'The reservation, and when it expires from now on.',
      }),
    },
    resolve: async (_root, { input }, context, info) => {
      const call = keyed(input, context, info);
      const read = readExtendInput(call.input);
      return read.ok
        ? returnedUnionValue(call.note(await extendReservation(context, read.value)))
        : returnedUnionValue<ReservationDone>(read);
    },
  }),
);

const ReleaseReservationPayload = builder
  .objectRef<ReservationDone>('ReleaseReservationPayload')
  .implement({ description: 'What was held has been given back.', fields: doneFields });

const ReleaseReservationResult = returnedUnion('ReleaseReservationResult', {
  description: 'The result of `releaseReservation`.',
  payload: ReleaseReservationPayload,
  refusals: SETTLE_REFUSALS,
});

builder.mutationField('releaseReservation', (t) =>
  t.field({
    type: ReleaseReservationResult,
    scopes: ['track:write'],
    description: 'Ends a reservation and gives back what it still holds.',
    args: {
      input: t.arg({
        type: ReservationsReleaseInput,
        required: true,
        extensions: argumentRules(null),
        description: 'The reservation to release.',
      }),
    },
    resolve: async (_root, { input }, context, info) => {
      const call = keyed(input, context, info);
      const read = readReleaseInput(call.input);
      return read.ok
        ? returnedUnionValue(call.note(await releaseReservation(context, read.value)))
        : returnedUnionValue<ReservationDone>(read);
    },
  }),
);
