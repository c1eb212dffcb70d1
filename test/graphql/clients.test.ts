/** The adapter for `node:http` serves the calls of every client, and sheds them all alike. */
import { Agent, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HEADERS as BENCH_HEADERS } from '../bench/load/request-pattern.js';
import { PINNED_HEADS, type PinnedHead, REAL_CLIENTS } from '../support/client/clients.js';
import {
  HOLD_EVENTS,
  type OtherSessions,
  openOtherSessions,
} from '../support/database/other-sessions.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { type NodeOnly, startNodeOnly } from '../support/gateway/node-only.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;
let otherSessions: OtherSessions;
let server: NodeOnly;

beforeAll(async () => {
  gateway = await startTestGateway();
  otherSessions = openOtherSessions(gateway.database.url);
  server = await startNodeOnly(gateway.parts);
  await setUp(gateway, {
    features: [{ featureId: 'messages' }],
    customers: [{ customerId: 'acme' }],
    balances: [{ customerId: 'acme', featureId: 'messages', granted: 1_000_000 }],
  });
});
afterAll(async () => {
  await server.close();
  await otherSessions.close();
  await gateway.close();
});

const QUERY = `mutation Track($input: BalancesTrackInput!) {
  trackBalance(input: $input) { ... on TrackBalancePayload { value } }
}`;
const VARIABLES = { input: { customerId: 'acme', featureId: 'messages', value: 2 } };
const BODY = JSON.stringify({ operationName: 'Track', query: QUERY, variables: VARIABLES });

/** The request heads that the client packages sent. */
const realHeads = new Map<string, PinnedHead>();

describe.each(Object.entries(REAL_CLIENTS))('%s', (name, client) => {
  it.each(['/graphql', '/graphql?op=Track', '/graphql/'])(
    'is answered by the node adapter at %s',
    async (path) => {
      const before = server.heads.length;
      const call = { url: server.origin + path, secret: gateway.secret };
      const data = await client({ ...call, query: QUERY, variables: VARIABLES });
      expect(data).toMatchObject({ trackBalance: { value: 2 } });
      const heads = server.heads.slice(before);
      expect(heads).toMatchObject([{ method: 'POST', path }]);
      for (const { headers } of heads) realHeads.set(name, sendable(headers));
    },
  );
});

/** Omits the headers that belong to one request or its connection. */
function sendable(headers: NodeJS.Dict<string | string[]>): PinnedHead {
  const own = ['host', 'authorization', 'content-length', 'transfer-encoding', 'connection'];
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !own.includes(name))
      .map(([name, value]) => [name, String(value)]),
  );
}

interface Answer {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly text: string;
}

function post(origin: string, headers: PinnedHead): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${origin}/graphql`,
      {
        method: 'POST',
        agent: new Agent(),
        headers: { ...headers, authorization: `Bearer ${gateway.secret}` },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part) => {
          text += part;
        });
        response.on('end', () => {
          const { statusCode: status, headers } = response;
          resolve({ status, type: headers['content-type'], text });
        });
      },
    );
    sent.on('error', reject);
    sent.end(BODY);
  });
}

describe.each(Object.entries(PINNED_HEADS))('the head of %s', (_name, head) => {
  it('is answered by the node adapter', async () => {
    const { status, text } = await post(server.origin, head);
    expect({ status, body: JSON.parse(text) }).toEqual({
      status: 200,
      body: { data: { trackBalance: { value: 2 } } },
    });
  });
});

/** Sends concurrent calls to a gateway that executes one, or three in a burst; returns what became of them. */
async function shedOf(calls: number, head: PinnedHead) {
  const { config } = gateway.parts;
  const small = await startNodeOnly({
    ...gateway.parts,
    config: { ...config, requestsInFlightMax: 1 },
  });
  const release = await otherSessions.hold(HOLD_EVENTS);
  let refused = 0;
  let rest: () => void = () => undefined;
  const restAreRefused = new Promise<void>((resolve) => {
    rest = resolve;
  });
  const answers = Array.from({ length: calls }, async () => {
    const answer = await post(small.origin, head);
    if (answer.status === 503) refused += 1;
    if (refused === calls - 3) rest();
    return answer;
  });
  await restAreRefused;
  await release();
  const all = await Promise.all(answers);
  await small.close();
  return {
    taken: all.filter(({ status }) => status === 200).length,
    refusals: new Set(
      all.filter(({ status }) => status !== 200).map(({ text }) => withoutId(text)),
    ),
  };
}

const withoutId = (text: string) => text.replace(/"requestId":"[^"]+"/, '"requestId":""');

const REFUSAL = `{"errors":[{"message":"The gateway has more calls waiting than it can handle. \
Nothing was written; retry in a moment.","extensions":{"code":"OVERLOADED","retryable":true,"requestId":""}}]}`;

it.each([
  'application/json',
  'application/graphql-response+json; charset=utf-8, application/json; charset=utf-8',
])('200 concurrent calls with Accept: %s are shed like all others', async (accept) => {
  const { taken, refusals } = await shedOf(200, { accept, 'content-type': 'application/json' });
  expect(taken).toBeLessThanOrEqual(3);
  expect([...refusals]).toEqual([REFUSAL]);
});

it.each([...Object.keys(REAL_CLIENTS), ...Object.keys(PINNED_HEADS)])(
  'concurrent calls with the head of %s are shed like all others',
  async (name) => {
    const head = realHeads.get(name) ?? PINNED_HEADS[name];
    if (head === undefined) throw new Error(`${name} has not sent anything`);
    const { taken, refusals } = await shedOf(20, head);
    expect(taken).toBeLessThanOrEqual(3);
    expect([...refusals]).toEqual([REFUSAL]);
  },
);

it('the load generator of the benchmark sends the head of Apollo Client', () => {
  const { connection, ...bench } = BENCH_HEADERS;
  expect(bench).toEqual(realHeads.get('Apollo Client'));
});
