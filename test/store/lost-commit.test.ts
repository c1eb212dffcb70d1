/**
 * The database has committed, and its reply is lost. Whatever the error is, the outcome is unknown, and nothing is done
 * a second time. An error before the commit leaves nothing behind.
 */

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { SCOPES } from '../../src/meter/access/scopes.js';
import { createCustomer, updateCustomer } from '../../src/meter/customer.js';
import { createEntity } from '../../src/meter/entity.js';
import { createFeature, updateFeature } from '../../src/meter/feature.js';
import { deleteFeature } from '../../src/meter/retire-feature.js';
import type { Store } from '../../src/meter/store.js';
import type { VerbContext } from '../../src/meter/verb.js';
import { apiKeys } from '../../src/store/api-keys.js';
import type { StoreContext } from '../../src/store/context.js';
import { customers } from '../../src/store/customers.js';
import { type Database, openDatabase } from '../../src/store/database.js';
import { PoolBusyError } from '../../src/store/failure.js';
import { features } from '../../src/store/features.js';
import { projects } from '../../src/store/projects.js';
import { removedFeatures } from '../../src/store/removed-features.js';
import { NO_COPIES } from '../../src/store/servers/copies.js';
import { homeSite } from '../support/database/home-site.js';
import {
  type Loss,
  type LostReplies,
  losingReplies,
  type Reply,
  UNREADABLE,
} from '../support/database/lost-replies.js';
import { createStore, type TestStore } from '../support/database/store.js';
import { PATIENT_DATABASE } from '../support/gateway/limits.js';
import { grantMessages, trackMessage, verbContext } from '../support/meter/verb-context.js';

let test: TestStore;
let database: Database;
let replies: LostReplies;
let context: StoreContext;
let ctx: VerbContext;
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
  const place = homeSite(database, test.database.url);
  ({ context } = place.home);
  const { writePath } = place.home;
  const store: Store = {
    ...test.store,
    ...writePath,
    ...customers(context),
    ...features(context),
    ...removedFeatures({
      ...context,
      places: [place],
      copies: NO_COPIES,
      waitMaxMs: PATIENT_DATABASE.statementTimeoutMs,
    }),
    commit: (...args) => {
      committing();
      return writePath.commit(...args);
    },
  };
  ctx = verbContext(store, test.projectId);
  await createFeature(ctx, feature('messages'));
});

afterAll(async () => {
  await database.close();
  await test.close();
});

const withCode = (code: string) => Object.assign(new Error(`write ${code}`), { code });

const CODES = [
  ...['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNABORTED', 'ENETDOWN', 'ENETRESET', 'EPROTO'],
  ...['EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENOTCONN', 'EADDRNOTAVAIL', 'EBADF', 'EIO'],
  ...['EAI_AGAIN', 'UNKNOWN', 'Unknown system error -71'],
  ...['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', 'ERR_SSL_SSL/TLS_ALERT_BAD_RECORD_MAC'],
  ...['ERR_SOCKET_CLOSED', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_PREMATURE_CLOSE'],
];

const LOSSES: readonly (readonly [string, () => Loss])[] = [
  ...CODES.map((code) => [code, () => withCode(code)] as const),
  ['a reply that cannot be read', () => UNREADABLE],
];

const UNFORESEEN: readonly (readonly [string, () => Loss])[] = [
  ['an error without a code', () => new Error('gone')],
  ['an error with a code of its own', () => withCode('SURPRISE')],
];

const COMMIT: Reply = { tag: /^COMMIT$/m, status: 'I' };
const INSERT: Reply = { tag: /^INSERT 0 1$/m, status: 'I' };
const UPDATE: Reply = { tag: /^UPDATE 1$/m, status: 'I' };
const SELECT: Reply = { tag: /^SELECT 1$/m, status: 'I' };

interface Path {
  readonly path: string;
  readonly commit: Reply;
  /** Whether the reply is lost from when the call begins, or from its commit. */
  readonly from?: 'commit';
  /** What has to be there already. */
  readonly prepare?: (id: string) => Promise<unknown>;
  readonly calls: (id: string) => readonly Promise<unknown>[];
  /** The number of rows that the calls leave, if each is carried out once. */
  readonly rows: readonly [sql: string, count: number];
}

const feature = (id: string) =>
  ({ id, name: 'A', type: 'CONSUMABLE', eventNames: [], creditCosts: [] }) as const;

const customer = (id: string) => createCustomer(ctx, { id, name: null, email: null, metadata: {} });

async function cached(id: string): Promise<void> {
  await customer(id);
  await grantMessages(ctx, id);
  await trackMessage(ctx, id);
}

const balances = 'SELECT FROM balances JOIN customers USING (customer_key) WHERE customers.id = $1';
const events = 'SELECT FROM events JOIN customers USING (customer_key) WHERE customers.id = $1';
const keys = 'SELECT FROM api_keys WHERE name = $1';

const insertKey = (name: string) =>
  apiKeys(context).insert({
    projectId: test.projectId,
    name,
    prefix: 'tg_sk_lost',
    hash: Buffer.from(name.padEnd(32).slice(-32)),
    scopes: SCOPES,
    lifetimeMs: null,
  });

const PATHS: readonly Path[] = [
  {
    path: 'usage without a lock',
    commit: SELECT,
    from: 'commit',
    prepare: cached,
    calls: (id) => [trackMessage(ctx, id), trackMessage(ctx, id)],
    rows: [events, 3],
  },
  {
    path: 'a batch under a lock',
    commit: COMMIT,
    prepare: customer,
    calls: (id) => [grantMessages(ctx, id), grantMessages(ctx, id)],
    rows: [balances, 2],
  },
  {
    path: 'usage in a batch under a lock',
    commit: COMMIT,
    prepare: cached,
    calls: (id) => [grantMessages(ctx, id), trackMessage(ctx, id), trackMessage(ctx, id)],
    rows: [events, 3],
  },
  {
    path: 'a single command under a lock',
    commit: COMMIT,
    prepare: customer,
    calls: (id) => [
      createEntity(ctx, { customerId: id, entity: { id, name: null, metadata: {} } }),
    ],
    rows: ['SELECT FROM entities WHERE id = $1', 1],
  },
  {
    path: 'createFeature',
    commit: COMMIT,
    calls: (id) => [createFeature(ctx, feature(id))],
    rows: ['SELECT FROM features WHERE id = $1', 1],
  },
  {
    path: 'updateFeature',
    commit: COMMIT,
    prepare: (id) => createFeature(ctx, feature(id)),
    calls: (id) => [updateFeature(ctx, { featureId: id, changes: { name: 'B' } })],
    rows: [`SELECT FROM features WHERE id = $1 AND name = 'B'`, 1],
  },
  {
    // Of the first transaction: if it was committed, a retry completes the deletion.
    path: 'deleteFeature',
    commit: COMMIT,
    prepare: (id) => createFeature(ctx, feature(id)),
    calls: (id) => [deleteFeature(ctx, id)],
    rows: ['SELECT FROM removed_features WHERE id = $1', 1],
  },
  {
    path: 'createCustomer',
    commit: INSERT,
    calls: (id) => [customer(id)],
    rows: ['SELECT FROM customers WHERE id = $1', 1],
  },
  {
    path: 'updateCustomer',
    commit: UPDATE,
    prepare: customer,
    calls: (id) => [updateCustomer(ctx, { customerId: id, changes: { name: 'B' } })],
    rows: [`SELECT FROM customers WHERE id = $1 AND name = 'B'`, 1],
  },
  {
    path: 'a new key',
    commit: INSERT,
    calls: (id) => [insertKey(id)],
    rows: [keys, 1],
  },
  {
    path: 'the revocation of a key',
    commit: UPDATE,
    prepare: insertKey,
    calls: (id) => [revoked(id)],
    rows: [`${keys} AND revoked_at IS NOT NULL`, 1],
  },
  {
    path: 'a new project',
    commit: INSERT,
    calls: (id) => [projects(context).ensure(id)],
    rows: ['SELECT FROM projects WHERE name = $1', 1],
  },
];

async function revoked(name: string): Promise<void> {
  const key = await database.prisma.apiKey.findFirstOrThrow({ where: { name } });
  await apiKeys(context).revoke(key.id);
}

const rowsOf = async ([sql]: Path['rows'], id: string): Promise<number> =>
  (await database.pool.query(sql, [id])).rowCount ?? 0;

/** What becomes of the calls, whose reply is lost like that. */
async function outcomesOf(path: Path, reply: Reply, loss: Loss, id: string): Promise<unknown[]> {
  const lose = () => replies.lose(reply, loss);
  if (path.from === 'commit') committing = lose;
  else lose();
  const results = await Promise.allSettled(path.calls(id));
  committing = () => undefined;
  return results.map((result) => (result.status === 'rejected' ? result.reason : result.value));
}

let ids = 0;
const nextId = () => `c${++ids}`;

describe.each(PATHS)(
  '$path is OUTCOME_UNKNOWN and done once if its COMMIT is followed by',
  (path) => {
    it.each([...LOSSES, ...UNFORESEEN])('%s', async (_what, loss) => {
      const id = nextId();
      await path.prepare?.(id);
      for (const outcome of await outcomesOf(path, path.commit, loss(), id)) {
        expect(outcome).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
      }
      expect(replies.count()).toBe(1);
      const [, expected] = path.rows;
      expect(await rowsOf(path.rows, id)).toBe(expected);
    });
  },
);

describe.each(PATHS.filter(({ commit }) => commit === INSERT || commit === UPDATE))(
  '$path is answered with what was written,',
  (path) => {
    it('although no connection is free after that', async () => {
      const id = nextId();
      await path.prepare?.(id);
      const query = vi.spyOn(database.pool, 'query');
      const noneIsFree = () => query.mockImplementation(() => Promise.reject(new PoolBusyError()));
      const [outcome] = await outcomesOf(path, path.commit, noneIsFree, id);
      expect(query).toHaveBeenCalled();
      query.mockRestore();
      expect(outcome).not.toBeInstanceOf(Error);
      expect(await rowsOf(path.rows, id)).toBe(1);
    });
  },
);

const IN_TRANSACTION: Reply = { tag: /^(SELECT|INSERT)/m, status: 'T' };

describe.each(PATHS.filter(({ commit }) => commit === COMMIT))(
  '$path is DATABASE_UNAVAILABLE and not done if its transaction breaks off with',
  (path) => {
    it.each(LOSSES)('%s', async (_what, loss) => {
      const id = nextId();
      await path.prepare?.(id);
      const before = await rowsOf(path.rows, id);
      for (const outcome of await outcomesOf(path, IN_TRANSACTION, loss(), id)) {
        expect(outcome).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
      }
      expect(replies.count()).toBe(1);
      expect(await rowsOf(path.rows, id)).toBe(before);
    });
  },
);
