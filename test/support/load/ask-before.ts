/** Before usage is sent: whether it would be accepted, and what it would do, must be what the model says (R19, R21, R30). */
import { expect } from 'vitest';
import type { Answer, PlainTrack } from '../cases/plain.js';
import type { Client } from '../client/client.js';
import { foretold, outcomeOf } from '../client/explaining.js';
import type { CustomerModel } from '../model/model.js';
import { amountOf, isAmount, textOf } from '../model/numbers.js';
import { WILD_CATALOGUE } from '../random/arbitraries.js';
import type { Sequence } from './run-sequential.js';

/** Asks one gateway for the plan, and the other one for a check; neither may change anything. */
export async function askBefore(sequence: Sequence, call: PlainTrack, now: number): Promise<void> {
  const { clients, customerId, model, names, random, tally, context } = sequence;
  const { idempotencyKey: _, ...track } = call;
  const message = `${context}: ${JSON.stringify(track)}`;
  const told = await foretold(random.pick(clients), customerId, track, names);
  const answer = tried(model, track, now);
  expect(told, `explainTrack, ${message}`).toEqual(answer && outcomeOf(answer));
  tally.count('explained');
  if ((track.value ?? 1) < 0 || track.timestamp !== undefined) return;

  const check = await checked(random.pick(clients), customerId, track);
  const rejecting = { ...track, overageBehavior: 'REJECT' } as const;
  const expected = tried(model, rejecting, now);
  tally.count(check.allowed === true ? 'allowed' : 'not allowed');
  if (check.code !== undefined) {
    expect(expected, message).toMatchObject({ ok: false, code: check.code });
    return;
  }
  const isAllowed = expected.ok && flagsHeld(model, track, now);
  expect(check, `checkBalance, ${message}`).toMatchObject({ allowed: isAllowed });
  if (typeof check.largestAllowed !== 'number') return;
  expect(check.largestAllowed, message).toBeLessThan(track.value ?? 1);
  const accepts = (value: number) => tried(model, { ...rejecting, value }, now).ok;
  expect(accepts(check.largestAllowed), `the largest is accepted, ${message}`).toBe(true);
  const more = Number(textOf(amountOf(check.largestAllowed) + 1n));
  // Beyond that, a JSON number has no room for the next amount.
  if (check.largestAllowed < 1_000 && isAmount(more)) {
    expect(accepts(more), `more is not, ${message}`).toBe(false);
  }
}

function tried(model: CustomerModel, track: PlainTrack, now: number): Answer {
  const answer = model.clone().apply({ track }, now);
  if (answer === null) throw new Error('usage has an answer');
  return answer;
}

/** R20: tracking takes nothing of a BOOLEAN feature, but a check requires that it is held. */
function flagsHeld(model: CustomerModel, call: PlainTrack, now: number): boolean {
  const { featureId, eventName, entityId } = call;
  const flags = WILD_CATALOGUE.filter(
    ({ id, type, eventNames = [] }) =>
      type === 'BOOLEAN' && (id === featureId || eventNames.some((name) => name === eventName)),
  );
  const held = model
    .holdings(now)
    .filter(
      ({ grant, startsAt, expired }) =>
        startsAt <= now &&
        !expired &&
        (grant.entityId === undefined || grant.entityId === entityId),
    );
  return flags.every(({ id }) => held.some(({ grant }) => grant.featureId === id));
}

interface Checked {
  readonly code?: string;
  readonly allowed?: boolean;
  readonly largestAllowed?: number | null;
}

const CHECK = `
  query Check($input: BalancesCheckInput!) {
    checkBalance(input: $input) {
      ... on Error { code }
      ... on CheckBalancePayload { allowed largestAllowed }
    }
  }`;

async function checked(client: Client, customerId: string, track: PlainTrack): Promise<Checked> {
  const { featureId, eventName, entityId, properties, value } = track;
  const usage = { featureId, eventName, entityId, properties };
  const input = { customerId, ...usage, requiredBalance: value };
  return (await client.run<{ checkBalance: Checked }>(CHECK, { input })).checkBalance;
}
