/** What a usage event shows of its having been undone. */
import { builder } from './builder.js';
import { holds, NOT_REVERSED_MAX, REVERSED_MAX } from './list-size.js';
import { EventRef } from './nouns.js';
import { NotReversedAmount, ReversedAmount, reversedParts } from './reversal.js';

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
}));
