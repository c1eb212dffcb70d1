import type { DefaultConnectionArguments } from '@pothos/plugin-relay';
import type { GraphQLResolveInfo } from 'graphql';
import { BrokenInvariantError } from '../domain/assert.js';
import { NO_CUSTOMER } from '../meter/access/only-customer.js';
import { customerScope } from '../meter/customer-key.js';
import { readCustomer } from '../meter/read/customer.js';
import { listEvents, readEvent } from '../meter/read/event.js';
import type { EventFilter, UsageEvent } from '../meter/store.js';
import { builder } from './builder.js';
import { type Cursors, resolvePage } from './connection.js';
import type { Context } from './context.js';
import { BY_KEY, costs, FILTER } from './cost.js';
import { Deduction, UnappliedAmount } from './deduction.js';
import { nodeEntity } from './entity-keys.js';
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
import { asksForProperties } from './selected.js';

async function loadNode([customerKey = '', eventId = '']: readonly string[], context: Context) {
  const event = await readEvent(context, { customerKey, eventId, withProperties: true });
  return event && eventNode(event, ownerOf(event));
}

builder.node(EventRef, {
  extensions: nodeEntity('UsageEvent', loadNode),
  scopes: ['events:read'],
  description:
    'One recorded piece of usage. It never changes, but it can be undone with `voidEvent`.',
  id: {
    resolve: ({ customerKey, id }) => `${customerKey}:${id}`,
    parse: (id) => partsOf('UsageEvent', id),
  },
  loadOne: loadNode,
  fields: (t) => ({
    customer: t.field({
      type: CustomerRef,
      scopes: [],
      description: 'The customer.',
      resolve: ({ owner }) => owner,
    }),
    entity: t.field({
      type: EntityRef,
      nullable: true,
      scopes: [],
      description: 'The entity, or null if none was given.',
      resolve: ({ owner, entityId }) =>
        entityId === null ? null : { ...ownerOf(owner), id: entityId },
    }),
    feature: t.field({
      type: FeatureRef,
      nullable: true,
      scopes: [],
      description: 'The feature that was tracked, or null if an event name was.',
      resolve: ({ featureId }) => (featureId === null ? null : { id: featureId }),
    }),
    eventName: t.exposeString('eventName', {
      nullable: true,
      description: 'The event name that was tracked, or null if a feature was.',
    }),
    value: t.exposeFloat('value', { description: 'The requested value.' }),
    properties: t.field({
      type: 'JSON',
      nullable: true,
      description: 'What was sent with the event, as a JSON object, or null if nothing was.',
      resolve: ({ properties }) => {
        if (properties === undefined) throw new BrokenInvariantError('properties were not read');
        return properties;
      },
    }),
    occurredAt: t.expose('occurredAt', {
      type: 'DateTime',
      description: 'When the usage occurred.',
    }),
    recordedAt: t.expose('recordedAt', {
      type: 'DateTime',
      description: 'When the event was recorded.',
    }),
    idempotencyKey: t.exposeString('idempotencyKey', {
      nullable: true,
      description: 'The idempotency key that was sent, or null if there was none.',
    }),
    reservationId: t.string({
      nullable: true,
      description: 'The id of the reservation that was captured, or null for all other usage.',
      resolve: ({ reservationId }) => reservationId ?? null,
    }),
    deductions: t.field({
      type: [Deduction],
      extensions: holds(DEDUCTIONS_MAX),
      scopes: [],
      description: 'What was taken, from each balance.',
      resolve: ({ outcome, owner, preloaded }) =>
        outcome.deductions.map((deduction) => ({ ...deduction, owner, preloaded })),
    }),
    unapplied: t.field({
      type: [UnappliedAmount],
      extensions: holds(UNAPPLIED_MAX),
      scopes: [],
      description:
        'What was requested and could not be taken, for each charged feature. Empty if ' +
        'everything was taken.',
      resolve: ({ outcome }) => outcome.unapplied,
    }),
  }),
});

export const EventConnection = builder.connectionObject(
  { type: EventRef, name: 'UsageEventConnection', description: 'A page of usage events.' },
  { name: 'UsageEventEdge', description: 'A usage event with its cursor.' },
);

export const eventCursors: Cursors<UsageEvent> = {
  list: 'UsageEvent',
  keyForm: pattern(UUID),
  keyOf: ({ id }) => id,
};

/** One page of events, newest first. */
export function resolveEvents(
  context: Context,
  info: GraphQLResolveInfo,
  args: DefaultConnectionArguments,
  filter: EventFilter,
) {
  return resolvePage<EventNode>(args, eventCursors, async (page) => {
    const { events, stoppedAt } = await listEvents(context, {
      ...page,
      filter,
      withProperties: asksForProperties(info),
    });
    return { items: events.map((event) => eventNode(event, ownerOf(event))), stoppedAt };
  });
}

type Given<T> = T | null | undefined;

/** A filter as it is given. */
interface GivenFilter {
  readonly customerId?: Given<string>;
  readonly entityId?: Given<string>;
  readonly featureId?: Given<string>;
  readonly eventName?: Given<string>;
  readonly occurredFrom?: Given<string>;
  readonly occurredBefore?: Given<string>;
}

/** What an erased customer has left is found by its old id no more, although its key is still that of the id. */
export async function eventFilter(context: Context, given: GivenFilter): Promise<EventFilter> {
  return {
    customerKey: given.customerId ? await keyOfLiving(context, given.customerId) : null,
    entityId: given.entityId ?? null,
    featureId: given.featureId ?? null,
    eventName: given.eventName ?? null,
    occurredFrom: toInstant(given.occurredFrom),
    occurredBefore: toInstant(given.occurredBefore),
  };
}

async function keyOfLiving(context: Context, customerId: string): Promise<string> {
  const { customerKey } = customerScope(context.caller.projectId, customerId);
  const customer = await readCustomer(context, customerKey);
  return customer?.deletedAt === null ? customerKey : NO_CUSTOMER;
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
      scopes: ['events:read'],
      description:
        'The usage events of the project, newest first by the time at which they occurred. All filters that are given must match. A ' +
        'page can have fewer events than requested, or none, although more may follow: filters that no ' +
        'index covers together examine 10,000 events for each page. Go on from `endCursor` while ' +
        '`hasNextPage` is true.',
      args: {
        customerId: t.arg.string({
          extensions: costs(BY_KEY),
          validate: rules.id,
          description: 'Only events of this customer. None if it has been deleted.',
        }),
        entityId: t.arg.string({
          extensions: costs(FILTER),
          validate: rules.id,
          description: 'Only events of entities with this id, whichever customer they belong to.',
        }),
        featureId: t.arg.string({
          extensions: costs(FILTER),
          validate: rules.id,
          description:
            'Only events that were tracked by this feature id. Events that charged it by an event ' +
            'name are not included.',
        }),
        eventName: t.arg.string({
          extensions: costs(FILTER),
          validate: rules.eventName,
          description: 'Only events that were tracked by this event name.',
        }),
        occurredFrom: t.arg({
          type: 'DateTime',
          validate: rules.instant,
          description: 'Only events that occurred at this time or later.',
        }),
        occurredBefore: t.arg({
          type: 'DateTime',
          validate: rules.instant,
          description: 'Only events that occurred before this time.',
        }),
      },
      resolve: async (_root, args, context, info) =>
        resolveEvents(context, info, args, await eventFilter(context, args)),
    },
    EventConnection,
  ),
);
