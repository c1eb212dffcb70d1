import type { HoldEnd } from '../domain/hold.js';
import { builder } from './builder.js';

export const ReservationStatus = builder.enumType('UsageReservationStatus', {
  description: 'Whether a reservation still holds what was set aside, or how it ended.',
  values: {
    LIVE: { description: 'It has not ended.' },
    CAPTURED: { description: 'It was captured. What was not used has been given back.' },
    RELEASED: { description: 'It was released, and what it held has been given back.' },
    EXPIRED: { description: 'It expired, and what it held has been given back.' },
  } satisfies Record<'LIVE' | HoldEnd, { description: string }>,
});
