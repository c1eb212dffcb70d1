/** Nothing new is based on an archived feature, and what exists goes on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wholeCost } from '../../src/domain/cost.js';
import { createFeature, updateFeature } from '../../src/meter/feature.js';
import { archiveFeature } from '../../src/meter/retire-feature.js';
import type { FeatureDraft } from '../../src/meter/store.js';
import type { VerbContext } from '../../src/meter/verb.js';
import { draft, outcome, type Retiring, startRetiring } from '../support/meter/retiring.js';
import { grantMessages } from '../support/meter/verb-context.js';

let retiring: Retiring;

beforeAll(async () => {
  retiring = await startRetiring();
});
afterAll(() => retiring.close());

describe('archiveFeature', () => {
  it('is repeated without effect, and brings it back', async () => {
    const id = await retiring.feature();
    const first = await archiveFeature(retiring.ctx, { featureId: id, archived: true });
    expect(first).toMatchObject({ value: { id, archivedAt: expect.any(Number) } });
    expect(await archiveFeature(retiring.other, { featureId: id, archived: true })).toEqual(first);
    const back = await archiveFeature(retiring.other, { featureId: id, archived: false });
    expect(back).toMatchObject({ value: { id, archivedAt: null } });
    expect(await archiveFeature(retiring.ctx, { featureId: id, archived: false })).toEqual(back);
    expect(outcome(await archiveFeature(retiring.ctx, { featureId: 'none', archived: true }))).toBe(
      'FEATURE_NOT_FOUND',
    );
  });

  it('refuses new balances on every gateway at once, and leaves those that exist', async () => {
    const id = await retiring.feature();
    const grant = (on: VerbContext, idempotencyKey: string | null = null) =>
      grantMessages(on, 'acme', null, { featureId: id, idempotencyKey });
    const [before] = [await grant(retiring.other, 'first'), await grant(retiring.ctx)];
    await archiveFeature(retiring.ctx, { featureId: id, archived: true });
    for (const on of [retiring.other, retiring.ctx])
      expect(outcome(await grant(on))).toBe('FEATURE_ARCHIVED');
    // A retry of what was done before is no new balance.
    expect(await grant(retiring.other, 'first')).toMatchObject({
      value: { balance: before.ok ? before.value.balance : null, replayed: true },
    });
    expect(await retiring.track(id)).toMatchObject({ ok: true, value: { unapplied: [] } });
    await archiveFeature(retiring.ctx, { featureId: id, archived: false });
    expect(outcome(await grant(retiring.other))).toBe('ok');
  });

  it('refuses new credit costs, and leaves those that exist', async () => {
    const [id, open] = [await retiring.feature(), await retiring.feature()];
    const cost = (featureId: string, amount: number) => ({
      featureId,
      cost: wholeCost(amount),
      where: null,
    });
    const credits = draft(`credits-${id}`, { type: 'CREDIT_SYSTEM', creditCosts: [cost(id, 1)] });
    await createFeature(retiring.ctx, credits);
    const later = draft(`later-${id}`, { type: 'CREDIT_SYSTEM', creditCosts: [cost(open, 1)] });
    await createFeature(retiring.ctx, later);
    await archiveFeature(retiring.ctx, { featureId: id, archived: true });
    const fresh = draft(`fresh-${id}`, { type: 'CREDIT_SYSTEM', creditCosts: [cost(id, 1)] });
    expect(await createFeature(retiring.other, fresh)).toMatchObject({
      refusal: { code: 'FEATURE_ARCHIVED', featureId: id },
    });
    expect(outcome(await createFeature(retiring.other, credits))).toBe('ok');
    const update = async (featureId: string, ...creditCosts: FeatureDraft['creditCosts']) =>
      outcome(await updateFeature(retiring.other, { featureId, changes: { creditCosts } }));
    expect(await update(later.id, cost(open, 1), cost(id, 1))).toBe('FEATURE_ARCHIVED');
    expect(await update(credits.id, cost(id, 2), cost(open, 1))).toBe('ok');
    expect(await update(credits.id, cost(open, 1))).toBe('ok');
    expect(await update(credits.id, cost(id, 2))).toBe('FEATURE_ARCHIVED');
  });
});
