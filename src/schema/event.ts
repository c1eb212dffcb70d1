import type { DefaultConnectionArguments } from '@pothos/plugin-relay';
import { customerScope } from '../meter/customer-key.js';
import { listEvents, readEvent } from '../meter/read/event.js';
import { sharedList } from '../meter/read/share.js';
import type { EventFilter, UsageEvent } from '../meter/store.js';
import { builder } from './builder.js';
import { type Cursors, resolvePage } from './connection.js';
import type { Context } from './context.js';
import { Deduction, UnappliedAmount } from './deduction.js';
import { partsOf } from './global-id.js';
import { pattern, UUID } from './input/patterns.js';
import * as rules from './input/rules.js';
import { toInstant } from './input/values.js';
import { DEDUCTIONS_MAX, holds, UNAPPLIED_MAX } from './list-size.js';
import {
  CustomerRef,
  EntityRef,
  type EventNode,
  EventRef,
  eventNode,
  FeatureRef,
  ownerOf,
} from './nouns.js';

builder.node(EventRef, {
  description: 'One recorded use, which never changes.',
  id: {
    resolve: ({ customerKey, id }) => `${customerKey}:${id}`,
    parse: (id) => partsOf('UsageEvent', id),
  },
  loadOne: async ([customerKey = '', eventId = ''], context) => {
    const event = await readEvent(context, { customerKey, eventId });
    return event && eventNode(event, ownerOf(event));
  },
  fields: (t) => ({
    customer: t.field({
      type: CustomerRef,
      description: 'Who used it.',
      resolve: ({ owner }) => owner,
    }),
    entity: t.field({
      type: EntityRef,
      nullable: true,
      description: 'The entity of the customer that used it, null where none was named.',
      resolve: ({ owner, entityId }) =>
        entityId === null ? null : { ...ownerOf(owner), id: entityId },
    }),
    feature: t.field({
      type: FeatureRef,
      nullable: true,
      description: 'The feature that was tracked, null where an event name was.',
      resolve: ({ featureId }) => (featureId === null ? null : { id: featureId }),
    }),
    eventName: t.exposeString('eventName', {
      nullable: true,
      description: 'The event name that was tracked, null where a feature was.',
    }),
    value: t.exposeFloat('value', { description: 'How much was used, as it was asked for.' }),
    properties: t.expose('properties', {
      type: 'JSON',
      nullable: true,
      description: 'What the caller noted about the use.',
    }),
    occurredAt: t.expose('occurredAt', {
      type: 'DateTime',
      description: 'When it was used.',
    }),
    recordedAt: t.expose('recordedAt', {
      type: 'DateTime',
      description: 'When it was written.',
    }),
    idempotencyKey: t.exposeString('idempotencyKey', {
      nullable: true,
      description: 'The key under which its answer is remembered.',
    }),
    deductions: t.field({
      type: [Deduction],
      extensions: holds(DEDUCTIONS_MAX),
      description: 'What was really taken, per balance.',
      resolve: ({ outcome, owner, preloaded }, _args, context) =>
        sharedList(
          context,
          outcome.deductions.map((deduction) => ({ ...deduction, owner, preloaded })),
        ),
    }),
    unapplied: t.field({
      type: [UnappliedAmount],
      extensions: holds(UNAPPLIED_MAX),
      description: 'What was asked for and not taken, per charged feature.',
      resolve: ({ outcome }) => outcome.unapplied,
    }),
  }),
});

export const EventConnection = builder.connectionObject(
  { type: EventRef, name: 'UsageEventConnection', description: 'A page of events.' },
  { name: 'UsageEventEdge', description: 'An event and its place in the list.' },
);

const cursors: Cursors<UsageEvent> = {
  list: 'UsageEvent',
  keyForm: pattern(UUID),
  keyOf: ({ id }) => id,
};

/** One page of events, newest first. */
export function resolveEvents(
  context: Context,
  args: DefaultConnectionArguments,
  filter: EventFilter,
) {
  return resolvePage<EventNode>(args, cursors, async (page) => {
    const { events, stoppedAt } = await listEvents(context, { ...page, filter });
    return { items: events.map((event) => eventNode(event, ownerOf(event))), stoppedAt };
  });
}

/** Every event of the project. */
export const NO_FILTER: EventFilter = {
  customerKey: null,
  entityId: null,
  featureId: null,
  eventName: null,
  occurredFrom: null,
  occurredBefore: null,
};

builder.queryField('events', (t) =>
  t.connection(
    {
      type: EventRef,
      description:
        'Lists the events of the project, newest first. A page may hold fewer events than it was ' +
        'asked for, or none, although more follow: filters that no index carries together look at ' +
        '10,000 events for each page. Go on from endCursor for as long as hasNextPage is true.',
      args: {
        customerId: t.arg.string({ validate: rules.id, description: "Keeps one customer's." }),
        entityId: t.arg.string({ validate: rules.id, description: "Keeps one entity's." }),
        featureId: t.arg.string({
          validate: rules.id,
          description: 'Keeps those that tracked the feature itself.',
        }),
        eventName: t.arg.string({
          validate: rules.eventName,
          description: 'Keeps those that tracked the event name.',
        }),
        occurredFrom: t.arg({
          type: 'DateTime',
          validate: rules.instant,
          description: 'Keeps those that occurred at this time or later.',
        }),
        occurredBefore: t.arg({
          type: 'DateTime',
          validate: rules.instant,
          description: 'Keeps those that occurred before this time.',
        }),
      },
      resolve: (_root, args, context) =>
        resolveEvents(context, args, {
          customerKey: args.customerId
            ? customerScope(context.caller.projectId, args.customerId).customerKey
            : null,
          entityId: args.entityId ?? null,
          featureId: args.featureId ?? null,
          eventName: args.eventName ?? null,
          occurredFrom: toInstant(args.occurredFrom),
          occurredBefore: toInstant(args.occurredBefore),
        }),
    },
    EventConnection,
  ),
);
