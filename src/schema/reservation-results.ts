/** What the verbs of reservations answer. */
import { TAKES_MAX } from '../domain/hold.js';
import { readEvent } from '../meter/read/event.js';
import type { ReservationDone } from '../meter/reservation.js';
import type { CapturedReservation } from '../meter/settle-reservation.js';
import { builder } from './builder.js';
import { Deduction, UnappliedAmount } from './deduction.js';
import { returnedUnion } from './errors.js';
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

export const ReserveBalanceResult = returnedUnion('ReserveBalanceResult', {
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

export const CaptureReservationResult = returnedUnion('CaptureReservationResult', {
  description: 'The result of `captureReservation`.',
  payload: CaptureReservationPayload,
  refusals: [...SETTLE_REFUSALS, 'INSUFFICIENT_BALANCE'],
});

const ExtendReservationPayload = builder
  .objectRef<ReservationDone>('ExtendReservationPayload')
  .implement({ description: 'The expiry was moved.', fields: doneFields });

export const ExtendReservationResult = returnedUnion('ExtendReservationResult', {
  description: 'The result of `extendReservation`.',
  payload: ExtendReservationPayload,
  refusals: SETTLE_REFUSALS,
});

const ReleaseReservationPayload = builder
  .objectRef<ReservationDone>('ReleaseReservationPayload')
  .implement({ description: 'What was held has been given back.', fields: doneFields });

export const ReleaseReservationResult = returnedUnion('ReleaseReservationResult', {
  description: 'The result of `releaseReservation`.',
  payload: ReleaseReservationPayload,
  refusals: SETTLE_REFUSALS,
});
