import { type VoidedEvent, voidEvent } from '../meter/void-event.js';
import { builder } from './builder.js';
import { AT_HAND, costs } from './cost.js';
import { resultUnion, unionValue } from './errors.js';
import { partsOf, readGlobalId } from './global-id.js';
import * as rules from './input/rules.js';
import { holds, NOT_REVERSED_MAX, REVERSED_MAX } from './list-size.js';
import { type CustomerAddress, CustomerRef, EventRef, eventNode } from './nouns.js';
import { keyed } from './request-key.js';
import { NotReversedAmount, ReversedAmount, reversedParts } from './reversal.js';

const VoidEventPayload = builder.objectRef<VoidedEvent>('VoidEventPayload').implement({
  description: 'The usage event has been undone.',
  fields: (t) => ({
    event: t.field({
      type: EventRef,
      extensions: costs(AT_HAND),
      description: 'The usage event, which stays on record and counts no longer.',
      resolve: (voided) => eventNode(voided.event, ownerOf(voided)),
    }),
    customer: t.field({
      type: CustomerRef,
      description: 'The customer.',
      resolve: (voided) => ownerOf(voided),
    }),
    reversed: t.field({
      type: [ReversedAmount],
      extensions: holds(REVERSED_MAX),
      description: 'What was given back, to each balance.',
      resolve: (voided) => reversedParts(voided.reversal.reversed, ownerOf(voided)),
    }),
    notReversed: t.field({
      type: [NotReversedAmount],
      extensions: holds(NOT_REVERSED_MAX),
      description: 'What could not be given back, and why. Empty if everything was.',
      resolve: (voided) => reversedParts(voided.reversal.notReversed, ownerOf(voided)),
    }),
    replayed: t.exposeBoolean('replayed', {
      description:
        'Whether the event had been undone before. Then this is the answer of that time, and nothing was ' +
        'given back again.',
    }),
  }),
});

function ownerOf({ scope, customerId }: VoidedEvent): CustomerAddress {
  return { ...scope, id: customerId };
}

const EventsVoidInput = builder.inputType('EventsVoidInput', {
  description: 'The usage event to undo.',
  fields: (t) => ({
    eventId: t.string({
      required: true,
      validate: rules.eventId,
      description: 'The `id` of the usage event.',
    }),
    reason: t.string({
      validate: rules.reason,
      description: 'Why it is undone, in up to 500 characters. It is kept with the event.',
    }),
    actor: t.string({
      validate: rules.actor,
      description:
        'Who undoes it, such as the id of a member of your staff, in up to 255 characters. It is kept with ' +
        'the event.',
    }),
    idempotencyKey: t.string({
      validate: rules.idempotencyKey,
      description:
        'A key of your own. It is not needed for a call to be safe to repeat, because an event is undone ' +
        'once, but a key that was used for anything else is refused. If omitted, it comes from the header ' +
        '`Idempotency-Key`, if that is sent.',
    }),
  }),
});

const VoidEventResult = resultUnion('VoidEventResult', {
  description: 'The result of `voidEvent`.',
  payload: VoidEventPayload,
  refusals: ['EVENT_NOT_FOUND', 'IDEMPOTENCY_CONFLICT'],
});

/** The key of the customer and the id of the row; the rules have checked the id. */
export function eventAddress(globalId: string): { customerKey: string; eventId: string } {
  const [customerKey = '', eventId = ''] = partsOf('UsageEvent', readGlobalId(globalId)?.id ?? '');
  return { customerKey, eventId };
}

builder.mutationField('voidEvent', (t) =>
  t.field({
    type: VoidEventResult,
    scopes: ['track:refund'],
    description:
      'Undoes a usage event: what it took from each balance is given back, as far as the period is still ' +
      'running that it was taken in, and the balance has not ended. A balance is never lifted above its ' +
      'grant. It is safe to repeat: the answer is that of the first call.',
    args: {
      input: t.arg({ type: EventsVoidInput, required: true, description: 'The usage event.' }),
    },
    resolve: async (_root, { input }, context, info) => {
      const call = keyed(input, context, info);
      const { eventId: globalId, reason = null, actor = null, idempotencyKey = null } = call.input;
      const result = await voidEvent(context, {
        ...eventAddress(globalId),
        globalId,
        reason,
        actor,
        idempotencyKey,
      });
      return unionValue(call.note(result));
    },
  }),
);
