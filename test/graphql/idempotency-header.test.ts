/** `Idempotency-Key`: the key of a request is that of its mutations that give none, through both adapters (ADR 31). */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HEADER_KEY_CHARS_MAX } from '../../src/http/idempotency-header.js';
import { IDEMPOTENCY_KEY_BYTES_MAX } from '../../src/schema/input/limits.js';
import {
  CREATE,
  eventsOf,
  keysOf,
  newCustomer,
  RESERVE_MANY,
  TRACK,
  TRACK_MANY,
  TWO,
} from '../support/client/keyed-calls.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({ idempotencyFallbackHeader: 'x-request-id' });
  await setUp(gateway, { features: [{ featureId: 'messages' }], customers: [], balances: [] });
});
afterAll(() => gateway.close());

type Headers = Record<string, string>;

interface Answered {
  readonly status: number;
  readonly replayed: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what a test checks.
  readonly data: any;
  readonly errors: readonly { readonly message: string; readonly extensions: { code: string } }[];
}

type Send = (query: string, variables: object, headers: Headers) => Promise<Answered>;

async function answered(response: Response): Promise<Answered> {
  const { data = null, errors = [] } = JSON.parse(await response.text());
  const replayed = response.headers.get('idempotency-replayed');
  return { status: response.status, replayed, data, errors };
}

const byNode: Send = async (query, variables, headers) =>
  answered(await gateway.send({ body: { query, variables }, headers }));

const byFetch: Send = async (query, variables, headers) =>
  answered(
    await gateway.gateway.fetch('http://gateway/graphql', {
      method: 'POST',
      headers: {
        authorization: `Bearer ${gateway.secret}`,
        'content-type': 'application/json',
        accept: 'application/json',
        ...headers,
      },
      body: JSON.stringify({ query, variables }),
    }),
  );

describe.each<[string, Send]>([
  ['the node adapter', byNode],
  ['the fetch adapter', byFetch],
])('through %s', (_way, send) => {
  it('a repeated request is answered with what the first one did', async () => {
    const input = { customerId: await newCustomer(gateway), featureId: 'messages', value: 2 };
    const headers = { 'Idempotency-Key': 'once' };
    const first = await send(TRACK, { input }, headers);
    expect(first).toMatchObject({
      status: 200,
      replayed: null,
      data: { trackBalance: { value: 2, replayed: false, event: { idempotencyKey: 'once' } } },
    });
    const second = await send(TRACK, { input }, headers);
    expect(second).toMatchObject({ replayed: 'true', data: { trackBalance: { replayed: true } } });
    expect(await keysOf(gateway, input.customerId)).toEqual(['once']);
  });

  it('the key in the input and the key in the header are the same key', async () => {
    const input = { customerId: await newCustomer(gateway), featureId: 'messages' };
    await send(TRACK, { input: { ...input, idempotencyKey: 'a "b" \\ c' } }, {});
    const headers = { 'Idempotency-Key': '"a \\"b\\" \\\\ c"' };
    const replay = await send(TRACK, { input }, headers);
    expect(replay).toMatchObject({ replayed: 'true', data: { trackBalance: { replayed: true } } });
    const other = await send(TRACK, { input: { ...input, value: 2 } }, headers);
    expect(other).toMatchObject({
      replayed: null,
      data: { trackBalance: { code: 'IDEMPOTENCY_CONFLICT', field: 'value' } },
    });
  });

  it('spaces and tabs around a key are no part of it', async () => {
    const input = { customerId: await newCustomer(gateway), featureId: 'messages' };
    for (const key of ['k', ' \tk\t ', ' "k" '])
      await send(TRACK, { input }, { 'Idempotency-Key': key });
    expect(await keysOf(gateway, input.customerId)).toEqual(['k']);
  });

  it('a mutation with a key of its own keeps it, and one whose key is null has none', async () => {
    const input = { customerId: await newCustomer(gateway), featureId: 'messages' };
    const headers = { 'Idempotency-Key': 'header' };
    await send(TRACK, { input: { ...input, idempotencyKey: 'own' } }, headers);
    const again = await send(TRACK, { input: { ...input, idempotencyKey: 'own' } }, headers);
    // The header is about what it has keyed, which is nothing.
    expect(again).toMatchObject({ replayed: null, data: { trackBalance: { replayed: true } } });
    await send(TRACK, { input: { ...input, idempotencyKey: null } }, headers);
    expect(await keysOf(gateway, input.customerId)).toEqual(['header', 'own']);
  });

  it('several mutations have a key each, by their response keys', async () => {
    const a = { customerId: await newCustomer(gateway), featureId: 'messages' };
    const headers = { 'Idempotency-Key': 'two' };
    expect(await send(TWO, { a, b: a }, headers)).toMatchObject({ replayed: null });
    expect(await send(TWO, { a, b: a }, headers)).toMatchObject({
      replayed: 'true',
      data: { __typename: 'Mutation', first: { replayed: true }, second: { replayed: true } },
    });
    expect(await keysOf(gateway, a.customerId)).toEqual(['two/first', 'two/second']);
  });

  it('a mutation that is the only one carried out has the key itself, under whichever alias', async () => {
    const a = { customerId: await newCustomer(gateway), featureId: 'messages' };
    const headers = { 'Idempotency-Key': 'one' };
    await send(TWO, { a, b: a, both: false }, headers);
    expect(await send(TRACK, { input: a }, headers)).toMatchObject({ replayed: 'true' });
    expect(await keysOf(gateway, a.customerId)).toEqual(['one']);
  });

  it('a request of which only a part was done before is no replay', async () => {
    const a = { customerId: await newCustomer(gateway), featureId: 'messages' };
    await send(TRACK, { input: { ...a, idempotencyKey: 'part/first' } }, {});
    expect(await send(TWO, { a, b: a }, { 'Idempotency-Key': 'part' })).toMatchObject({
      replayed: null,
      data: { first: { replayed: true }, second: { replayed: false } },
    });
  });

  it('a repeated request that ends before its last mutation is no replay', async () => {
    const a = { customerId: await newCustomer(gateway), featureId: 'messages' };
    const headers = { 'Idempotency-Key': 'ended' };
    const twoOf = (selection: string) => `mutation ($a: BalancesTrackInput!) {
      first: trackBalance(input: $a) { ... on TrackBalancePayload { ${selection} } }
      second: trackBalance(input: $a) { __typename } }`;
    await send(twoOf('value'), { a }, headers);
    const tooManyEvents = 'customer { events(first: 101) { edges { cursor } } }';
    const ended = await send(twoOf(tooManyEvents), { a }, headers);
    expect(ended).toMatchObject({ replayed: null, data: null });
  });

  it('each item of a batch has the key with its index, unless it has its own', async () => {
    const item = { customerId: await newCustomer(gateway), featureId: 'messages' };
    const inputs = [item, { ...item, idempotencyKey: 'own' }, item];
    const headers = { 'Idempotency-Key': 'batch' };
    expect(await send(TRACK_MANY, { inputs }, headers)).toMatchObject({ replayed: null });
    const again = await send(TRACK_MANY, { inputs }, headers);
    expect(again.replayed).toBe('true');
    expect(again.data.trackBalances.map(({ replayed }: { replayed: boolean }) => replayed)).toEqual(
      [true, true, true],
    );
    expect(await keysOf(gateway, item.customerId)).toEqual(['batch/0', 'batch/2', 'own']);
    const other = [item, { ...item, eventName: 'both' }];
    const invalid = await send(TRACK_MANY, { inputs: other }, headers);
    expect(invalid).toMatchObject({
      replayed: null,
      data: { trackBalances: [{ replayed: true }, { code: 'INVALID_INPUT' }] },
    });
  });

  it('an item without a reservation id has the key with its index as its id', async () => {
    const item = { customerId: await newCustomer(gateway), featureId: 'messages' };
    const inputs = [item, { ...item, reservationId: 'own' }, item];
    for (const replayed of [false, true]) {
      const { data } = await send(RESERVE_MANY, { inputs }, { 'Idempotency-Key': 'held' });
      const idOf = (reservationId: string) => ({ replayed, reservation: { reservationId } });
      expect(data.reserveBalances).toEqual(['held/0', 'own', 'held/2'].map(idOf));
    }
  });

  it('a repeated grant creates one balance', async () => {
    const input = { customerId: await newCustomer(gateway), featureId: 'messages', granted: 5 };
    const headers = { 'Idempotency-Key': '8e03978e-40d5-43dd-bc93-6894a57f9324' };
    const first = await send(CREATE, { input }, headers);
    const second = await send(CREATE, { input }, headers);
    expect([first.replayed, second.replayed]).toEqual([null, 'true']);
    expect(second.data.createBalance.balance).toEqual(first.data.createBalance.balance);
  });

  it('a stored refusal is a replay as well', async () => {
    const input = {
      customerId: await newCustomer(gateway),
      featureId: 'messages',
      value: 5_000,
      overageBehavior: 'REJECT',
    };
    const headers = { 'Idempotency-Key': 'refused' };
    expect(await send(TRACK, { input }, headers)).toMatchObject({ replayed: null });
    expect(await send(TRACK, { input }, headers)).toMatchObject({
      replayed: 'true',
      data: { trackBalance: { code: 'INSUFFICIENT_BALANCE', replayed: true } },
    });
  });

  it('mutations without idempotency keys, and queries, ignore it', async () => {
    const customerId = await newCustomer(gateway);
    const headers = { 'Idempotency-Key': 'ignored' };
    const update = `mutation ($name: String) { updateCustomer(input: { customerId: "${customerId}", name: $name }) {
      ... on UpdateCustomerPayload { customer { name } } } }`;
    for (const name of ['A', 'B']) {
      const { replayed, data } = await send(update, { name }, headers);
      expect({ replayed, data }).toEqual({
        replayed: null,
        data: { updateCustomer: { customer: { name } } },
      });
    }
    const query = await send('{ __typename }', {}, { 'Idempotency-Key': '' });
    expect(query).toMatchObject({ status: 200, data: { __typename: 'Query' } });
  });

  it('another header gives the key if it is missing', async () => {
    const input = { customerId: await newCustomer(gateway), featureId: 'messages' };
    const headers = { 'X-Request-Id': 'gateway-1' };
    await send(TRACK, { input }, headers);
    expect(await send(TRACK, { input }, headers)).toMatchObject({ replayed: 'true' });
    await send(TRACK, { input }, { ...headers, 'Idempotency-Key': 'first' });
    expect(await keysOf(gateway, input.customerId)).toEqual(['first', 'gateway-1']);
  });

  it.each<[string, Headers, RegExp]>([
    ['empty', { 'Idempotency-Key': '' }, /idempotency-key "" is empty/],
    ['blank', { 'Idempotency-Key': '  ' }, /is empty/],
    ['an empty string in quotes', { 'Idempotency-Key': '""' }, /is empty/],
    [
      'too long',
      { 'Idempotency-Key': 'k'.repeat(HEADER_KEY_CHARS_MAX + 1) },
      /is too long: it may have 250/,
    ],
    ['sent twice', { 'Idempotency-Key': 'a, b' }, /was sent more than once/],
    ['sent twice in quotes', { 'Idempotency-Key': '"a", "b"' }, /was sent more than once/],
    ['not ASCII', { 'Idempotency-Key': 'caf\u00e9' }, /other than printable ASCII/],
    ['after a space that is none of HTTP', { 'Idempotency-Key': '\u00a0k' }, /printable ASCII/],
    ['before a space that is none of HTTP', { 'Idempotency-Key': '"k"\u00a0' }, /printable ASCII/],
    ['without its last quote', { 'Idempotency-Key': '"abc' }, /is not a string in quotes/],
    ['escaped wrongly', { 'Idempotency-Key': '"a\\b"' }, /is not a string in quotes/],
    ['with parameters', { 'Idempotency-Key': '"a";b=1' }, /is not a string in quotes/],
    ['empty in the other header', { 'X-Request-Id': '' }, /header x-request-id "" is empty/],
  ])('a key that is %s is refused before anything is done', async (_what, headers, message) => {
    const customerId = await newCustomer(gateway);
    const input = { customerId, featureId: 'messages', idempotencyKey: 'own' };
    const { status, data, errors } = await send(TRACK, { input }, headers);
    expect({ status, data, errors }).toEqual({
      status: 400,
      data: null,
      errors: [
        {
          message: expect.stringMatching(message),
          extensions: { code: 'IDEMPOTENCY_KEY_INVALID' },
        },
      ],
    });
    expect(errors[0]?.message.length).toBeLessThan(500);
    expect(await eventsOf(gateway, customerId)).toEqual([]);
  });

  it('a key fits with every index, and is refused if it does not fit with a response key', async () => {
    const item = { customerId: await newCustomer(gateway), featureId: 'messages', value: 0 };
    const longest = 'k'.repeat(HEADER_KEY_CHARS_MAX);
    const inputs = Array.from({ length: 1_000 }, () => item);
    const many = await send(TRACK_MANY, { inputs }, { 'Idempotency-Key': longest });
    const last = many.data.trackBalances.at(-1);
    expect(last).toMatchObject({ event: { idempotencyKey: `${longest}/999` } });
    expect(last.event.idempotencyKey.length).toBeLessThanOrEqual(IDEMPOTENCY_KEY_BYTES_MAX);
    const room = HEADER_KEY_CHARS_MAX - '/second'.length;
    const two = (chars: number) =>
      send(TWO, { a: item, b: item }, { 'Idempotency-Key': 'k'.repeat(chars) });
    expect(await two(room)).toMatchObject({ data: { second: { replayed: false } } });
    expect(await two(room + 1)).toMatchObject({
      status: 400,
      errors: [{ message: expect.stringContaining('longest response key of its mutations') }],
    });
  });
});

it('a header that is sent on two lines is refused', async () => {
  const input = { customerId: await newCustomer(gateway), featureId: 'messages' };
  const status = await new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${gateway.secret}`,
      'content-type': 'application/json',
    };
    const sent = request(`${gateway.origin}/graphql`, {
      method: 'POST',
      headers: { ...headers, 'idempotency-key': ['same', 'same'] },
    });
    sent.on('response', (response) => resolve(response.resume().statusCode));
    sent.on('error', reject);
    sent.end(JSON.stringify({ query: TRACK, variables: { input } }));
  });
  expect(status).toBe(400);
});
