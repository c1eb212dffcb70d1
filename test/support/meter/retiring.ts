/** Two gateways on one database, whose features a test creates and retires. */
import type pg from 'pg';
import { createCustomer } from '../../../src/meter/customer.js';
import { createFeature } from '../../../src/meter/feature.js';
import { deleteFeature } from '../../../src/meter/retire-feature.js';
import type { FeatureDraft } from '../../../src/meter/store.js';
import type { Result, VerbContext } from '../../../src/meter/verb.js';
import { connect } from '../database/connections.js';
import { createStore, type TestStore } from '../database/store.js';
import { trackMessage, verbContext } from './verb-context.js';

export interface Retiring {
  readonly test: TestStore;
  /** Of two gateways. */
  readonly ctx: VerbContext;
  readonly other: VerbContext;
  readonly client: pg.Client;
  /** Creates a feature that no other test has. */
  feature(changes?: Partial<FeatureDraft>): Promise<string>;
  /** What deleting a feature comes to. */
  removed(id: string): Promise<string>;
  track(featureId: string): ReturnType<typeof trackMessage>;
  trackEvent(eventName: string): ReturnType<typeof trackMessage>;
  close(): Promise<void>;
}

/** With the customer `acme` and the feature `messages`. */
export async function startRetiring(): Promise<Retiring> {
  const test = await createStore();
  const ctx = verbContext(test.store, test.projectId);
  const other = verbContext(test.store, test.projectId);
  const client = await connect(test.database.url);
  await createCustomer(ctx, { id: 'acme', name: null, email: null, metadata: {} });
  await createFeature(ctx, draft('messages'));
  let count = 0;
  return {
    test,
    ctx,
    other,
    client,
    feature: async (changes = {}) => {
      count += 1;
      const id = `f${count}`;
      const created = outcome(await createFeature(ctx, draft(id, changes)));
      if (created !== 'ok') throw new Error(created);
      return id;
    },
    removed: async (id) => outcome(await deleteFeature(ctx, id)),
    track: (featureId) => trackMessage(ctx, 'acme', { featureId }),
    trackEvent: (eventName) => trackMessage(ctx, 'acme', { featureId: null, eventName }),
    close: async () => {
      await client.end();
      await test.close();
    },
  };
}

export const draft = (id: string, changes: Partial<FeatureDraft> = {}): FeatureDraft => ({
  id,
  name: id,
  type: 'CONSUMABLE',
  eventNames: [],
  creditCosts: [],
  ...changes,
});

/** The code of a refusal, or what uses the feature. */
export function outcome(answer: Result<unknown>): string {
  if (answer.ok) return 'ok';
  const { refusal } = answer;
  return refusal.code === 'FEATURE_IN_USE' ? refusal.uses.join(' ') : refusal.code;
}
