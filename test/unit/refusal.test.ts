import { describe, expect, it } from 'vitest';
import { idempotencyConflict, insufficientBalance, notFound } from '../../src/domain/refusal.js';

const LONG = 'x'.repeat(255);
const ECHOED = `"${'x'.repeat(200)}…"`;

describe('a message repeats at most 200 characters of a value:', () => {
  it.each([
    ['of a customer', notFound('CUSTOMER_NOT_FOUND', LONG)],
    ['of an entity', notFound('ENTITY_NOT_FOUND', LONG)],
    ['of a feature', notFound('FEATURE_NOT_FOUND', LONG)],
    ['of an event name', notFound('EVENT_NAME_NOT_FOUND', LONG)],
    ['of a key', idempotencyConflict(LONG, 'value')],
    [
      'of what is missing',
      insufficientBalance([{ featureId: LONG, chargedFeatureId: LONG, amount: 1n }]),
    ],
    [
      'of what is not held',
      insufficientBalance([{ featureId: LONG, chargedFeatureId: LONG, amount: 0n }]),
    ],
  ])('%s', (_, { message }) => {
    expect(message).toContain(ECHOED);
    expect(message).not.toContain('x'.repeat(201));
  });
});
