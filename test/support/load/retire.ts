/** Features that are archived and deleted in the random run, whose catalogue changes under the calls. */
import { expect } from 'vitest';
import type { Client } from '../client/client.js';
import { archiveFeature, deleteFeature } from '../client/features.js';
import * as operations from '../client/operations.js';
import type { CustomerModel } from '../model/model.js';
import type { Random } from '../random/random.js';
import type { Tally } from './tally.js';

interface Retiring {
  readonly clients: readonly [Client, Client];
  readonly random: Random;
  readonly tally: Tally;
}

/** Brings back the features that are archived, and archives others, of which the models know from then on. */
export async function archiveOthers(
  { clients, random, tally }: Retiring,
  archived: readonly string[],
  others: readonly string[],
  models: readonly CustomerModel[],
): Promise<void> {
  const changes = [
    ...archived.map((archive) => ({ archive, archived: false })),
    ...others.map((archive) => ({ archive, archived: true })),
  ];
  for (const change of changes) {
    tally.count(change.archived ? 'archived' : 'brought back');
    await archiveFeature(random.pick(clients), change.archive, change.archived);
    for (const model of models) model.apply(change, 0);
  }
}

/** While others call, deletes features that nothing uses, and is refused to delete those that something has used. */
export async function deleteMeanwhile(
  { clients, random, tally }: Retiring,
  used: readonly string[],
  times: number,
): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    const unused = { id: `unused-${random.whole(1, 3)}`, type: 'CONSUMABLE' } as const;
    await operations.createFeature(random.pick(clients), unused);
    expect(await deleteFeature(random.pick(clients), unused.id)).toBeNull();
    tally.count('features deleted');
    const [first, ...others] = used;
    if (first === undefined) continue;
    const kept = random.pick([first, ...others]);
    expect(await deleteFeature(random.pick(clients), kept)).toBe('FEATURE_IN_USE');
    tally.count('features kept');
  }
}
