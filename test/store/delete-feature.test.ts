/** A feature is deleted only if nothing has ever used it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COST_ONE, wholeCost } from '../../src/domain/cost.js';
import { units } from '../../src/domain/quantity.js';
import { deleteBalance } from '../../src/meter/delete-balance.js';
import { createFeature, updateFeature } from '../../src/meter/feature.js';
import { reserveBalance } from '../../src/meter/reserve-balance.js';
import { deleteFeature } from '../../src/meter/retire-feature.js';
import { releaseReservation } from '../../src/meter/settle-reservation.js';
import { textOf } from '../support/database/old-release.js';
import { draft, outcome, type Retiring, startRetiring } from '../support/meter/retiring.js';
import { grantMessages } from '../support/meter/verb-context.js';

let retiring: Retiring;

beforeAll(async () => {
  retiring = await startRetiring();
});
afterAll(() => retiring.close());

describe('what has used a feature', () => {
  it('nothing: it is gone, and another one can have the id', async () => {
    const id = await retiring.feature({ eventNames: ['unused'] });
    expect(await deleteFeature(retiring.ctx, id)).toMatchObject({
      value: { id, eventNames: ['unused'], archivedAt: null },
    });
    expect(await retiring.removed(id)).toBe('FEATURE_NOT_FOUND');
    expect(outcome(await retiring.track(id))).toBe('FEATURE_NOT_FOUND');
    expect(outcome(await retiring.trackEvent('unused'))).toBe('EVENT_NAME_NOT_FOUND');
    expect(outcome(await createFeature(retiring.other, draft(id, { type: 'BOOLEAN' })))).toBe('ok');
  });

  it('nothing but its credit costs: they go with it, and then those that it listed can go', async () => {
    const member = await retiring.feature();
    const creditCosts = [{ featureId: member, cost: wholeCost(2), where: null }];
    const id = await retiring.feature({ type: 'CREDIT_SYSTEM', creditCosts });
    expect(await retiring.removed(member)).toBe('CREDIT_COSTS');
    expect(await deleteFeature(retiring.ctx, id)).toMatchObject({ value: { id, creditCosts } });
    expect(await retiring.removed(member)).toBe('ok');
  });

  it('a balance, also one that has ended', async () => {
    const id = await retiring.feature();
    const granted = await grantMessages(retiring.ctx, 'acme', null, { featureId: id });
    expect(await retiring.removed(id)).toBe('BALANCES');
    const balance = granted.ok ? granted.value.balance.id : '';
    const named = { customerId: 'acme', id: balance, name: balance };
    const note = { reason: null, actor: null };
    const ended = { balance: named, transferUsage: false, note, idempotencyKey: null };
    expect(outcome(await deleteBalance(retiring.ctx, ended))).toBe('ok');
    expect(await retiring.removed(id)).toBe('BALANCES');
  });

  it('usage that took nothing', async () => {
    const id = await retiring.feature();
    expect(outcome(await retiring.track(id))).toBe('ok');
    expect(await retiring.removed(id)).toBe('EVENTS');
  });

  it('an event name, also if the feature no longer lists it', async () => {
    const id = await retiring.feature({ eventNames: ['once'] });
    expect(outcome(await retiring.trackEvent('once'))).toBe('ok');
    expect(await retiring.removed(id)).toBe('EVENTS');
    for (const eventNames of [['later'], [], ['again']]) {
      expect(
        outcome(await updateFeature(retiring.ctx, { featureId: id, changes: { eventNames } })),
      ).toBe('ok');
      expect(await retiring.removed(id)).toBe('EVENTS');
    }
  });

  it('an event name that it lists no longer and that was never used is none', async () => {
    const id = await retiring.feature({ eventNames: ['never'] });
    await updateFeature(retiring.ctx, { featureId: id, changes: { eventNames: [] } });
    expect(await retiring.removed(id)).toBe('ok');
  });

  it('any event name, if it is not known what the feature listed before', async () => {
    const [id, without] = [await retiring.feature(), await retiring.feature()];
    await retiring.client.query('UPDATE features SET former_event_names = $2 WHERE id = $1', [
      id,
      null,
    ]);
    const own = await retiring.feature({ eventNames: ['known'] });
    expect(outcome(await retiring.trackEvent('known'))).toBe('ok');
    expect([await retiring.removed(id), await retiring.removed(without)]).toEqual(['EVENTS', 'ok']);
    expect(await retiring.removed(own)).toBe('EVENTS');
  });

  it('is not known of a feature that was changed before this release', async () => {
    const [changed, unchanged] = [await retiring.feature(), await retiring.feature()];
    await retiring.client.query(
      `UPDATE features SET updated_at = created_at + interval '1 ms' WHERE id = $1`,
      [changed],
    );
    await retiring.client.query(await textOf('0031_former_event_names'));
    const { rows } = await retiring.client.query(
      'SELECT former_event_names AS names FROM features WHERE id = ANY ($1) ORDER BY id = $2',
      [[changed, unchanged], unchanged],
    );
    expect(rows).toEqual([{ names: null }, { names: [] }]);
  });

  it('is not known of a feature whose event names have changed too often', async () => {
    const id = await retiring.feature();
    for (let n = 0; n <= 11; n += 1) {
      const eventNames = Array.from({ length: 100 }, (_, m) => `name${n}.${m}`);
      await updateFeature(retiring.ctx, { featureId: id, changes: { eventNames } });
    }
    const { rows } = await retiring.client.query(
      'SELECT former_event_names FROM features WHERE id = $1',
      [id],
    );
    expect(rows).toEqual([{ former_event_names: null }]);
  });
});

describe('a reservation counts', () => {
  const reserve = (what: { featureId: string } | { eventName: string }, reservationId: string) =>
    reserveBalance(retiring.ctx, {
      customerId: 'acme',
      featureId: null,
      eventName: null,
      ...what,
      entityId: null,
      value: units(1),
      properties: null,
      reservationId,
      expiry: { afterMs: 60_000 },
      overageBehavior: 'REJECT',
    });

  /** A feature that a credit system pays for, and then does no longer. */
  async function formerMember(id: string, use: () => Promise<void>): Promise<void> {
    const credits = await retiring.feature({
      type: 'CREDIT_SYSTEM',
      creditCosts: [{ featureId: id, cost: COST_ONE, where: null }],
    });
    await grantMessages(retiring.ctx, 'acme', null, { featureId: credits });
    await use();
    const creditCosts = [{ featureId: 'messages', cost: COST_ONE, where: null }];
    await updateFeature(retiring.ctx, { featureId: credits, changes: { creditCosts } });
  }

  const release = (reservationId: string) =>
    releaseReservation(retiring.ctx, { customerId: 'acme', reservationId, idempotencyKey: null });

  it('of the feature, live or released', async () => {
    const id = await retiring.feature();
    await formerMember(id, async () => {
      expect(outcome(await reserve({ featureId: id }, `r ${id}`))).toBe('ok');
    });
    expect(await retiring.removed(id)).toBe('RESERVATIONS');
    expect(outcome(await release(`r ${id}`))).toBe('ok');
    expect(await retiring.removed(id)).toBe('RESERVATIONS');
  });

  it('of an event name that it no longer lists', async () => {
    const id = await retiring.feature({ eventNames: ['held'] });
    await formerMember(id, async () => {
      expect(outcome(await reserve({ eventName: 'held' }, `r ${id}`))).toBe('ok');
    });
    await updateFeature(retiring.ctx, { featureId: id, changes: { eventNames: [] } });
    expect(await retiring.removed(id)).toBe('RESERVATIONS');
  });
});
