import { Buffer } from 'node:buffer';
import { customerScope } from '../meter/customer-key.js';
import type { Page } from '../meter/read/read-path.js';
import { listReservations, readReservation } from '../meter/read/reservation.js';
import type { Reservation } from '../meter/reservation.js';
import { JsonText } from '../platform/json-text.js';
import { builder } from './builder.js';
import { type Cursors, resolvePage } from './connection.js';
import { IDEMPOTENCY_KEY_BYTES_MAX } from './input/limits.js';
import * as rules from './input/rules.js';
import { CustomerRef, EntityRef, FeatureRef, ownerOf } from './nouns.js';
import { ReservationStatus } from './reservation-status.js';

export const ReservationRef = builder.objectRef<Reservation>('UsageReservation');

ReservationRef.implement({
  description: 'An amount set aside until it is captured or released, or expires.',
  fields: (t) => ({
    reservationId: t.exposeString('id', {
      description: 'The id of the reservation, as you chose it, or as it was made.',
    }),
    status: t.field({
      type: ReservationStatus,
      description: 'Whether it has ended, and how.',
      resolve: ({ ended }) => ended?.how ?? 'LIVE',
    }),
    customer: t.field({
      type: CustomerRef,
      description: 'The customer.',
      resolve: (reservation) => ownerOf(reservation),
    }),
    entity: t.field({
      type: EntityRef,
      nullable: true,
      description: 'The entity, or null if none was given.',
      resolve: (reservation) =>
        reservation.entityId === null
          ? null
          : { ...ownerOf(reservation), id: reservation.entityId },
    }),
    feature: t.field({
      type: FeatureRef,
      nullable: true,
      description: 'The feature, or null if an event name was given.',
      resolve: ({ featureId }) => (featureId === null ? null : { id: featureId }),
    }),
    eventName: t.exposeString('eventName', {
      nullable: true,
      description: 'The event name, or null if a feature was given.',
    }),
    value: t.exposeFloat('value', { description: 'The requested amount.' }),
    held: t.exposeFloat('held', {
      description: 'The amount that is still held. Of several charged features, the most.',
    }),
    used: t.exposeFloat('used', {
      description: 'The amount that has been captured, with what the balances could not cover.',
    }),
    properties: t.field({
      type: 'JSON',
      nullable: true,
      description: 'What was sent with the reservation, as a JSON object, or null if nothing was.',
      resolve: async (reservation, _args, context) => {
        const { customerKey, id, properties } = reservation;
        const known =
          properties === undefined
            ? (await readReservation(context, { customerKey, id }))?.properties
            : properties;
        return known ? new JsonText(known) : null;
      },
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When the amount was set aside.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When the reservation expires, or would have expired.',
    }),
    endedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it ended, or null if it has not.',
      resolve: ({ ended }) => ended?.at ?? null,
    }),
  }),
});

const ReservationConnection = builder.connectionObject(
  {
    type: ReservationRef,
    name: 'UsageReservationConnection',
    description: 'A page of reservations.',
  },
  { name: 'UsageReservationEdge', description: 'A reservation with its cursor.' },
);

/** Ids may be of any characters, of which a cursor contains the bytes. */
const cursors: Cursors<Reservation> = {
  list: 'UsageReservation',
  keyForm: new RegExp(`^(?:[0-9a-f]{2}){1,${IDEMPOTENCY_KEY_BYTES_MAX}}$`),
  keyOf: ({ id }) => Buffer.from(id).toString('hex'),
};

function idOf(key: string | null): string | null {
  return key === null ? null : Buffer.from(key, 'hex').toString();
}

function byId(page: Page): Page {
  return { ...page, after: idOf(page.after), before: idOf(page.before) };
}

builder.objectField(CustomerRef, 'reservations', (t) =>
  t.connection(
    {
      type: ReservationRef,
      scopes: ['track:write', 'balances:read'],
      description:
        "The reservations that have not ended, ordered by id, those of the customer's entities included.",
      resolve: ({ customerKey }, args, context) =>
        resolvePage(args, cursors, (page) =>
          listReservations(context, { ...byId(page), customerKey }),
        ),
    },
    ReservationConnection,
  ),
);

builder.queryField('reservation', (t) =>
  t.field({
    type: ReservationRef,
    nullable: true,
    scopes: ['track:write', 'balances:read'],
    description: 'A reservation of a customer, an ended one too, or null if it does not exist.',
    args: {
      customerId: t.arg.string({
        required: true,
        validate: rules.id,
        description: 'The id of the customer, as you chose it.',
      }),
      reservationId: t.arg.string({
        required: true,
        validate: rules.idempotencyKey,
        description: 'The id of the reservation.',
      }),
    },
    resolve: (_root, { customerId, reservationId }, context) => {
      const { customerKey } = customerScope(context.caller.projectId, customerId);
      return readReservation(context, { customerKey, id: reservationId });
    },
  }),
);
