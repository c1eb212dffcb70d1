/** Reservations are made and settled by calls that can be sent one by one or in batches. */
import type { ReservationDone } from '../meter/reservation.js';
import { type ReserveBalanceInput, reserveBalance } from '../meter/reserve-balance.js';
import {
  type CapturedReservation,
  type CaptureReservationInput,
  captureReservation,
  type ExtendReservationInput,
  extendReservation,
  type ReleaseReservationInput,
  releaseReservation,
} from '../meter/settle-reservation.js';
import { builder } from './builder.js';
import {
  answer,
  answerEach,
  BATCH,
  BATCH_INPUTS,
  batchDescription,
  batchInputsDescription,
  type Call,
} from './call.js';
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
import { keyed } from './request-key.js';
import {
  CaptureReservationResult,
  ExtendReservationResult,
  ReleaseReservationResult,
  ReserveBalanceResult,
} from './reservation-results.js';

const RESERVE: Call<typeof BalancesReserveInput.$inferInput, ReserveBalanceInput, ReservationDone> =
  {
    // The id of a reservation is the key of the call that makes it.
    keyed(input, context, info, index) {
      const call = keyed({ idempotencyKey: input.reservationId }, context, info, index);
      return { ...call, input: { ...input, reservationId: call.input.idempotencyKey } };
    },
    read: readReserveInput,
    verb: reserveBalance,
  };

const CAPTURE: Call<
  typeof ReservationsCaptureInput.$inferInput,
  CaptureReservationInput,
  CapturedReservation
> = { keyed, read: readCaptureInput, verb: captureReservation };

const EXTEND: Call<
  typeof ReservationsExtendInput.$inferInput,
  ExtendReservationInput,
  ReservationDone
> = { keyed, read: readExtendInput, verb: extendReservation };

const RELEASE: Call<
  typeof ReservationsReleaseInput.$inferInput,
  ReleaseReservationInput,
  ReservationDone
> = { keyed, read: readReleaseInput, verb: releaseReservation };

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
    resolve: (_root, { input }, context, info) => answer(RESERVE, input, context, info),
  }),
);

builder.mutationField('reserveBalances', (t) =>
  t.field({
    type: [ReserveBalanceResult],
    ...BATCH,
    scopes: ['track:write'],
    description: batchDescription('Sets up to 1,000 amounts aside', 'reserveBalance'),
    args: {
      inputs: t.arg({
        type: [BalancesReserveInput],
        required: true,
        extensions: BATCH_INPUTS,
        description: batchInputsDescription('What to set aside'),
      }),
    },
    resolve: (_root, { inputs }, context, info) => answerEach(RESERVE, inputs, context, info),
  }),
);

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
    resolve: (_root, { input }, context, info) => answer(CAPTURE, input, context, info),
  }),
);

builder.mutationField('captureReservations', (t) =>
  t.field({
    type: [CaptureReservationResult],
    ...BATCH,
    scopes: ['track:write'],
    description: batchDescription('Captures up to 1,000 reservations', 'captureReservation'),
    args: {
      inputs: t.arg({
        type: [ReservationsCaptureInput],
        required: true,
        extensions: BATCH_INPUTS,
        description: batchInputsDescription('The reservations, and how much of each was used'),
      }),
    },
    resolve: (_root, { inputs }, context, info) => answerEach(CAPTURE, inputs, context, info),
  }),
);

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
    resolve: (_root, { input }, context, info) => answer(EXTEND, input, context, info),
  }),
);

builder.mutationField('extendReservations', (t) =>
  t.field({
    type: [ExtendReservationResult],
    ...BATCH,
    scopes: ['track:write'],
    description: batchDescription(
      'Moves the expiry of up to 1,000 reservations',
      'extendReservation',
    ),
    args: {
      inputs: t.arg({
        type: [ReservationsExtendInput],
        required: true,
        extensions: BATCH_INPUTS,
        description: batchInputsDescription('The reservations, and when each expires from now on'),
      }),
    },
    resolve: (_root, { inputs }, context, info) => answerEach(EXTEND, inputs, context, info),
  }),
);

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
    resolve: (_root, { input }, context, info) => answer(RELEASE, input, context, info),
  }),
);

builder.mutationField('releaseReservations', (t) =>
  t.field({
    type: [ReleaseReservationResult],
    ...BATCH,
    scopes: ['track:write'],
    description: batchDescription('Ends up to 1,000 reservations', 'releaseReservation'),
    args: {
      inputs: t.arg({
        type: [ReservationsReleaseInput],
        required: true,
        extensions: BATCH_INPUTS,
        description: batchInputsDescription('The reservations to release'),
      }),
    },
    resolve: (_root, { inputs }, context, info) => answerEach(RELEASE, inputs, context, info),
  }),
);
