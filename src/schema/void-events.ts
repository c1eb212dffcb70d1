import type { NotReversedSum, ReversedSum } from '../domain/reversal-sums.js';
import { type NotVoided, type VoidedEvents, voidEvents } from '../meter/void-events.js';
import { builder } from './builder.js';
import { decodeCursor, encodeCursor } from './connection.js';
import { AT_HAND, costs } from './cost.js';
import { resultUnion } from './errors.js';
import { eventCursors, eventFilter } from './event.js';
import { encodeGlobalId } from './global-id.js';
import { notEmpty } from './input/constraints.js';
import { VOID_EVENTS_MAX } from './input/limits.js';
import * as rules from './input/rules.js';
import {
  holds,
  NOT_REVERSED_FEATURES_MAX,
  REVERSED_FEATURES_MAX,
  VOID_EVENTS,
} from './list-size.js';
import { FeatureRef } from './nouns.js';
import { NotReversedReasonEnum } from './reversal.js';

const ReversedFeature = builder.objectRef<ReversedSum>('ReversedFeature').implement({
  extensions: costs(AT_HAND),
  description: 'What was given back of one feature because usage events were undone.',
  fields: (t) => ({
    feature: t.field({
      type: FeatureRef,
      description: 'The feature. The amounts are in its units.',
      resolve: ({ featureId }) => ({ id: featureId }),
    }),
    reversed: t.exposeFloat('reversed', {
      description:
        'What this call gave back, or would give back. Negative if the usage events had given back more, and it was ' +
        'taken again.',
    }),
    reversedBefore: t.exposeFloat('reversedBefore', {
      description:
        'What was given back of the usage events that had been undone or amended before, by an earlier attempt at this call for example.',
    }),
  }),
});

const NotReversedFeature = builder.objectRef<NotReversedSum>('NotReversedFeature').implement({
  extensions: costs(AT_HAND),
  description: 'What stays taken of one feature although usage events were undone.',
  fields: (t) => ({
    feature: t.field({
      type: FeatureRef,
      description: 'The feature. The amount is in its units.',
      resolve: ({ featureId }) => ({ id: featureId }),
    }),
    reason: t.expose('reason', {
      type: NotReversedReasonEnum,
      description: 'Why it stays taken.',
    }),
    amount: t.exposeFloat('amount', { description: 'The amount.' }),
  }),
});

const NotVoidedEvent = builder.objectRef<NotVoided>('NotVoidedEvent').implement({
  extensions: costs(AT_HAND),
  description: 'A usage event that was not undone.',
  fields: (t) => ({
    eventId: t.id({
      description: 'The `id` of the usage event.',
      resolve: ({ event }) => globalIdOf(event),
    }),
    code: t.exposeString('code', {
      description:
        'Why not, for programs: `EVENT_NOT_FOUND` if its customer has been deleted, `INVALID_INPUT` if what it gave back cannot be ' +
        'taken again, or the code of an error, such as `CUSTOMER_LOCKED`, after which the call can be repeated. With ' +
        '`OUTCOME_UNKNOWN` it may have been undone, which a repetition finds out.',
    }),
    message: t.exposeString('message', {
      description: 'A readable explanation. Its wording can change; rely on `code`.',
    }),
  }),
});

const VoidEventsPayload = builder.objectRef<VoidedEvents>('VoidEventsPayload').implement({
  description: 'What became of the next usage events that match, or would become of them.',
  fields: (t) => ({
    dryRun: t.exposeBoolean('dryRun', {
      description: 'Whether this only says what would happen. Then nothing was written.',
    }),
    voided: t.exposeInt('voided', {
      description: 'How many usage events this call undid, or would undo.',
    }),
    alreadyVoided: t.exposeInt('alreadyVoided', {
      description: 'How many had been undone or amended before. They stay as they are.',
    }),
    notVoided: t.expose('notVoided', {
      type: [NotVoidedEvent],
      extensions: holds(VOID_EVENTS_MAX),
      description:
        'The usage events that were not undone, and why. They count as before; the others are not affected.',
    }),
    features: t.expose('features', {
      type: [ReversedFeature],
      extensions: holds(REVERSED_FEATURES_MAX),
      description: 'What was given back, by feature.',
    }),
    notReversed: t.expose('notReversed', {
      type: [NotReversedFeature],
      extensions: holds(NOT_REVERSED_FEATURES_MAX),
      description:
        'What stays taken of the usage events that are undone, by this call or before, by feature and reason. Each of them has ' +
        'its own part in its `notReversed`.',
    }),
    hasMore: t.boolean({
      description:
        'Whether usage events may follow that match. Then call again with `after: endCursor`.',
      resolve: ({ next }) => next !== null,
    }),
    endCursor: t.string({
      nullable: true,
      description: 'Where to go on, or null if there is nothing more.',
      resolve: ({ next }) => next && encodeCursor(eventCursors, next),
    }),
  }),
});

function globalIdOf({ customerKey, id }: NotVoided['event']): string {
  return encodeGlobalId('UsageEvent', `${customerKey}:${id}`);
}

const CONDITIONS = [
  'customerId',
  'entityId',
  'featureId',
  'eventName',
  'occurredFrom',
  'occurredBefore',
] as const;

const EventsFilterInput = builder.inputType('EventsFilterInput', {
  description:
    'Which usage events, as for `events`. All conditions that are given must match, and there must be at least one.',
  validate: [notEmpty(CONDITIONS, 'for all usage events of the project, give occurredBefore')],
  fields: (t) => ({
    customerId: t.string({ validate: rules.id, description: 'Only events of this customer.' }),
    entityId: t.string({
      validate: rules.id,
      description: 'Only events of entities with this id, whichever customer they belong to.',
    }),
    featureId: t.string({
      validate: rules.id,
      description:
        'Only events that were tracked by this feature id. Events that charged it by an event name are not included.',
    }),
    eventName: t.string({
      validate: rules.eventName,
      description: 'Only events that were tracked by this event name.',
    }),
    occurredFrom: t.field({
      type: 'DateTime',
      validate: rules.instant,
      description: 'Only events that occurred at this time or later.',
    }),
    occurredBefore: t.field({
      type: 'DateTime',
      validate: rules.instant,
      description: 'Only events that occurred before this time.',
    }),
  }),
});

const EventsVoidMatchingInput = builder.inputType('EventsVoidMatchingInput', {
  description: 'Which usage events to undo, and how many at once.',
  fields: (t) => ({
    filter: t.field({
      type: EventsFilterInput,
      required: true,
      description: 'Which usage events.',
    }),
    dryRun: t.boolean({
      required: true,
      description: 'Whether to say only what would happen, and to write nothing.',
    }),
    first: t.int({
      defaultValue: VOID_EVENTS_MAX,
      validate: rules.voidedAtOnce,
      description: `How many usage events to examine, 1 to ${VOID_EVENTS_MAX}.`,
    }),
    after: t.string({
      description: 'The `endCursor` of the call before. Begins with the newest event if omitted.',
    }),
    reason: t.string({
      validate: rules.reason,
      description:
        'Why they are undone, in up to 500 characters. It is kept with each usage event.',
    }),
    actor: t.string({
      validate: rules.actor,
      description:
        'Who undoes them, such as the id of a member of your staff, in up to 255 characters. It is kept with ' +
        'each usage event.',
    }),
  }),
});

const VoidEventsResult = resultUnion('VoidEventsResult', {
  description: 'The result of `voidEvents`.',
  payload: VoidEventsPayload,
  refusals: [],
});

builder.mutationField('voidEvents', (t) =>
  t.field({
    type: VoidEventsResult,
    scopes: ['track:refund'],
    extensions: costs(VOID_EVENTS),
    description:
      `Undoes the usage events that match, up to ${VOID_EVENTS_MAX} at once, newest first, each as \`voidEvent\` would, or says what that ` +
      'would do. Those of one customer are undone together or not at all. Go on from `endCursor` while `hasMore` is true: a call may ' +
      'find fewer events than requested, or none, although more follow, like a page of `events`. It is safe to repeat: no ' +
      'event is undone twice.',
    args: {
      input: t.arg({
        type: EventsVoidMatchingInput,
        required: true,
        description: 'Which usage events.',
      }),
    },
    resolve: async (_root, { input }, context) =>
      voidEvents(context, {
        filter: await eventFilter(context, input.filter),
        after: decodeCursor(eventCursors, 'after', input.after),
        limit: input.first ?? VOID_EVENTS_MAX,
        dryRun: input.dryRun,
        reason: input.reason ?? null,
        actor: input.actor ?? null,
        globalIdOf,
      }),
  }),
);
