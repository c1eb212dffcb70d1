/** The spans of requests, of operations, of batches and of statements, with an SDK that keeps them in memory. */
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createKey } from '../../src/meter/access/keys.js';
import { openRaw } from '../support/client/raw-http.js';
import { HOLD_EVENTS, openOtherSessions } from '../support/database/other-sessions.js';
import {
  startTestGateway,
  type TestGateway,
  type TestRequest,
} from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';
import { outlineOf } from '../support/tracing/outline.js';
import { type Recorder, registerRecorder } from '../support/tracing/recorder.js';

const TRUSTED = 'query Trusted { __typename }';
const TRACK = track('acme');
const LOOK = 'query Mine { customer(customerId: "acme") { id } }';

let recorder: Recorder;
let gateway: TestGateway;
let readOnly: string;

beforeAll(async () => {
  recorder = registerRecorder();
  gateway = await startTestGateway({
    tracing: recorder.tracing,
    lanes: 1,
    manifest: new Map([['trusted', TRUSTED]]),
  });
  await setUp(gateway, {
    features: [{ featureId: 'messages' }],
    customers: [{ customerId: 'acme' }, { customerId: 'other' }],
    balances: [
      { customerId: 'acme', featureId: 'messages', granted: 1_000 },
      { customerId: 'other', featureId: 'messages', granted: 1_000 },
    ],
  });
  const { store, projectId } = gateway;
  const key = { projectId, name: 'reads', scopes: ['balances:read'] as const, lifetimeMs: null };
  readOnly = (await createKey(store.apiKeys, key)).secret;
});
afterAll(async () => {
  await gateway.close();
  await recorder.close();
});
beforeEach(() => {
  expect(recorder.failures).toEqual([]);
});

function track(customerId: string): string {
  return `mutation { trackBalance(input: { customerId: "${customerId}", featureId: "messages" }) { __typename } }`;
}

const sent = async (request: TestRequest) =>
  outlineOf(await recorder.after(1, async () => (await gateway.send(request)).text()));

describe('a request is traced', () => {
  it.each<[string, object | string, string[]]>([
    [
      'with the batch and the statement of a write',
      { query: TRACK },
      [
        'SERVER POST /graphql 200 OK',
        '  INTERNAL mutation trackBalance OK',
        '    INTERNAL write batch 1',
        '      CLIENT commit',
      ],
    ],
    [
      'with the batches of a list',
      {
        query: `mutation { trackBalances(inputs: [{ customerId: "acme", featureId: "messages" },
          { customerId: "other", featureId: "messages" }]) { __typename } }`,
      },
      [
        'SERVER POST /graphql 200 OK',
        '  INTERNAL mutation trackBalances OK',
        '    INTERNAL write batch 2',
        '      CLIENT commit 2',
      ],
    ],
    [
      'with the transaction of a write that needs a lock',
      {
        query: `mutation { createBalance(input: { customerId: "acme", featureId: "messages", granted: 1 })
          { __typename } }`,
      },
      [
        'SERVER POST /graphql 200 OK',
        '  INTERNAL mutation createBalance OK',
        '    INTERNAL write batch 1',
        '      CLIENT transaction',
        '        CLIENT load',
        '        CLIENT commit',
      ],
    ],
    [
      'with a write outside any batch',
      { query: 'mutation { createCustomer(input: { customerId: "acme" }) { __typename } }' },
      [
        'SERVER POST /graphql 200 OK',
        '  INTERNAL mutation createCustomer OK',
        '    CLIENT createCustomer',
      ],
    ],
    [
      'with the batch and the statement of a read',
      { query: LOOK },
      [
        'SERVER POST /graphql 200 OK',
        '  INTERNAL query customer OK',
        '    INTERNAL read batch 1',
        '      CLIENT read customers',
      ],
    ],
    [
      'with the name of a trusted document',
      { documentId: 'trusted' },
      ['SERVER POST /graphql 200 OK', '  INTERNAL query Trusted __typename OK'],
    ],
    ['that cannot be read', '{', ['SERVER POST /graphql 400 BAD_REQUEST']],
    [
      'whose document is not valid',
      { query: '{ nothing }' },
      ['SERVER POST /graphql 200 GRAPHQL_VALIDATION_FAILED'],
    ],
    [
      'whose variables are not',
      { query: 'query ($id: String!) { customer(customerId: $id) { id } }' },
      [
        'SERVER POST /graphql 200 BAD_USER_INPUT',
        '  INTERNAL query customer BAD_USER_INPUT BAD_USER_INPUT',
      ],
    ],
  ])('%s', async (_what, body, outline) => {
    expect(await sent({ body })).toEqual(outline);
  });

  it.each<[string, () => TestRequest, string[]]>([
    [
      'without a key',
      () => ({ body: { query: TRACK }, headers: { authorization: '' } }),
      ['SERVER POST /graphql 401 UNAUTHENTICATED'],
    ],
    [
      'with a key that may not do this',
      () => ({ body: { query: TRACK }, headers: { authorization: `Bearer ${readOnly}` } }),
      [
        'SERVER POST /graphql 403 FORBIDDEN',
        '  INTERNAL mutation trackBalance FORBIDDEN FORBIDDEN',
      ],
    ],
    [
      'by GET',
      () => ({ method: 'GET', path: '/graphql?query=%7B__typename%7D' }),
      ['SERVER GET /graphql 200 OK', '  INTERNAL query __typename OK'],
    ],
    [
      'by a method that GraphQL does not have',
      () => ({ method: 'PUT' }),
      ['SERVER PUT /graphql 405 BAD_REQUEST'],
    ],
    [
      'by a method that HTTP does not know by itself',
      () => ({ method: 'PROPFIND' }),
      ['SERVER HTTP /graphql 405 BAD_REQUEST'],
    ],
  ])('%s', async (_what, request, outline) => {
    expect(await sent(request())).toEqual(outline);
  });

  it('whose client leaves, although its write goes on', async () => {
    const others = openOtherSessions(gateway.database.url);
    const release = await others.hold(HOLD_EVENTS);
    const raw = openRaw(gateway.origin);
    const body = JSON.stringify({ query: TRACK });
    const spans = await recorder.after(1, async () => {
      raw.write(
        `POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${gateway.secret}\r\n` +
          `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      await others.untilOneWaits();
      raw.socket.destroy();
    });
    expect(outlineOf(spans)).toEqual([
      'SERVER POST /graphql CLIENT_CLOSED_REQUEST',
      '  INTERNAL mutation trackBalance CLIENT_CLOSED_REQUEST CLIENT_CLOSED_REQUEST',
    ]);
    await release();
    await others.close();
    const late: ReadableSpan[] = [];
    await expect
      .poll(() => {
        late.push(...recorder.taken());
        return outlineOf(late);
      })
      .toEqual(['INTERNAL write batch 1', '  CLIENT commit']);
  });

  it('and has failed where the database has', async () => {
    await gateway.sql('ALTER TABLE events RENAME TO hidden');
    const outline = await sent({ body: { query: TRACK } });
    await gateway.sql('ALTER TABLE hidden RENAME TO events');
    expect(outline).toEqual([
      'SERVER POST /graphql 500 INTERNAL_SERVER_ERROR 500 FAILED',
      '  INTERNAL mutation trackBalance INTERNAL_SERVER_ERROR INTERNAL_SERVER_ERROR FAILED',
      '    INTERNAL write batch 1',
      '      CLIENT commit 42P01 42P01 FAILED',
    ]);
  });
});
