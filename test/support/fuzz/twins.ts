/**
 * Two complete gateways that differ only in their executor, each with its own database, for the same requests in the same
 * order.
 */
import { execute } from 'graphql';
import { startTestGateway, type TestGateway } from '../gateway/gateway.js';
import { type SetUp, setUp } from '../gateway/set-up.js';
import type { Vocabulary } from './vocabulary.js';

/** Tollgate, and Tollgate with graphql-js as its executor. */
export interface Twins {
  readonly ours: TestGateway;
  readonly reference: TestGateway;
  close(): Promise<void>;
}

export type Adapter = 'node' | 'fetch';

export interface TwinRequest {
  readonly query: string;
  readonly operationName: string | null;
  /** JSON. */
  readonly variables: string;
}

const SET_UP: SetUp = {
  features: [
    { featureId: 'messages', eventNames: ['message.sent'] },
    { featureId: 'seats', type: 'CONTINUOUS' },
    { featureId: 'beta', type: 'BOOLEAN' },
    {
      featureId: 'credits',
      type: 'CREDIT_SYSTEM',
      creditCosts: [{ featureId: 'messages', cost: 0.2 }],
    },
  ],
  customers: [{ customerId: 'acme', entities: ['seat-1'] }, { customerId: 'globex' }],
  balances: [
    { customerId: 'acme', featureId: 'messages', granted: 1_000 },
    { customerId: 'acme', entityId: 'seat-1', featureId: 'messages', granted: 10 },
    { customerId: 'acme', featureId: 'credits', granted: 50 },
    { customerId: 'globex', featureId: 'seats', granted: 3 },
  ],
};

/**
 * What exists, without anything that could differ by time: no resets, and no two events at the same
 * instant, whose order is undefined. No condition is null, because within a list, graphql-js may leave
 * the promise of another item unhandled, and Node ends the process.
 */
export const TWIN_VOCABULARY: Vocabulary = {
  strings: {
    customerId: ['acme', 'acme', 'globex', 'nobody', 'new-1', 'new-2'],
    featureId: ['messages', 'messages', 'credits', 'seats', 'beta', 'none', 'new-1'],
    entityId: ['seat-1', 'seat-1', 'seat-2'],
    eventName: ['message.sent', 'nothing'],
    idempotencyKey: ['key-1', 'key-2', 'key-3'],
    id: ['@customer@', '@feature@', '@balance@', '@entity@', 'Q3VzdG9tZXI6bm9uZQ=='],
    email: ['a@example.com', 'no address'],
    name: ['Acme', 'BalancesTrackInput', 'Query'],
    timestamp: ['yesterday', '2999-01-01T00:00:00Z'],
    expiresAt: ['2999-01-01T00:00:00Z', 'tomorrow'],
    startsAt: ['2020-02-29T00:00:00Z', 'today'],
  },
  omitted: ['resetInterval'],
  itemsMax: { inputs: 1 },
  nullBooleans: false,
};

/** Advances by a second with each statement. */
function tickingClock(): () => number {
  let offsetMs = 0;
  return () => {
    offsetMs += 1_000;
    return offsetMs;
  };
}

/**
 * One statement at a time. Of two at once, either may be the first to be answered, and so the order of errors, and whether those
 * are reported that come after the one that leaves no data, would depend on how busy the machine is.
 */
const IN_TURN = { readQueue: { inFlightMax: 1 } };

export async function startTwins(): Promise<Twins> {
  const [ours, reference] = await Promise.all([
    startTestGateway({ ...IN_TURN, clockOffsetMs: tickingClock() }),
    startTestGateway({ ...IN_TURN, clockOffsetMs: tickingClock(), execute }),
  ]);
  await Promise.all([setUp(ours, SET_UP), setUp(reference, SET_UP)]);
  return {
    ours,
    reference,
    close: async () => {
      await Promise.all([ours.close(), reference.close()]);
    },
  };
}

/** The status and the body of an answer, with its ids and times replaced by their order. */
export async function ask(
  gateway: TestGateway,
  request: TwinRequest,
  adapter: Adapter,
): Promise<string> {
  const { query, operationName, variables } = request;
  const parts = [`"query":${JSON.stringify(query)}`, `"variables":${variables}`];
  if (operationName !== null) parts.push(`"operationName":${JSON.stringify(operationName)}`);
  const body = await withIds(gateway, `{${parts.join(',')}}`);
  const response =
    adapter === 'node'
      ? await gateway.send({ body })
      : await gateway.gateway.fetch(`${gateway.origin}/graphql`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${gateway.secret}`,
            'content-type': 'application/json',
            accept: 'application/json',
          },
          body,
        });
  return `${response.status} ${withoutIds(await response.text())}`;
}

const ids = new WeakMap<TestGateway, Promise<Readonly<Record<string, string>>>>();

/** The text with names replaced by the gateway's ids. */
async function withIds(gateway: TestGateway, text: string): Promise<string> {
  const known = ids.get(gateway) ?? idsOf(gateway);
  ids.set(gateway, known);
  const names = await known;
  return text.replaceAll(/@(\w+)@/g, (name, key: string) => names[key] ?? name);
}

async function idsOf(gateway: TestGateway): Promise<Readonly<Record<string, string>>> {
  const { data } = await gateway.execute(`{ feature(featureId: "messages") { id }
    customer(customerId: "acme") { id entity(entityId: "seat-1") { id }
      balances { breakdown { id } } } }`);
  return {
    feature: data.feature.id,
    customer: data.customer.id,
    entity: data.customer.entity.id,
    balance: data.customer.balances[0].breakdown[0].id,
  };
}

const BASE64 = /[A-Za-z0-9+/]{16,}={0,2}/g;
/** An id in a message that shows only the beginning and the end of a long value. */
const CUT = /[A-Za-z0-9+/]{8,}…[A-Za-z0-9+/]*={0,2}/g;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** Random, and so is the part that keys are recognised by. */
const SECRET = /\btg_[a-z]{2}_[A-Za-z0-9_-]+/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)/g;
/** Milliseconds since 1970, in cursors and stored JSON. */
const INSTANT = /\b1[789]\d{11}\b/g;

function withoutIds(text: string): string {
  const order: string[] = [];
  return text
    .replaceAll(/"requestId":"[^"]+"/g, '"requestId":""')
    .replaceAll(SECRET, 'secret')
    .replaceAll(CUT, 'cut')
    .replaceAll(BASE64, (word) => {
      const decoded = Buffer.from(word, 'base64').toString('latin1');
      return /^[A-Z][A-Za-z]+:/.test(decoded) ? decoded.replaceAll(INSTANT, 'time') : word;
    })
    .replaceAll(UUID, (uuid) => {
      if (!order.includes(uuid)) order.push(uuid);
      return `uuid-${order.indexOf(uuid)}`;
    })
    .replaceAll(TIME, 'time');
}

const TABLES = `SELECT table_name FROM information_schema.tables
  WHERE table_schema = 'public' AND table_name <> '_prisma_migrations'
  ORDER BY table_name`;

/** In stored JSON. */
const ID_PART = /\b[0-9a-f]{16,}\b/g;
const HASH = /x[0-9a-f]{64}\b/g;

/** A random number. */
const VERSION = /"(catalog_)?version": \d+/g;

/** All stored rows, without their ids and times. */
export async function rowsOf({ sql }: TestGateway): Promise<string[]> {
  const rows: string[] = [];
  for (const { table_name: table } of await sql(TABLES)) {
    const found = await sql(`SELECT to_jsonb(row)::text AS text FROM "${table}" AS row`);
    const texts = found.map(({ text }) =>
      String(text)
        .replaceAll(VERSION, 'version')
        .replaceAll(SECRET, 'secret')
        .replaceAll(HASH, 'hash')
        .replaceAll(UUID, 'id')
        .replaceAll(TIME, 'time')
        .replaceAll(ID_PART, 'id')
        .replaceAll(INSTANT, 'time'),
    );
    rows.push(...texts.map((text) => `${table} ${text}`).toSorted());
  }
  return rows;
}
