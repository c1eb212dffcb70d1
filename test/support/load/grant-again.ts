/** Grants with ids of the caller's in the random run, and those that are made again (R31). */
import { expect } from 'vitest';
import type { PlainGrant } from '../cases/plain.js';
import type { Client } from '../client/client.js';
import * as operations from '../client/operations.js';
import type { Random } from '../random/random.js';
import type { Sequence } from './run-sequential.js';

/** What the names of grants with an id begin with; the id is the name. */
export const OWN = 'own-';

/** Some grants get an id. */
export function ownNamed(grant: PlainGrant, random: Random): PlainGrant {
  if (random.once(2)) return grant;
  const name = `${OWN}${grant.name.replaceAll(' ', '-')}`;
  return { ...grant, name, balanceId: name };
}

/** No expiry within this time, so that it does not matter when the call is decided. */
const MARGIN_MS = 60_000;

/** Sometimes grants again what was granted under an id, or something else. Nothing is granted either way. */
export async function grantAgain(sequence: Sequence, client: Client, now: number): Promise<void> {
  const { customerId, model, random, tally, context } = sequence;
  const [first, ...others] = model
    .holdings(now)
    .filter(({ grant }) => grant.balanceId !== undefined)
    .filter(({ expiresAt }) => Math.abs(expiresAt - now) > MARGIN_MS);
  if (first === undefined || random.once(3)) return;
  const { grant: former } = random.pick([first, ...others]);
  const grant = random.once(3) ? { ...former, priority: (former.priority ?? 0) + 1 } : former;
  const answer = await operations.grant(client, customerId, grant);
  const code = 'code' in answer ? answer.code : null;
  // Times that have passed since, and entities that have been deleted, are refused before.
  if (code === 'INVALID_INPUT' || code === 'ENTITY_NOT_FOUND') return;
  tally.count(code === null ? 'grants found' : 'grants taken');
  const expected = model.apply({ grant }, now);
  const message = `${context}: ${JSON.stringify(grant)} again`;
  expect(code, message).toBe(expected?.ok === false ? expected.code : null);
  if ('balance' in answer) expect(answer.created, message).toBe(false);
}
