/** A call that could not be decided gets a code for its cause, and advice. */
import { afterEach, describe, expect, it } from 'vitest';
import { type UnavailableCode, UnavailableError } from '../../src/domain/unavailable.js';
import type { Transaction, WritePath } from '../../src/meter/write/write-path.js';
import { createWriteQueue } from '../../src/meter/write/write-queue.js';
import {
  HOLD_EVENTS,
  type OtherSessions,
  openOtherSessions,
} from '../support/database/other-sessions.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { WRITE_QUEUE } from '../support/gateway/limits.js';
import { type Parts, startNodeOnly } from '../support/gateway/node-only.js';
import { setUp } from '../support/gateway/set-up.js';

const TRACK = `mutation {
  trackBalance(input: { customerId: "acme", featureId: "messages", idempotencyKey: "k" }) {
    ... on TrackBalancePayload { replayed }
  }
}`;

let gateway: TestGateway;
let otherSessions: OtherSessions;

async function start(limits = {}): Promise<void> {
  gateway = await startTestGateway({ limits });
  otherSessions = openOtherSessions(gateway.database.url);
  await setUp(gateway, {
    features: [{ featureId: 'messages' }],
    customers: [{ customerId: 'acme' }],
    balances: [{ customerId: 'acme', featureId: 'messages', granted: 10 }],
  });
}

afterEach(async () => {
  await otherSessions.close();
  await gateway.close();
});

/** Tracks through the gateway, or through one of these parts. */
async function track(parts?: Parts) {
  const server = parts && (await startNodeOnly(parts));
  const response = await fetch(`${server?.origin ?? gateway.origin}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query: TRACK }),
  });
  const { data, errors } = JSON.parse(await response.text());
  await server?.close();
  return { status: response.status, retryAfter: response.headers.get('retry-after'), data, errors };
}

const endedAs = (code: UnavailableCode, message: RegExp, status = 503) => ({
  status,
  retryAfter: status === 503 ? '1' : null,
  data: null,
  errors: [
    {
      message: expect.stringMatching(message),
      path: ['trackBalance'],
      locations: [{ line: 2, column: 3 }],
      extensions: {
        code,
        ...(status === 503 && { retryable: true }),
        requestId: expect.any(String),
      },
    },
  ],
});

const CODES: Readonly<Record<UnavailableCode, readonly [says: RegExp, status?: number]>> = {
  OVERLOADED: [/calls waiting than it can handle\. Nothing was written; retry in a moment\.$/],
  DATABASE_UNAVAILABLE: [
    /cannot be reached, or does not accept writes\. Nothing was written; retry in a moment\.$/,
  ],
  WRITE_CONTENTION: [/changed the same data .* Nothing was written; retry in a moment\.$/],
  CUSTOMER_LOCKED: [/has locked the customer.* Nothing was written; .* that was left open\.$/],
  DATABASE_TIMEOUT: [/took too long, .* Nothing was written; retry in a moment, with fewer /],
  OUTCOME_UNKNOWN: [
    /, or the server failed, before the commit was confirmed\. Retry with the same idempotencyKey /,
  ],
  RESULT_UNREADABLE: [/by a newer release of Tollgate.* Upgrade this gateway, then retry /, 500],
  TIME_ZONE_UNKNOWN: [/in a time zone that this gateway does not know\.$/, 500],
  READS_OVERLOADED: [
    /more reads waiting or in progress, .* than its share .* Writes are not affected\.$/,
  ],
  READ_TIMEOUT: [/takes longer than a statement may run, and would again\. Ask for fewer /, 504],
};

it('every code has its status and says whether to retry and what to do', async () => {
  await start();
  for (const [code, [says, status]] of Object.entries(CODES)) {
    const failing = new UnavailableError(code as UnavailableCode);
    const submit = () => Promise.reject(failing);
    const { parts } = gateway;
    const ended = await track({ ...parts, writeQueue: { ...parts.writeQueue, submit } });
    expect(ended).toEqual(endedAs(failing.code, says, status));
  }
});

describe('usage on a database that', () => {
  /** A commit whose data has always changed since the decision. */
  const stale: WritePath['commit'] = async () => ({ now: Date.now(), customerKeys: new Set() });

  function contended(): Parts {
    const { parts } = gateway;
    let transactions = 0;
    const transaction: WritePath['transaction'] = (customerKey, run) => {
      transactions += 1;
      return parts.store.transaction(customerKey, (within: Transaction) =>
        run(transactions <= 5 ? { ...within, commit: stale } : within),
      );
    };
    const store = { ...parts.store, commit: stale, transaction };
    return { ...parts, writeQueue: createWriteQueue({ ...WRITE_QUEUE, store, lanes: 1 }) };
  }

  it.each([
    {
      what: 'has its customer locked is CUSTOMER_LOCKED',
      limits: { statementTimeoutMs: 20_000, acquireTimeoutMs: 1_000 },
      trouble: () => otherSessions.hold(HOLD_EVENTS),
      parts: () => undefined,
      end: endedAs('CUSTOMER_LOCKED', CODES.CUSTOMER_LOCKED[0]),
    },
    {
      what: 'exceeds the time limit of a statement is DATABASE_TIMEOUT',
      limits: { statementTimeoutMs: 1_000, acquireTimeoutMs: 20_000 },
      trouble: () => otherSessions.slowDown('writes'),
      parts: () => undefined,
      end: endedAs('DATABASE_TIMEOUT', CODES.DATABASE_TIMEOUT[0]),
    },
    {
      what: 'changes after each of five decisions is WRITE_CONTENTION',
      limits: {},
      trouble: async () => async () => {},
      parts: contended,
      end: endedAs('WRITE_CONTENTION', CODES.WRITE_CONTENTION[0]),
    },
  ])('$what, and leaves nothing behind', async ({ limits, trouble, parts, end }) => {
    await start(limits);
    const release = await trouble();
    expect(await track(parts())).toEqual(end);
    await release();
    expect(await otherSessions.count('SELECT count(*)::int FROM idempotency_keys')).toBe(0);
    expect(await otherSessions.count('SELECT used::int AS count FROM balances')).toBe(0);
    expect((await track()).data).toEqual({ trackBalance: { replayed: false } });
  });
});
