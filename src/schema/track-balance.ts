import type { OverageBehavior as Behavior } from '../domain/deduction.js';
import { type TrackBalance, type TrackBalanceInput, trackBalance } from '../meter/track-balance.js';
import { builder } from './builder.js';
import { exactlyOne } from './constraints.js';
import { Deduction, UnappliedAmount } from './deduction.js';
import { resultUnion, settle } from './errors.js';
import {
  type CustomerAddress,
  CustomerRef,
  EntityRef,
  EventRef,
  eventNode,
  FeatureBalanceRef,
} from './nouns.js';
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

const BalancesTrackInput = builder.inputType('BalancesTrackInput', {
  description: 'A use to record and to take from the balances of a customer.',
  validate: [exactlyOne('featureId', 'eventName')],
  fields: (t) => ({
    customerId: t.string({
      required: true,
      validate: rules.id,
      description: 'The customer who used it.',
    }),
    featureId: t.string({
      validate: rules.id,
      description: 'The feature that was used; either it or an event name must be given.',
    }),
    eventName: t.string({
      validate: rules.eventName,
      description: 'What happened: every feature that lists the name is charged, all or none.',
    }),
    value: t.float({
      defaultValue: DEFAULT_VALUE,
      validate: rules.quantity,
      description: 'How much was used; a negative value gives back.',
    }),
    properties: t.field({
      type: 'JSON',
      validate: rules.properties,
      description: 'An object with what the caller wants to note about the use, at most 64 KiB.',
    }),
    idempotencyKey: t.string({
      validate: rules.idempotencyKey,
      description:
        "A key that is the caller's own for this use: however often it is sent, the use is " +
        'taken once.',
    }),
    entityId: t.string({
      validate: rules.id,
      description: 'The entity of the customer that used it, whose own balances come first.',
    }),
    timestamp: t.field({
      type: 'DateTime',
      validate: rules.instant,
      description: 'When it was used, now where it is left out; it must not be in the future.',
    }),
    overageBehavior: t.field({
      type: OverageBehavior,
      defaultValue: DEFAULT_OVERAGE_BEHAVIOR,
      description: 'What happens to what the balances can not carry.',
    }),
  }),
});

const TrackBalancePayload = builder.objectRef<TrackBalance>('TrackBalancePayload').implement({
  description: 'Answers a use that was recorded.',
  fields: (t) => ({
    event: t.field({
      type: EventRef,
      description: 'The use as it was recorded.',
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
      description: 'The entity that was named, null where none was.',
      resolve: ({ scope, event: { entityId } }) =>
        entityId === null ? null : { ...scope, id: entityId },
    }),
    value: t.exposeFloat('value', { description: 'How much was asked for.' }),
    balance: t.field({
      type: FeatureBalanceRef,
      nullable: true,
      description: 'What is left of the one feature, null where there is none or several.',
      resolve: (tracked) =>
        tracked.balance === null ? null : { ...tracked.balance, owner: ownerOf(tracked) },
    }),
    balances: t.field({
      type: [FeatureBalanceRef],
      description: 'What is left of every feature that could pay for the use.',
      resolve: (tracked) =>
        tracked.balances.map((balance) => ({ ...balance, owner: ownerOf(tracked) })),
    }),
    deductions: t.field({
      type: [Deduction],
      description: 'What was really taken, per balance.',
      resolve: (tracked) =>
        tracked.deductions.map((deduction) => ({
          ...deduction,
          owner: ownerOf(tracked),
          known: tracked.balances,
        })),
    }),
    unapplied: t.expose('unapplied', {
      type: [UnappliedAmount],
      description: 'What was asked for and not taken, per charged feature.',
    }),
    replayed: t.exposeBoolean('replayed', {
      description: 'Whether this is the answer to an earlier call with the same key.',
    }),
  }),
});

function ownerOf({ scope, customerId }: TrackBalance): CustomerAddress {
  return { ...scope, id: customerId };
}

const TrackBalanceResult = resultUnion('TrackBalanceResult', {
  description: 'What trackBalance answers.',
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

builder.mutationField('trackBalance', (t) =>
  t.field({
    type: TrackBalanceResult,
    description: "Records a use and takes it from the customer's balances, exactly once.",
    args: {
      input: t.arg({ type: BalancesTrackInput, required: true, description: 'The use.' }),
    },
    resolve: async (_root, { input }, context) =>
      settle(await trackBalance(context, toTrackBalanceInput(input))),
  }),
);

function toTrackBalanceInput(input: typeof BalancesTrackInput.$inferInput): TrackBalanceInput {
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
