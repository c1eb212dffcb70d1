import { type AmendedEvent, amendEvent } from '../meter/amend-event.js';
import { builder } from './builder.js';
import { AT_HAND, costs } from './cost.js';
import { resultUnion, unionValue } from './errors.js';
import * as rules from './input/rules.js';
import { OverageBehavior } from './input/track-input.js';
import { toInstant, toJsonObject, toQuantity } from './input/values.js';
import {
  BALANCES_AT_HAND,
  holds,
  NOT_REVERSED_MAX,
  ONE_AT_HAND,
  REVERSED_MAX,
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
import { NotReversedAmount, ReversedAmount, reversedParts } from './reversal.js';
import { eventAddress } from './void-event.js';

const AmendEventPayload = builder.objectRef<AmendedEvent>('AmendEventPayload').implement({
  description: 'Another usage event has taken the place of the one that was amended.',
  fields: (t) => ({
    event: t.field({
      type: EventRef,
      extensions: costs(AT_HAND),
      description: 'The usage event that counts from now on.',
      resolve: (done) => eventNode(done.event, ownerOf(done), done.balances),
    }),
    amended: t.field({
      type: EventRef,
      extensions: costs(AT_HAND),
      description: 'The usage event in whose place it is. It stays on record and counts no longer.',
      resolve: (done) => eventNode(done.amended, ownerOf(done)),
    }),
    customer: t.field({
      type: CustomerRef,
      description: 'The customer.',
      resolve: (done) => ownerOf(done),
    }),
    balance: t.field({
      type: FeatureBalanceRef,
      extensions: ONE_AT_HAND,
      nullable: true,
      description:
        'What is left of the feature that was tracked by its id, or else of the only one in ' +
        '`balances`. Null if `balances` has none or several.',
      resolve: (done) => done.balance && featureBalanceNode(done.balance, ownerOf(done)),
    }),
    balances: t.field({
      type: [FeatureBalanceRef],
      extensions: BALANCES_AT_HAND,
      description:
        'What is left of every feature that could pay for the usage, credit systems included.',
      resolve: (done) => done.balances.map((balance) => featureBalanceNode(balance, ownerOf(done))),
    }),
    reversed: t.field({
      type: [ReversedAmount],
      extensions: holds(REVERSED_MAX),
      description: 'What was given back of the amended usage event, to each balance.',
      resolve: (done) => reversedParts(done.reversal.reversed, ownerOf(done)),
    }),
    notReversed: t.field({
      type: [NotReversedAmount],
      extensions: holds(NOT_REVERSED_MAX),
      description:
        'What of it could not be given back, and why. It stays taken beside what the new usage event ' +
        'took. Empty if everything was given back.',
      resolve: (done) => reversedParts(done.reversal.notReversed, ownerOf(done)),
    }),
    replayed: t.exposeBoolean('replayed', {
      description: 'Whether this is the answer to an earlier call with the same idempotency key.',
    }),
  }),
});

function ownerOf({ scope, customerId }: AmendedEvent): CustomerAddress {
  return { ...scope, id: customerId };
}

const DEFAULT_OVERAGE_BEHAVIOR = 'CAP';

type InputFields = PothosSchemaTypes.InputFieldBuilder<
  typeof builder.$inferSchemaTypes,
  'InputObject'
>;

/** What may be different. */
const changeFields = (t: InputFields) => ({
  value: t.float({
    validate: rules.quantity,
    description:
      'How much was used, with up to 10 decimals. A negative value gives back. That of the amended ' +
      'usage event if omitted.',
  }),
  properties: t.field({
    type: 'JSON',
    validate: rules.properties,
    description:
      'What to keep with the usage event, as a JSON object of at most 64 KiB, in place of all that was kept. ' +
      'Those of the amended usage event if omitted; `{}` for none.',
  }),
  timestamp: t.field({
    type: 'DateTime',
    validate: rules.instant,
    description:
      'When the usage occurred, which does not choose the period that is charged: that is the present one. ' +
      'The time of the amended usage event if omitted.',
  }),
  overageBehavior: t.field({
    type: OverageBehavior,
    defaultValue: DEFAULT_OVERAGE_BEHAVIOR,
    description:
      'What happens to usage that the balances cannot cover, with what was given back. If it is rejected, ' +
      'the usage event stays as it is.',
  }),
});

const EventsAmendInput = builder.inputType('EventsAmendInput', {
  description: 'A usage event, and what is different in the one that takes its place.',
  fields: (t) => ({
    eventId: t.string({
      required: true,
      validate: rules.eventId,
      description: 'The `id` of the usage event.',
    }),
    ...changeFields(t),
    reason: t.string({
      validate: rules.reason,
      description:
        'Why it is amended, in up to 500 characters. It is kept with the amended usage event.',
    }),
    actor: t.string({
      validate: rules.actor,
      description:
        'Who amends it, such as the id of a member of your staff, in up to 255 characters. It is kept with ' +
        'the amended usage event.',
    }),
    idempotencyKey: t.string({
      validate: rules.idempotencyKey,
      description:
        'A key of your own that makes the call safe to repeat: every repetition gets the first answer. Without ' +
        'one, a repetition is refused, because a usage event is amended once. 1 to 255 bytes, unique within the ' +
        'customer. If omitted, it comes from the header `Idempotency-Key`, if that is sent.',
    }),
  }),
});

const AmendEventResult = resultUnion('AmendEventResult', {
  description: 'The result of `amendEvent`.',
  payload: AmendEventPayload,
  refusals: [
    'EVENT_NOT_FOUND',
    'ENTITY_NOT_FOUND',
    'FEATURE_NOT_FOUND',
    'EVENT_NAME_NOT_FOUND',
    'IDEMPOTENCY_CONFLICT',
    'EVENT_VOIDED',
    'INSUFFICIENT_BALANCE',
  ],
});

builder.mutationField('amendEvent', (t) =>
  t.field({
    type: AmendEventResult,
    scopes: ['track:refund'],
    description:
      'Undoes a usage event like `voidEvent` and records another one in its place, in one transaction: both or ' +
      'neither. What cannot be given back, such as usage of a period that is over, stays taken, and the new ' +
      'usage event takes its value from the present balances all the same; `notReversed` tells.',
    args: {
      input: t.arg({
        type: EventsAmendInput,
        required: true,
        description: 'The usage event and its changes.',
      }),
    },
    resolve: async (_root, { input }, context, info) => {
      const call = keyed(input, context, info);
      const { eventId: globalId, reason = null, actor = null, ...given } = call.input;
      const result = await amendEvent(context, {
        ...eventAddress(globalId),
        globalId,
        value: toQuantity(given.value),
        properties: toJsonObject(given.properties),
        timestamp: toInstant(given.timestamp),
        overageBehavior: given.overageBehavior ?? DEFAULT_OVERAGE_BEHAVIOR,
        reason,
        actor,
        idempotencyKey: given.idempotencyKey ?? null,
      });
      return unionValue(call.note(result));
    },
  }),
);
