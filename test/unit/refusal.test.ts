import { describe, expect, it } from 'vitest';
import { idempotencyConflict, insufficientBalance, notFound } from '../../src/domain/refusal.js';

const LONG = 'x'.repeat(255);
const ECHOED = `"${'x'.repeat(200)}…"`;

describe('a message quotes at most 200 characters of a value:', () => {
  it.each([
    ['a customer id', notFound('CUSTOMER_NOT_FOUND', LONG)],
    ['an entity id', notFound('ENTITY_NOT_FOUND', LONG)],
    ['a feature id', notFound('FEATURE_NOT_FOUND', LONG)],
    ['an event name', notFound('EVENT_NAME_NOT_FOUND', LONG)],
    ['an idempotency key', idempotencyConflict(LONG, 'value')],
    [
      'a feature whose balance is insufficient',
      insufficientBalance([{ featureId: LONG, chargedFeatureId: LONG, amount: 1n }], 'track'),
    ],
    [
      'a feature without a balance',
      insufficientBalance([{ featureId: LONG, chargedFeatureId: LONG, amount: 0n }], 'track'),
    ],
  ])('%s', (_, { message }) => {
    expect(message).toContain(ECHOED);
    expect(message).not.toContain('x'.repeat(201));
  });
});
