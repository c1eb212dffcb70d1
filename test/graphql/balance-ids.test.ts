/** Balances with ids of the caller's, through two gateways (R31). What comes of each grant is in the cases of rows 360 to 367. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { correcting, type Input } from '../support/client/correcting.js';
import { startTwoGateways, type TwoGateways } from '../support/gateway/two-gateways.js';

let both: TwoGateways;

beforeAll(async () => {
  both = await startTwoGateways();
});

afterEach(async () => {
  expect(await both.audit()).toEqual([]);
});

afterAll(() => both.close());

const { client, customer, ledger, track } = correcting(() => both);

interface Answer {
  readonly code?: string;
  readonly message?: string;
  readonly field?: string;
  readonly created?: boolean;
  readonly replayed?: boolean;
  readonly balance?: { readonly id: string; readonly balanceId: string | null };
}

const document = (verb: string, type: string, payload: string) => `mutation ($input: ${type}!) {
  done: ${verb}(input: $input) {
    ... on Error { code message } ... on InvalidInputError { issues { path rule } }
    ... on IdempotencyConflictError { field }
    ... on ${payload} { replayed balance { id balanceId granted used } }
    ${verb === 'createBalance' ? '... on CreateBalancePayload { created }' : ''}
  } }`;

const CREATE = document('createBalance', 'BalancesCreateInput', 'CreateBalancePayload');
const UPDATE = document('updateBalance', 'BalancesUpdateInput', 'UpdateBalancePayload');
const DELETE = document('deleteBalance', 'BalancesDeleteInput', 'DeleteBalancePayload');

async function run(query: string, input: Input, index = 0): Promise<Answer> {
  return (await client(index).run<{ done: Answer }>(query, { input })).done;
}

/** A new customer, and what a grant to it says. */
async function grantee() {
  const { customerId } = await customer();
  return { customerId, featureId: 'messages', granted: 100, balanceId: 'sub_1' };
}

describe('createBalance', () => {
  it('makes one balance of any number of calls at once, whichever gateway they reach', async () => {
    const grant = await grantee();
    const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => run(CREATE, grant, n)));
    expect(answers.filter(({ created }) => created === true)).toHaveLength(1);
    expect(answers.filter(({ created }) => created === false)).toHaveLength(39);
    expect(new Set(answers.map(({ balance }) => balance?.id)).size).toBe(1);
    expect(await ledger(grant.customerId)).toMatchObject([{ kind: 'GRANT', amount: 100 }]);
  });

  it('makes one balance of different grants at once, and refuses the others', async () => {
    const grant = await grantee();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => run(CREATE, { ...grant, granted: n + 1 }, n)),
    );
    const [made, ...others] = answers.filter(({ code }) => code === undefined);
    expect([made?.created, others]).toEqual([true, []]);
    const refused = answers.filter(({ code }) => code === 'ALREADY_EXISTS');
    expect(refused).toHaveLength(19);
    expect(refused[0]?.message).toBe(
      'The customer has another balance with the balanceId "sub_1". The first field that differs is granted. ' +
        'Change it with updateBalance, or use another balanceId.',
    );
    expect(await ledger(grant.customerId)).toMatchObject([{ kind: 'GRANT' }]);
  });

  it('answers a repetition with its key as the first time, and another call with its key never', async () => {
    const grant = { ...(await grantee()), idempotencyKey: 'k' };
    const first = await run(CREATE, grant);
    expect(first).toMatchObject({
      created: true,
      replayed: false,
      balance: { balanceId: 'sub_1' },
    });
    await track(grant.customerId, 30);
    await run(DELETE, { customerId: grant.customerId, balanceId: 'sub_1' }, 1);
    expect(await run(CREATE, grant, 1)).toEqual({ ...first, replayed: true });
    const { balanceId: _, ...nameless } = grant;
    for (const other of [nameless, { ...grant, balanceId: 'sub_2' }]) {
      expect(await run(CREATE, other)).toMatchObject({
        code: 'IDEMPOTENCY_CONFLICT',
        field: 'balanceId',
      });
    }
  });

  it('keeps what it found under a key, whatever becomes of the balance', async () => {
    const grant = await grantee();
    await run(CREATE, grant);
    await track(grant.customerId, 30);
    const found = await run(CREATE, { ...grant, idempotencyKey: 'late' }, 1);
    expect(found).toMatchObject({ created: false, replayed: false, balance: { used: 30 } });
    await run(DELETE, { customerId: grant.customerId, balanceId: 'sub_1' });
    const again = await run(CREATE, { ...grant, idempotencyKey: 'late' });
    expect(again).toEqual({ ...found, replayed: true });
  });

  it('says when a balance with the id ended, in one batch with its end too', async () => {
    const grant = await grantee();
    await run(CREATE, grant);
    const { customerId, balanceId } = grant;
    const [, ...answers] = await Promise.all([
      run(DELETE, { customerId, balanceId }),
      ...Array.from({ length: 10 }, () => run(CREATE, grant)),
    ]);
    const ended = expect.stringMatching(
      /^The customer's balance with the balanceId "sub_1" ended at \d{4}-.*Z, and its balanceId cannot be used again\. Use another one\.$/,
    );
    // Some may have come before its end.
    for (const answer of answers) {
      if (answer.created !== false) {
        expect(answer).toMatchObject({ code: 'ALREADY_EXISTS', message: ended });
      }
    }
    expect(await run(CREATE, grant, 1)).toMatchObject({ code: 'ALREADY_EXISTS', message: ended });
    expect(await track(customerId, 1)).toMatchObject({ balances: [] });
  });

  it.each([
    ['', false],
    ['a b', false],
    ['é', false],
    ['x'.repeat(256), false],
    ['x'.repeat(255), true],
    ['sub|1/2@example.com:3', true],
  ])('takes an id as other nouns do: %j', async (balanceId, isTaken) => {
    const answer = await run(CREATE, { ...(await grantee()), balanceId });
    if (isTaken) expect(answer).toMatchObject({ created: true, balance: { balanceId } });
    else expect(answer).toMatchObject({ code: 'INVALID_INPUT', issues: [{ path: 'balanceId' }] });
  });
});

describe('a balance with an id', () => {
  it('is shown with it wherever it is shown', async () => {
    const grant = await grantee();
    const { balance } = await run(CREATE, grant);
    const { customerId } = grant;
    const shown = await client(1).run(
      `query ($id: ID!, $customerId: String!) {
        node(id: $id) { ... on Balance { balanceId } }
        customer(customerId: $customerId) {
          balances { breakdown { balanceId } }
          ledger { edges { node { balance { balanceId } } } }
          check(featureId: "messages") { ... on CheckBalancePayload { balance { breakdown { balanceId } } } }
        } }`,
      { id: balance?.id, customerId },
    );
    const own = { balanceId: 'sub_1' };
    expect(shown).toEqual({
      node: own,
      customer: {
        balances: [{ breakdown: [own] }],
        ledger: { edges: [{ node: { balance: own } }] },
        check: { balance: { breakdown: [own] } },
      },
    });
    const use = () =>
      client().run(
        `mutation { trackBalance(input: { customerId: "${customerId}", featureId: "messages", idempotencyKey: "u" }) {
          ... on TrackBalancePayload { balance { breakdown { balanceId } } deductions { balance { balanceId } } } } }`,
        {},
      );
    const used = { balance: { breakdown: [own] }, deductions: [{ balance: own }] };
    expect(await use()).toEqual({ trackBalance: used });
    expect(await use()).toEqual({ trackBalance: used });
  });

  it('can be named by either id, which is the same call', async () => {
    const grant = await grantee();
    const { balance } = await run(CREATE, grant);
    const { customerId, balanceId } = grant;
    const change = { customerId, usage: 40, reason: 'Outage', idempotencyKey: 'k' };
    const byOwn = await run(UPDATE, { ...change, balanceId });
    expect(byOwn).toMatchObject({ replayed: false, balance: { balanceId, used: 40 } });
    expect(await run(UPDATE, { ...change, id: balance?.id }, 1)).toEqual({
      ...byOwn,
      replayed: true,
    });
    const end = { customerId, idempotencyKey: 'end' };
    const ended = await run(DELETE, { ...end, id: balance?.id });
    expect(ended).toMatchObject({ replayed: false, balance: { balanceId } });
    expect(await run(DELETE, { ...end, balanceId }, 1)).toEqual({ ...ended, replayed: true });
  });

  it.each([
    ['both ids', { id: 'QmFsYW5jZTp4', balanceId: 'sub_1' }],
    ['no id', {}],
    ['none but null', { id: null, balanceId: null }],
  ])('is not named by %s', async (_title, name) => {
    const grant = await grantee();
    await run(CREATE, grant);
    for (const document of [UPDATE, DELETE]) {
      expect(await run(document, { customerId: grant.customerId, ...name })).toMatchObject({
        code: 'INVALID_INPUT',
        message: 'id: either this or balanceId must be given, not both',
        issues: [{ path: 'id', rule: 'exactly_one' }],
      });
    }
    expect(await ledger(grant.customerId)).toHaveLength(1);
  });

  it('is not found by the id of a row or of another customer, nor once it has ended', async () => {
    const [grant, other] = [await grantee(), await grantee()];
    const { balance } = await run(CREATE, { ...grant, balanceId: 'mine' });
    await run(CREATE, { ...other, balanceId: 'theirs' });
    const { customerId } = grant;
    const [, rowId = ''] = Buffer.from(balance?.id ?? '', 'base64')
      .toString()
      .split(':')
      .slice(1);
    for (const balanceId of ['theirs', 'MINE', balance?.id, rowId]) {
      const answer = await run(UPDATE, { customerId, balanceId, usage: 1 });
      expect(answer).toMatchObject({ code: 'BALANCE_NOT_FOUND' });
      expect(answer.message).toContain(`"${balanceId}"`);
    }
    await run(DELETE, { customerId, balanceId: 'mine' });
    for (const document of [UPDATE, DELETE]) {
      expect(await run(document, { customerId, balanceId: 'mine' }, 1)).toMatchObject({
        code: 'BALANCE_NOT_FOUND',
      });
    }
  });
});
