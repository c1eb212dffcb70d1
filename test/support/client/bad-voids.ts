/** Bad input to the corrections of usage events: what is wrong with it, and the refusal. */
import { NO_EVENT } from './no-event.js';

type Row = readonly [what: string, input: object, expected: string];

const CUSTOMER = btoa('Customer:00000000-0000-5000-8000-000000000000');

export const BAD_VOIDS: Readonly<
  Record<string, { readonly input: string; readonly rows: readonly Row[] }>
> = {
  amendEvent: {
    input: 'EventsAmendInput',
    rows: [
      ['an unknown event', { eventId: NO_EVENT }, 'EVENT_NOT_FOUND'],
      ['an id that is none', { eventId: 'x' }, 'eventId event_id'],
      ['11 decimals', { eventId: NO_EVENT, value: 1e-11 }, 'value decimals'],
      ['too large a value', { eventId: NO_EVENT, value: 1e16 }, 'value magnitude'],
      ['a list as properties', { eventId: NO_EVENT, properties: [] }, 'properties object'],
      ['half a date', { eventId: NO_EVENT, timestamp: '2026-01' }, 'timestamp date_time'],
      ['no reason', { eventId: NO_EVENT, reason: '' }, 'reason length'],
      ['an actor of 256 characters', { eventId: NO_EVENT, actor: 'x'.repeat(256) }, 'actor length'],
      ['an empty key', { eventId: NO_EVENT, idempotencyKey: '' }, 'idempotencyKey bytes'],
    ],
  },
  voidEvent: {
    input: 'EventsVoidInput',
    rows: [
      ['an unknown event', { eventId: NO_EVENT }, 'EVENT_NOT_FOUND'],
      ['an id that is none', { eventId: 'x' }, 'eventId event_id'],
      ['the id of a customer', { eventId: CUSTOMER }, 'eventId event_id'],
      ['no reason', { eventId: NO_EVENT, reason: '' }, 'reason length'],
      [
        'a reason of 501 characters',
        { eventId: NO_EVENT, reason: 'x'.repeat(501) },
        'reason length',
      ],
      ['an actor of 256 characters', { eventId: NO_EVENT, actor: 'x'.repeat(256) }, 'actor length'],
    ],
  },
};
