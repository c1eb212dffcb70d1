import { type TrackBalance, type TrackBalanceInput, trackBalance } from '../meter/track-balance.js';
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
import { AT_HAND, costs } from './cost.js';
import { Deduction, UnappliedAmount } from './deduction.js';
import { returnedUnion } from './errors.js';
import { argumentRules } from './input/argument-rules.js';
import { BalancesTrackInput, readTrackInput } from './input/track-input.js';
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
  EntityRef,
  EventRef,
  eventNode,
  FeatureBalanceRef,
  featureBalanceNode,
} from './nouns.js';
import { keyed } from './request-key.js';

const TrackBalancePayload = builder.objectRef<TrackBalance>('TrackBalancePayload').implement({
  description: 'The usage was recorded.',
  fields: (t) => ({
    event: t.field({
      type: EventRef,
      extensions: costs(AT_HAND),
      description: 'The usage event, as it was recorded.',
      resolve: (tracked) => eventNode(tracked.event, ownerOf(tracked), tracked.balances),
    }),
    customer: t.field({
      type: CustomerRef,
      description: 'The customer.',
      resolve: (tracked) => ownerOf(tracked),
    }),
    entity: t.field({
      type: EntityRef,
      nullable: true,
      description: 'The entity, or null if none was given.',
      resolve: ({ scope, event: { entityId } }) =>
        entityId === null ? null : { ...scope, id: entityId },
    }),
    value: t.exposeFloat('value', { description: 'The requested value.' }),
    balance: t.field({
      type: FeatureBalanceRef,
      extensions: ONE_AT_HAND,
      nullable: true,
      description:
        'What is left of the feature that was tracked by its id, or else of the only one in ' +
        '`balances`. Null if `balances` has none or several.',
      resolve: (tracked) =>
        tracked.balance === null ? null : featureBalanceNode(tracked.balance, ownerOf(tracked)),
    }),
    balances: t.field({
      type: [FeatureBalanceRef],
      extensions: BALANCES_AT_HAND,
      description:
        'What is left of every feature that could pay for the usage, credit systems included.',
      resolve: (tracked) =>
        tracked.balances.map((balance) => featureBalanceNode(balance, ownerOf(tracked))),
    }),
    deductions: t.field({
      type: [Deduction],
      extensions: holds(DEDUCTIONS_MAX),
      description: 'What was taken, from each balance.',
      resolve: (tracked) =>
        tracked.deductions.map((deduction) => ({
          ...deduction,
          owner: ownerOf(tracked),
          preloaded: tracked.balances,
        })),
    }),
    unapplied: t.expose('unapplied', {
      type: [UnappliedAmount],
      extensions: holds(UNAPPLIED_MAX),
      description:
        'What was requested and could not be taken, for each charged feature. Empty if ' +
        'everything was taken.',
    }),
    replayed: t.exposeBoolean('replayed', {
      description: 'Whether this is the answer to an earlier call with the same idempotency key.',
    }),
  }),
});

function ownerOf({ scope, customerId }: TrackBalance): CustomerAddress {
  return { projectId: scope.projectId, customerKey: scope.customerKey, id: customerId };
}

const TrackBalanceResult = returnedUnion('TrackBalanceResult', {
  description: 'The result of `trackBalance`.',
  payload: TrackBalancePayload,
  refusals: [
    'CUSTOMER_NOT_FOUND',
    'ENTITY_NOT_FOUND',
    'FEATURE_NOT_FOUND',
    'EVENT_NAME_NOT_FOUND',
    'IDEMPOTENCY_CONFLICT',
    'INSUFFICIENT_BALANCE',
  ],
});

export const TRACK: Call<typeof BalancesTrackInput.$inferInput, TrackBalanceInput, TrackBalance> = {
  keyed,
  read: readTrackInput,
  verb: trackBalance,
};

builder.mutationField('trackBalance', (t) =>
  t.field({
    type: TrackBalanceResult,
    scopes: ['track:write'],
    description:
      "Records a usage event and takes its value from the customer's balances, in one " +
      'transaction. With an `idempotencyKey`, exactly once however often it is sent.',
    args: {
      input: t.arg({
        type: BalancesTrackInput,
        required: true,
        extensions: argumentRules(null),
        description: 'The usage to record.',
      }),
    },
    resolve: (_root, { input }, context, info) => answer(TRACK, input, context, info),
  }),
);

builder.mutationField('trackBalances', (t) =>
  t.field({
    type: [TrackBalanceResult],
    ...BATCH,
    scopes: ['track:write'],
    description: batchDescription('Records up to 1,000 usage events', 'trackBalance'),
    args: {
      inputs: t.arg({
        type: [BalancesTrackInput],
        required: true,
        extensions: BATCH_INPUTS,
        description: batchInputsDescription('The usage to record'),
      }),
    },
    resolve: (_root, { inputs }, context, info) => answerEach(TRACK, inputs, context, info),
  }),
);
