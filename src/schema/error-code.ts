import type { RefusalCode } from '../domain/refusal.js';
import { builder } from './builder.js';

export const ErrorCode = builder.enumType('ErrorCode', {
  description:
    'The kinds of refusal. If several apply, the answer is the first in this order: ' +
    'INVALID_INPUT, the not-found codes in the order customer, entity, feature or event ' +
    'name, balance, usage event, project, API key, SCOPES_NOT_HELD, API_KEY_ENDED, ALREADY_EXISTS, IDEMPOTENCY_CONFLICT, FEATURE_ARCHIVED, FEATURE_IN_USE, INSUFFICIENT_BALANCE. Only the rules that depend ' +
    'on stored data, such as the type of a feature, come after the not-found codes.',
  values: {
    INVALID_INPUT: { description: 'The input is invalid; `issues` says where and why.' },
    CUSTOMER_NOT_FOUND: { description: 'The customer does not exist.' },
    ENTITY_NOT_FOUND: { description: 'The entity does not exist.' },
    FEATURE_NOT_FOUND: { description: 'The feature does not exist.' },
    EVENT_NAME_NOT_FOUND: { description: 'No feature lists the event name.' },
    RESERVATION_NOT_FOUND: { description: 'The customer has no reservation with the id.' },
    RESERVATION_ENDED: {
      description: 'The reservation has been captured or released, or has expired.',
    },
    TOO_MANY_RESERVATIONS: {
      description: 'The customer has as many reservations that have not ended as it can have.',
    },
    BALANCE_NOT_FOUND: { description: 'The customer has no such balance, or it has ended.' },
    EVENT_NOT_FOUND: { description: 'The usage event does not exist.' },
    PROJECT_NOT_FOUND: {
      description: 'There is no project with the id to which the key that was sent gives access.',
    },
    API_KEY_NOT_FOUND: {
      description: 'There is no key with the id that the key that was sent can manage.',
    },
    SCOPES_NOT_HELD: { description: 'A key cannot give scopes that it lacks.' },
    API_KEY_ENDED: { description: 'The key has been rotated or revoked, or has expired.' },
    ALREADY_EXISTS: { description: 'The id is in use, or was.' },
    IDEMPOTENCY_CONFLICT: {
      description: 'The idempotency key was first used with different input.',
    },
    FEATURE_ARCHIVED: {
      description: 'The feature is archived, so there can be no new balance or credit cost of it.',
    },
    FEATURE_IN_USE: { description: 'Something has used the feature, so it cannot be deleted.' },
    EVENT_VOIDED: { description: 'The usage event has been undone or amended.' },
    INSUFFICIENT_BALANCE: { description: 'The balances cannot cover the usage.' },
  } satisfies Record<RefusalCode, { description: string }>,
});
