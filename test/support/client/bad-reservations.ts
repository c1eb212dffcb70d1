/** Bad input to the verbs of reservations: what is wrong with it, and the refusal. */

type Row = readonly [what: string, input: object, expected: string];

const hold = { customerId: 'acme', featureId: 'messages' };
const held = { customerId: 'acme', reservationId: 'none' };

export const BAD_RESERVATIONS: Readonly<
  Record<string, { readonly input: string; readonly rows: readonly Row[] }>
> = {
  reserveBalance: {
    input: 'BalancesReserveInput',
    rows: [
      ['an unknown customer', { ...hold, customerId: 'x' }, 'CUSTOMER_NOT_FOUND'],
      ['an unknown entity', { ...hold, entityId: 'x' }, 'ENTITY_NOT_FOUND'],
      ['an unknown feature', { ...hold, featureId: 'x' }, 'FEATURE_NOT_FOUND'],
      ['a feature and an event name', { ...hold, eventName: 'x' }, 'featureId exactly_one'],
      ['a negative value', { ...hold, value: -1 }, 'value minimum'],
      ['an empty id', { ...hold, reservationId: '' }, 'reservationId bytes'],
      ['no time at all', { ...hold, expiresInSeconds: 0 }, 'expiresInSeconds range'],
      ['more than 30 days', { ...hold, expiresInSeconds: 2_592_001 }, 'expiresInSeconds range'],
      ['an expiry in the past', { ...hold, expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt range'],
      [
        'two expiries',
        { ...hold, expiresAt: '2030-01-01T00:00:00Z', expiresInSeconds: 60 },
        'expiresAt exclusive',
      ],
      ['a list as properties', { ...hold, properties: [] }, 'properties object'],
    ],
  },
  captureReservation: {
    input: 'ReservationsCaptureInput',
    rows: [
      ['an unknown customer', { ...held, customerId: 'x' }, 'CUSTOMER_NOT_FOUND'],
      ['an unknown reservation', held, 'RESERVATION_NOT_FOUND'],
      ['a negative value', { ...held, value: -1 }, 'value minimum'],
      ['an empty key', { ...held, idempotencyKey: '' }, 'idempotencyKey bytes'],
    ],
  },
  extendReservation: {
    input: 'ReservationsExtendInput',
    rows: [
      ['an unknown reservation', held, 'RESERVATION_NOT_FOUND'],
      ['no time at all', { ...held, expiresInSeconds: 0 }, 'expiresInSeconds range'],
    ],
  },
  releaseReservation: {
    input: 'ReservationsReleaseInput',
    rows: [
      ['an unknown reservation', held, 'RESERVATION_NOT_FOUND'],
      ['an empty id', { ...held, reservationId: '' }, 'reservationId bytes'],
    ],
  },
};
