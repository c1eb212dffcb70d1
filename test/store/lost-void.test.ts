/** Usage events have been undone, and the reply of the database is lost: a repetition says what was done, and does nothing again. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { units } from '../../src/domain/quantity.js';
import { createCustomer } from '../../src/meter/customer.js';
import { customerScope } from '../../src/meter/customer-key.js';
import { createFeature } from '../../src/meter/feature.js';
import type { ReadContext, VerbContext } from '../../src/meter/verb.js';
import { type VoidedEvents, voidEvents } from '../../src/meter/void-events.js';
import { createContext } from '../../src/store/context.js';
import { type Database, openDatabase } from '../../src/store/database.js';
import { PLACE_0 } from '../../src/store/placed.js';
import { createWritePath } from '../../src/store/write-path.js';
import { type LostReplies, losingReplies } from '../support/database/lost-replies.js';
import { damagesOf } from '../support/database/project.js';
import { createStore, type TestStore } from '../support/database/store.js';
import { PATIENT_DATABASE } from '../support/gateway/limits.js';
import { readQueueOn } from '../support/meter/read-queue.js';
import { grantMessages, trackMessage, verbContext } from '../support/meter/verb-context.js';

let test: TestStore;
let database: Database;
let replies: LostReplies;
let ctx: VerbContext & ReadContext;
/** Called right before a commit without a lock. */
let committing: () => void = () => undefined;

beforeAll(async () => {
  test = await createStore();
  database = openDatabase({
    address: { connectionString: test.database.url },
    poolMax: 4,
    readPoolMax: 2,
    ...PATIENT_DATABASE,
    onIdleError: () => undefined,
  });
  replies = losingReplies(database.pool);
  const writePath = createWritePath({
    ...createContext({ prisma: database.prisma, place: PLACE_0, clockOffsetMs: () => 0 }),
    acquireTimeoutMs: PATIENT_DATABASE.acquireTimeoutMs,
    transactionTimeoutMs: PATIENT_DATABASE.statementTimeoutMs,
  });
  const store = {
    ...test.store,
    ...writePath,
    commit: (...args: Parameters<typeof writePath.commit>) => {
      committing();
      return writePath.commit(...args);
    },
  };
  const readQueue = readQueueOn(test.store);
  ctx = { ...verbContext(store, test.projectId), readQueue, execution: { stopped: null } };
  const feature = { name: 'A', type: 'CONSUMABLE', eventNames: [], creditCosts: [] } as const;
  await createFeature(ctx, { id: 'messages', ...feature });
});

afterAll(async () => {
  await database.close();
  await test.close();
});

const NOTHING_ELSE = {
  entityId: null,
  featureId: null,
  eventName: null,
  occurredFrom: null,
  occurredBefore: null,
};

function voided(customerId: string): Promise<VoidedEvents> {
  const { customerKey } = customerScope(test.projectId, customerId);
  return voidEvents(ctx, {
    filter: { customerKey, ...NOTHING_ELSE },
    after: null,
    limit: 10,
    dryRun: false,
    reason: null,
    actor: null,
    globalIdOf: ({ id }) => id,
  });
}

it('the outcome is unknown, and a repetition finds it out', async () => {
  await createCustomer(ctx, { id: 'ada', name: null, email: null, metadata: {} });
  await grantMessages(ctx, 'ada');
  for (const value of [units(7), units(5)]) await trackMessage(ctx, 'ada', { value });
  const gone = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  committing = () => replies.lose({ tag: /^SELECT 1$/m, status: 'I' }, gone);
  await expect(voided('ada')).rejects.toMatchObject({
    code: 'OUTCOME_UNKNOWN',
    message: expect.stringContaining('Repeat the call: no event is undone twice.'),
  });
  committing = () => undefined;
  const again = {
    voided: 0,
    alreadyVoided: 2,
    notVoided: [],
    features: [{ featureId: 'messages', reversed: 0n, reversedBefore: units(12) }],
    notReversed: [],
    next: null,
  };
  expect(await voided('ada')).toMatchObject(again);
  expect(await voided('ada')).toMatchObject(again);
  expect((await database.pool.query('SELECT FROM event_voids')).rowCount).toBe(2);
  expect(await damagesOf({ connectionString: test.database.url })).toEqual([]);
});
