/** Random calls about a few reservations, many of which do not exist or have ended. */
import * as fc from 'fast-check';
import type { PlainHoldCall } from '../cases/plain.js';
import { said } from './property-arbitraries.js';

const HOUR = 3_600;

const size = fc.oneof(
  fc.nat({ max: 40 }),
  fc.nat({ max: 4_000 }).map((cents) => cents / 100),
  fc.nat({ max: 1_000 }).map((count) => Number(`${count}e-10`)),
);

/** Hours, as waits are, so that reservations expire exactly when something else happens; one hour in a day is common. */
const expiresInSeconds = fc.oneof(
  fc.integer({ min: 1, max: 72 }).map((hours) => hours * HOUR),
  fc.integer({ min: 1, max: 30 }).map((days) => days * 24 * HOUR),
);

const overageBehavior = fc.constantFrom('CAP' as const, 'REJECT' as const, 'OVERFLOW' as const);

export function holdOf(
  featureIds: readonly string[],
  entityIds: readonly string[],
): fc.Arbitrary<PlainHoldCall> {
  const reservationId = fc.constantFrom('r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7', 'r8');
  const idempotencyKey = fc.constantFrom('h1', 'h2', 'h3');
  const reserve = fc.oneof(
    fc.record(
      {
        reservationId,
        featureId: fc.constantFrom(...featureIds),
        value: size,
        entityId: fc.constantFrom(...entityIds),
        overageBehavior,
        expiresInSeconds,
        properties: said,
      },
      { requiredKeys: ['reservationId', 'featureId'] },
    ),
    fc.record(
      {
        reservationId,
        eventName: fc.constantFrom('action-event', 'everything', 'twice'),
        value: size,
        entityId: fc.constantFrom(...entityIds),
        overageBehavior,
        expiresInSeconds,
        properties: said,
      },
      { requiredKeys: ['reservationId', 'eventName'] },
    ),
  );
  const capture = fc.record(
    {
      reservationId,
      value: size,
      final: fc.boolean(),
      overageBehavior,
      properties: said,
      idempotencyKey,
    },
    { requiredKeys: ['reservationId'] },
  );
  const extend = fc.record(
    { reservationId, expiresInSeconds, idempotencyKey },
    { requiredKeys: ['reservationId'] },
  );
  const release = fc.record({ reservationId, idempotencyKey }, { requiredKeys: ['reservationId'] });
  return fc.oneof(
    { weight: 8, arbitrary: reserve.map((one): PlainHoldCall => ({ reserve: one })) },
    { weight: 4, arbitrary: capture.map((one): PlainHoldCall => ({ capture: one })) },
    { weight: 1, arbitrary: extend.map((one): PlainHoldCall => ({ extend: one })) },
    { weight: 1, arbitrary: release.map((one): PlainHoldCall => ({ release: one })) },
  );
}
