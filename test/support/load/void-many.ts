/** Undoes many events of a customer in the random run, after a dry run, and compares both with the model. */
import { expect } from 'vitest';
import type { PlainVoidedAll } from '../cases/plain.js';
import { voidAll } from '../cases/void-all.js';
import * as operations from '../client/operations.js';
import { plainOf, voidEvents } from '../client/void-events.js';
import { amountOf, textOf } from '../model/numbers.js';
import type { Sequence } from './run-sequential.js';

export async function voidMany(
  { clients, customerId, model, eventIds, random, tally, context }: Sequence,
  { voidMany: first, featureId }: { readonly voidMany: number; readonly featureId?: string },
  now: number,
): Promise<void> {
  const byFeature = featureId === undefined ? {} : { featureId };
  const options = { filter: { customerId, ...byFeature }, first };
  const planned = await voidEvents(random.pick(clients), { ...options, dryRun: true });
  const done = await voidEvents(random.pick(clients), options);
  const again = await voidEvents(random.pick(clients), options);
  expect(done, `${context}: dry run of ${JSON.stringify(options)}`).toEqual({
    ...planned,
    dryRun: false,
  });

  const grants = new Map(model.holdings(now).map(({ grant }) => [grant.name, grant.featureId]));
  const undoing = {
    now: Math.max(now, await lastVoidedAt(clients[0], customerId)),
    featureOf: (grant: string) => grants.get(grant) ?? grant,
    newestFirst: newestFirst(eventIds),
    limit: first,
  };
  for (const page of [done, again]) {
    const expected = voidAll(model, byFeature, undoing);
    expect(rounded(plainOf(page)), `${context}: ${JSON.stringify(options)}`).toEqual(
      rounded(expected),
    );
  }
  tally.count('voids of many');
  if (done.voided > 1) tally.count('several at once');
  if (done.notReversed.length > 0) tally.count('voids in part');
}

/** As a list of events is ordered: by what follows the customer in their ids. */
function newestFirst(eventIds: readonly string[]): number[] {
  const ids = eventIds.map(operations.rowIdOf);
  return [...ids.keys()].sort((a, b) => ((ids[a] ?? '') < (ids[b] ?? '') ? 1 : -1));
}

async function lastVoidedAt(client: Sequence['clients'][0], customerId: string): Promise<number> {
  const events = await operations.events(client, customerId);
  return Math.max(0, ...events.map(({ voidedAt }) => (voidedAt ? Date.parse(voidedAt) : 0)));
}

/** With sums at the precision of a JSON number. */
function rounded({ voided, alreadyVoided, ...sums }: PlainVoidedAll) {
  const numbers = Object.entries(sums).map(([part, amounts]) => [
    part,
    Object.entries(amounts).map(([name, amount]) => [name, textOf(amountOf(Number(amount)))]),
  ]);
  return { voided, alreadyVoided, ...Object.fromEntries(numbers) };
}
