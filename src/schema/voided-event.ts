/** What a usage event shows of its having been undone, and of what is in its place. */
import type { GraphQLResolveInfo } from 'graphql';
import { readEvent } from '../meter/read/event.js';
import { builder } from './builder.js';
import type { Context } from './context.js';
import { holds, NOT_REVERSED_MAX, REVERSED_MAX } from './list-size.js';
import { type EventNode, EventRef, eventNode } from './nouns.js';
import { NotReversedAmount, ReversedAmount, reversedParts } from './reversal.js';
import { asksForProperties } from './selected.js';

builder.objectFields(EventRef, (t) => ({
  voidedAt: t.field({
    type: 'DateTime',
    nullable: true,
    description: 'When the event was undone, or null if it counts.',
    resolve: ({ voided }) => voided?.voidedAt ?? null,
  }),
  voidReason: t.string({
    nullable: true,
    description: 'Why it was undone, as far as that was given.',
    resolve: ({ voided }) => voided?.reason ?? null,
  }),
  voidActor: t.string({
    nullable: true,
    description: 'Who undid it, as far as that was given.',
    resolve: ({ voided }) => voided?.actor ?? null,
  }),
  reversed: t.field({
    type: [ReversedAmount],
    extensions: holds(REVERSED_MAX),
    scopes: [],
    description: 'What was given back when it was undone, to each balance.',
    resolve: ({ voided, owner }) => reversedParts(voided?.reversal.reversed ?? [], owner),
  }),
  notReversed: t.field({
    type: [NotReversedAmount],
    extensions: holds(NOT_REVERSED_MAX),
    scopes: [],
    description: 'What could not be given back when it was undone, and why.',
    resolve: ({ voided, owner }) => reversedParts(voided?.reversal.notReversed ?? [], owner),
  }),
  amends: t.field({
    type: EventRef,
    nullable: true,
    scopes: ['events:read'],
    description:
      'The usage event in whose place it was recorded by `amendEvent`, or null for all others.',
    resolve: (event, _args, context, info) => otherOf(event, event.amendsId, context, info),
  }),
  amendedBy: t.field({
    type: EventRef,
    nullable: true,
    scopes: ['events:read'],
    description: 'The usage event in its place, or null if it has not been amended.',
    resolve: (event, _args, context, info) =>
      otherOf(event, event.voided?.amendedById ?? null, context, info),
  }),
}));

/** Another event of the same customer. */
async function otherOf(
  { customerKey, owner }: EventNode,
  eventId: string | null,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<EventNode | null> {
  if (eventId === null) return null;
  const address = { customerKey, eventId, withProperties: asksForProperties(info) };
  const event = await readEvent(context, address);
  return event && eventNode(event, owner);
}
