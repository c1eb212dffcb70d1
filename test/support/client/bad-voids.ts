/** Bad input to the corrections of usage events: what is wrong with it, and the refusal. */
import { NO_EVENT } from './no-event.js';

type Row = readonly [what: string, input: object, expected: string];

const ALL = { filter: { customerId: 'acme' }, dryRun: true };

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
  voidEvents: {
    input: 'EventsVoidMatchingInput',
    rows: [
      ['no condition', { filter: {}, dryRun: true }, 'filter not_empty'],
      [
        'only conditions that are null',
        { filter: { customerId: null }, dryRun: true },
        'filter not_empty',
      ],
      ['a bad condition', { filter: { featureId: '' }, dryRun: true }, 'filter.featureId id'],
      [
        'half a date',
        { filter: { occurredFrom: '2026-01' }, dryRun: true },
        'filter.occurredFrom date_time',
      ],
      ['no events', { ...ALL, first: 0 }, 'first page_size'],
      ['101 events', { ...ALL, first: 101 }, 'first page_size'],
      ['a cursor that is none', { ...ALL, after: 'x' }, 'after cursor'],
      ['the cursor of another list', { ...ALL, after: btoa('Customer:acme') }, 'after cursor'],
      ['no reason', { ...ALL, reason: '' }, 'reason length'],
      ['an actor of 256 characters', { ...ALL, actor: 'x'.repeat(256) }, 'actor length'],
      ['no word on writing', { filter: { customerId: 'acme' } }, 'BAD_USER_INPUT'],
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
