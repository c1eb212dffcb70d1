import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { customerScope } from '../../src/meter/customer-key.js';
import type { CustomerScope } from '../../src/meter/store.js';
import { uuidV5 } from '../../src/platform/id.js';
import type { Damage } from '../../src/store/audit.js';
import { connect } from '../support/database/connections.js';
import { createStore, type TestStore } from '../support/database/store.js';

let test: TestStore;
let client: pg.Client;

beforeAll(async () => {
  test = await createStore();
  client = await connect(test.database.url);
  // The triggers would keep the tests from changing the ledger.
  await client.query('ALTER TABLE ledger_entries DISABLE TRIGGER USER');
});

afterAll(async () => {
  await client.end();
  await test.close();
});

let scope: CustomerScope;

beforeEach(async () => {
  await client.query('DELETE FROM ledger_entries');
  await client.query('DELETE FROM balances');
  scope = await customer('ada');
});

async function customer(id: string, projectId = test.projectId): Promise<CustomerScope> {
  const scope = customerScope(projectId, id);
  await test.store.createCustomer(scope, { id, name: null, email: null, metadata: {} });
  return scope;
}

/** 100 granted, 25 rolled over of which 5 are used, and 3 used of the rest, in four entries. */
async function balance(
  { customerKey, projectId } = scope,
  id: string = randomUUID(),
): Promise<string> {
  await client.query(
    `INSERT INTO balances (customer_key, id, project_id, feature_id, granted, used, rollovers,
      overage_allowed, ledger_seq, created_at)
    VALUES ($1, $2, $3, 'calls', 100, 3, $4, false, 4, now())`,
    [
      customerKey,
      id,
      projectId,
      JSON.stringify([
        { granted: '20.5', used: '5', expiresAt: null },
        { granted: '4.5', used: '0', expiresAt: 1 },
      ]),
    ],
  );
  for (const [seq, kind, amount, granted, used] of [
    [1, 'GRANT', 100, 100, 0],
    [2, 'ROLLOVER', 25, 125, 0],
    [3, 'TRACK', -5, 125, 5],
    [4, 'TRACK', -3, 125, 8],
  ]) {
    await client.query(
      `INSERT INTO ledger_entries (customer_key, balance_id, seq, project_id, kind, amount,
        granted_after, used_after, effective_at, recorded_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now(), now())`,
      [customerKey, id, seq, projectId, kind, amount, granted, used],
    );
  }
  return id;
}

async function audit(projectId: string | null = null) {
  const damages: Damage[] = [];
  let balances = 0;
  for await (const page of test.store.audit.pages(projectId)) {
    balances += page.balances;
    damages.push(...page.damages);
  }
  return { balances, damages };
}

describe('an audit', () => {
  it('finds nothing if every balance is the sum of its ledger', async () => {
    await balance();
    await balance();
    await expect(audit()).resolves.toEqual({ balances: 2, damages: [] });
    await expect(test.store.audit.count(null)).resolves.toBe(2);
  });

  it('covers all balances, page by page', async () => {
    for (let number = 0; number < 9; number += 1) await balance(await customer(`c${number}`));
    await client.query(`INSERT INTO balances SELECT customer_key, gen_random_uuid(), project_id,
      feature_id, entity_id, unlimited, granted, used, rollovers, priority, reset_interval,
      reset_interval_count, reset_anchor, next_reset_at, rollover_enabled, rollover_max,
      rollover_max_percent, rollover_interval, rollover_interval_count, starts_at, expires_at,
      expired_at, overage_allowed, overage_limit, carry_overage, ledger_seq, created_at
      FROM balances, generate_series(1, 99)`);
    const { balances, damages } = await audit();
    expect(balances).toBe(900);
    // The copies have no ledger.
    expect(damages).toHaveLength(891);
  });

  it.each([
    [
      'a balance with more used than was recorded',
      'UPDATE balances SET used = 3.25 WHERE id = $1',
      ['granted less used: 117, 116.75', 'used: 8, 8.25'],
    ],
    [
      'a balance with a larger grant',
      'UPDATE balances SET granted = 101 WHERE id = $1',
      ['granted less used: 117, 118', 'granted: 125, 126'],
    ],
    [
      'a balance with a different rolled-over amount',
      `UPDATE balances SET rollovers = '[]' WHERE id = $1`,
      ['granted less used: 117, 97', 'granted: 125, 100', 'used: 8, 3'],
    ],
    [
      'a balance that is one entry ahead',
      'UPDATE balances SET ledger_seq = 5 WHERE id = $1',
      ['number of entries: 4, 5', 'last entry: 4, 5'],
    ],
    [
      'a lost last entry',
      'DELETE FROM ledger_entries WHERE balance_id = $1 AND seq = 4',
      ['number of entries: 3, 4', 'last entry: 3, 4', 'granted less used: 120, 117', 'used: 5, 8'],
    ],
    [
      'a gap between the entries',
      'DELETE FROM ledger_entries WHERE balance_id = $1 AND seq = 3',
      [
        'number of entries: 3, 4',
        'granted less used: 122, 117',
        'granted less used after entry 4: 122 by the amounts, 117 by the entry',
      ],
    ],
    [
      'an edited amount',
      'UPDATE ledger_entries SET amount = -4 WHERE balance_id = $1 AND seq = 3',
      [
        'granted less used: 118, 117',
        'granted less used after entry 3: 121 by the amounts, 120 by the entry',
      ],
    ],
    [
      'entries whose edits cancel out',
      `UPDATE ledger_entries SET amount = amount + CASE seq WHEN 3 THEN 1 WHEN 4 THEN -1 ELSE 0 END
        WHERE balance_id = $1`,
      ['granted less used after entry 3: 121 by the amounts, 120 by the entry'],
    ],
    ['a lost balance', 'DELETE FROM balances WHERE id = $1', ['the balance: entries, missing']],
    [
      'a lost ledger',
      'DELETE FROM ledger_entries WHERE balance_id = $1',
      [
        'number of entries: 0, 4',
        'last entry: 0, 4',
        'granted less used: 0, 117',
        'granted: nothing, 125',
        'used: nothing, 8',
      ],
    ],
  ])('names %s, with both figures', async (_what, damage, expected) => {
    await balance();
    const id = await balance();
    await balance(await customer('bob'));
    await client.query(damage, [id]);
    const { damages } = await audit();
    expect(damages).toEqual([
      expect.objectContaining({ project: 'test', customerId: 'ada', balanceId: id }),
    ]);
    const found = damages.flatMap(({ differences }) =>
      differences.map(({ what, inLedger, inBalance }) => `${what}: ${inLedger}, ${inBalance}`),
    );
    expect(found).toEqual(expected);
  });

  it("names an id of a caller's that does not lead to the row", async () => {
    const made = await balance(scope, uuidV5(scope.customerKey, 'own'));
    const other = await balance(scope, uuidV5(scope.customerKey, 'other'));
    await client.query("UPDATE balances SET given_id = 'own'");
    const difference = { what: 'id of the row', inLedger: other, inBalance: made };
    expect((await audit()).damages).toMatchObject([
      { balanceId: other, differences: [difference] },
    ]);
  });

  it('covers a single project on request', async () => {
    const { project } = await test.store.projects.ensure('other');
    const theirs = await balance(await customer('zoe', project.id));
    await balance();
    await client.query('UPDATE balances SET used = 4 WHERE id = $1', [theirs]);
    await expect(audit(test.projectId)).resolves.toEqual({ balances: 1, damages: [] });
    await expect(audit(project.id)).resolves.toMatchObject({
      balances: 1,
      damages: [{ project: 'other', customerId: 'zoe', balanceId: theirs }],
    });
    await client.query('DELETE FROM balances WHERE id = $1', [theirs]);
    await expect(audit(test.projectId)).resolves.toEqual({ balances: 1, damages: [] });
  });
});
