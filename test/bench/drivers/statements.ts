/**
 * The lower limit for the time of a single `trackBalance`: the store's own commit, one change per call, on one connection
 * through the built Prisma, without HTTP, GraphQL and decisions.
 */
import type { Account } from '../../../src/domain/account.js';
import { present } from '../../../src/domain/assert.js';
import type { Balance } from '../../../src/domain/balance.js';
import { customerScope } from '../../../src/meter/customer-key.js';
import type { AccountChange, RowKinds, WritePath } from '../../../src/meter/write/write-path.js';
import { uuidTail } from '../../../src/platform/id.js';
import { built } from '../built.js';
import { API_CALLS } from '../fill/families.js';
import type { DriverOrder } from '../protocol.js';
import { customerId, PROPERTIES } from '../requests.js';
import { type Driver, runDriver } from './drive.js';

const TIMEOUT_MS = 10_000;
const CHUNK = 1_000;
const ONE = 10_000_000_000n;

const { openStore } = await built<typeof import('../../../src/store/store.js')>('store/store.js');
const { recordChange } =
  await built<typeof import('../../../src/domain/balance.js')>('domain/balance.js');

runDriver(open);

async function open(order: DriverOrder): Promise<Driver> {
  const store = openStore({
    address: { connectionString: order.databaseUrl },
    poolMax: 2,
    readPoolMax: 2,
    acquireTimeoutMs: TIMEOUT_MS,
    statementTimeoutMs: TIMEOUT_MS,
    clockOffsetMs: () => 0,
    onIdleError: () => undefined,
  });
  const { version } = await store.catalog(order.projectId);
  const accounts = await load(store, order);
  const work = async () => {
    const index = Math.floor(Math.random() * accounts.length);
    const { change, after } = trackOne(present(accounts[index], 'an account'), version, order);
    const { customerKeys } = await store.commit([change], after.version);
    if (!customerKeys.has(change.customerKey)) throw new Error('a change was not committed');
    accounts[index] = after;
  };
  const workers = Array.from({ length: order.connections }, () => work);
  return { operations: 1, workers, close: () => store.close() };
}

async function load(store: WritePath, order: DriverOrder): Promise<Account[]> {
  const { projectId, customers } = order;
  const accounts: Account[] = [];
  for (let from = 0; from < customers.count; from += CHUNK) {
    const wanted = Array.from({ length: Math.min(CHUNK, customers.count - from) }, (_, index) => ({
      ...customerScope(projectId, customerId('plain', (from + index) * customers.stride)),
      entityIds: [],
      idempotencyKeys: [],
    }));
    const loaded = await store.transaction(wanted[0]?.customerKey ?? '', (transaction) =>
      transaction.load(wanted, { skipLocked: false }),
    );
    accounts.push(...loaded.accounts.values());
  }
  return accounts;
}

/** What the verb decides about a usage event of one unit. */
function trackOne(
  account: Account,
  catalogVersion: number,
  { projectId }: DriverOrder,
): { change: AccountChange; after: Account } {
  const before = present(account.balances[0], 'a plain customer has a balance');
  const { balance, entry } = recordChange(
    before,
    { ...before, used: before.used + ONE },
    'TRACK',
    null,
  );
  const event = eventOn(balance);
  const change: AccountChange = {
    projectId,
    customerKey: account.customerKey,
    version: account.version,
    catalogVersion,
    validFrom: null,
    validUntil: balance.nextResetAt,
    writes: true,
    rows: { events: [event], entries: [{ ...entry, event }], usedBalances: [balance] },
    keysUnused: [],
  };
  return { change, after: { ...account, version: account.version + 1, balances: [balance] } };
}

function eventOn({ id: balanceId }: Balance): RowKinds['events'] {
  return {
    tail: uuidTail(),
    occurredAt: null,
    entityId: null,
    featureId: API_CALLS,
    eventName: null,
    value: ONE,
    properties: JSON.stringify(PROPERTIES),
    idempotencyKey: null,
    outcome: { deductions: [{ balanceId, featureId: API_CALLS, amount: ONE }], unapplied: [] },
  };
}
