import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { costFromText, wholeCost } from '../../src/domain/cost.js';
import { EVERY_SCOPE } from '../../src/meter/access/scopes.js';
import { createCustomer, updateCustomer } from '../../src/meter/customer.js';
import { createFeature, FEATURES_MAX, updateFeature } from '../../src/meter/feature.js';
import type { FeatureDraft } from '../../src/meter/store.js';
import type { Result, VerbContext } from '../../src/meter/verb.js';
import { createWriteQueue } from '../../src/meter/write/write-queue.js';
import { monotonicMs } from '../../src/platform/clock.js';
import { JsonText } from '../../src/platform/json-text.js';
import { connect } from '../support/database/connections.js';
import { createStore, type TestStore } from '../support/database/store.js';

let test: TestStore;
let ctx: VerbContext;

beforeAll(async () => {
  test = await createStore();
  const { store, projectId } = test;
  const writeQueue = createWriteQueue({
    store,
    lanes: 1,
    poolMax: 10,
    batchItemsMax: 10,
    batchBytesMax: 1e6,
    queueItemsMax: 10,
    queueWaitMaxMs: 60_000,
    cachedBalancesMax: 10,
    monotonicMs,
  });
  ctx = { caller: { projectId, scopes: EVERY_SCOPE }, store, writeQueue };
  await createFeature(ctx, draft('words'));
  await createFeature(ctx, draft('users', { type: 'CONTINUOUS' }));
  await createFeature(ctx, draft('sso', { type: 'BOOLEAN', eventNames: ['login'] }));
  await createFeature(ctx, draft('credits', { type: 'CREDIT_SYSTEM', creditCosts: [WORDS] }));
});

afterAll(() => test.close());

const WORDS = { featureId: 'words', cost: costFromText('0.2'), where: null };
const USERS = { featureId: 'users', cost: wholeCost(3), where: null };

const draft = (id: string, changes: Partial<FeatureDraft> = {}): FeatureDraft => ({
  id,
  name: id,
  type: 'CONSUMABLE',
  eventNames: [],
  creditCosts: [],
  ...changes,
});

/** A refusal as `CODE path rule`. */
function outcome(answer: Result<unknown>): string {
  if (answer.ok) return 'ok';
  const { refusal } = answer;
  if (refusal.code !== 'INVALID_INPUT') return refusal.code;
  return [refusal.code, ...refusal.issues.map(({ path, rule }) => `${path} ${rule}`)].join(' ');
}

describe('createFeature', () => {
  it('returns the existing feature for the same definition, whatever the order of its costs', async () => {
    const both = draft('both', { type: 'CREDIT_SYSTEM', creditCosts: [WORDS, USERS] });
    const first = await createFeature(ctx, both);
    const again = await createFeature(ctx, { ...both, creditCosts: [USERS, WORDS] });
    expect(first).toMatchObject({ ok: true, value: { feature: { id: 'both' }, created: true } });
    expect(again).toEqual({
      ok: true,
      value: { ...('value' in first && first.value), created: false },
    });
  });

  it('creates a feature once for concurrent calls', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => createFeature(ctx, draft('at-once'))));
    expect(answers.map(outcome)).toEqual(['ok', 'ok', 'ok']);
  });

  it.each([
    ['another name', draft('words', { name: 'Words' })],
    ['another type', draft('words', { type: 'CONTINUOUS' })],
    ['other event names', draft('words', { eventNames: ['typed'] })],
    [
      'another cost',
      draft('credits', {
        type: 'CREDIT_SYSTEM',
        creditCosts: [{ ...WORDS, cost: wholeCost(1), where: null }],
      }),
    ],
  ])('refuses an id that is taken by a feature with %s', async (_what, other) => {
    expect(outcome(await createFeature(ctx, other))).toBe('ALREADY_EXISTS');
  });

  it.each([
    [
      'costs of a feature that is not a credit system',
      { creditCosts: [WORDS] },
      'creditCosts credit_system',
    ],
    ['a credit system without costs', { type: 'CREDIT_SYSTEM' }, 'creditCosts required'],
    [
      'members that cannot have a cost',
      {
        type: 'CREDIT_SYSTEM',
        creditCosts: ['words', 'sso', 'credits', 'new'].map((featureId) => ({
          featureId,
          cost: wholeCost(1),
          where: null,
        })),
      },
      'creditCosts.1.featureId member creditCosts.2.featureId member creditCosts.3.featureId member',
    ],
  ] as const)('refuses %s', async (_what, changes, issues) => {
    const answer = await createFeature(ctx, draft('new', changes));
    expect(outcome(answer)).toBe(`INVALID_INPUT ${issues}`);
    await expect(test.store.feature(test.projectId, 'new')).resolves.toBeNull();
  });

  it('refuses members that do not exist', async () => {
    const creditCosts = [WORDS, { featureId: 'nothing', cost: wholeCost(1), where: null }];
    const answer = await createFeature(ctx, draft('new', { type: 'CREDIT_SYSTEM', creditCosts }));
    expect(answer).toMatchObject({
      refusal: { code: 'FEATURE_NOT_FOUND', message: expect.stringContaining('"nothing"') },
    });
  });

  it('refuses features beyond the maximum of a project', async () => {
    const { project } = await test.store.projects.ensure('full');
    const full = { ...ctx, caller: { projectId: project.id, scopes: EVERY_SCOPE } };
    const client = await connect(test.database.url);
    await client.query(
      `INSERT INTO features (project_id, id, name, type)
      SELECT $1, 'f' || n, 'f' || n, 'CONSUMABLE' FROM generate_series(1, $2) AS n`,
      [project.id, FEATURES_MAX],
    );
    await client.end();
    expect(outcome(await createFeature(full, draft('more')))).toBe(
      'INVALID_INPUT featureId features_max',
    );
    expect(outcome(await createFeature(full, draft('f1')))).toBe('ok');
  });
});

it('concurrent calls create no more features than a project can have', async () => {
  const { project } = await test.store.projects.ensure('almost full');
  const almost = { ...ctx, caller: { projectId: project.id, scopes: EVERY_SCOPE } };
  const client = await connect(test.database.url);
  await client.query(
    `INSERT INTO features (project_id, id, name, type)
      SELECT $1, 'f' || n, 'f' || n, 'CONSUMABLE' FROM generate_series(1, $2) AS n`,
    [project.id, FEATURES_MAX - 1],
  );
  await client.end();
  const ids = Array.from({ length: 8 }, (_, n) => `more${n}`);
  const answers = await Promise.all(ids.map((id) => createFeature(almost, draft(id))));
  const refused = ids.slice(1).map(() => 'INVALID_INPUT featureId features_max');
  expect(answers.map(outcome).toSorted()).toEqual([...refused, 'ok']);
});

describe('updateFeature', () => {
  it('changes the fields that are given', async () => {
    await createFeature(ctx, draft('changed'));
    const changes = { name: 'Changed', eventNames: ['done'] };
    const answer = await updateFeature(ctx, { featureId: 'changed', changes });
    expect(answer).toMatchObject({ ok: true, value: changes });
  });

  it.each([
    ['nothing', { name: 'x' }, 'FEATURE_NOT_FOUND'],
    ['words', { creditCosts: [USERS] }, 'INVALID_INPUT creditCosts credit_system'],
    ['credits', { creditCosts: [] }, 'INVALID_INPUT creditCosts required'],
    [
      'credits',
      { creditCosts: [{ featureId: 'credits', cost: wholeCost(1), where: null }] },
      'INVALID_INPUT creditCosts.0.featureId member',
    ],
    [
      'credits',
      { creditCosts: [{ featureId: 'no', cost: wholeCost(1), where: null }] },
      'FEATURE_NOT_FOUND',
    ],
  ])('refuses for %s: %o', async (featureId, changes, expected) => {
    expect(outcome(await updateFeature(ctx, { featureId, changes }))).toBe(expected);
  });
});

describe('createCustomer and updateCustomer', () => {
  it('create, return and change a customer', async () => {
    const customer = { id: 'ada', name: 'Ada', email: null, metadata: {} };
    expect(await createCustomer(ctx, customer)).toMatchObject({ value: { created: true } });
    expect(await createCustomer(ctx, customer)).toMatchObject({ value: { created: false } });
    const changes = { name: null, metadata: { a: 1 } };
    const changed = await updateCustomer(ctx, { customerId: 'ada', changes });
    const metadata = new JsonText('{"a": 1}');
    expect(changed).toMatchObject({ ok: true, value: { id: 'ada', name: null, metadata } });
    const unknown = await updateCustomer(ctx, { customerId: 'nobody', changes });
    expect(outcome(unknown)).toBe('CUSTOMER_NOT_FOUND');
  });
});
