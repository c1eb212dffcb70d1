/** Which requests the server accepts, and up to what size. */
import { once } from 'node:events';
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  startTestGateway,
  type TestGateway,
  type TestRequest,
} from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

const BODY_BYTES_MAX = 200_000;

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({ bodyBytesMax: BODY_BYTES_MAX });
  await setUp(gateway, {
    features: [{ featureId: 'messages' }],
    customers: [{ customerId: 'acme' }],
    balances: [],
  });
});
afterAll(async () => {
  expect(await gateway.sql('SELECT * FROM events')).toEqual([]);
  await gateway.close();
});

const TRACK = `mutation {
  trackBalance(input: { customerId: "acme", featureId: "messages" }) { __typename }
}`;

async function expectRefused(sent: TestRequest, status: number, code: string): Promise<void> {
  const accept = 'application/graphql-response+json';
  const response = await gateway.send({ ...sent, headers: { accept, ...sent.headers } });
  const { data, errors } = JSON.parse(await response.text());
  expect({ data, status: response.status }).toEqual({ data: undefined, status });
  expect(errors).toMatchObject([{ extensions: { code } }]);
}

/** A body of this many bytes that requests `__typename`. */
function bodyOf(bytes: number): string {
  const body = JSON.stringify({ query: '{ __typename }', extensions: { padding: '' } });
  return body.replace('""', `"${'x'.repeat(bytes - body.length)}"`);
}

/** Sends a body in chunks, without announcing its length. */
async function statusInChunks(body: string): Promise<number | undefined> {
  const sent = request(`${gateway.origin}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.secret}`, 'content-type': 'application/json' },
  });
  for (let at = 0; at < body.length; at += 50_000) sent.write(body.slice(at, at + 50_000));
  sent.end();
  const [response] = await once(sent, 'response');
  response.resume();
  return response.statusCode;
}

describe('a body', () => {
  it('is read up to the limit', async () => {
    const response = await gateway.send({ body: bodyOf(BODY_BYTES_MAX) });
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
  });

  it('is refused beyond the limit', async () => {
    await expectRefused({ body: bodyOf(BODY_BYTES_MAX + 1) }, 413, 'REQUEST_TOO_LARGE');
  });

  it.each([
    [BODY_BYTES_MAX, 200],
    [BODY_BYTES_MAX + 1, 413],
    [BODY_BYTES_MAX * 20, 413],
  ])('without a length is counted: %i bytes get status %i', async (bytes, status) => {
    expect(await statusInChunks(bodyOf(bytes))).toBe(status);
  });

  it.each([
    ['nothing', ''],
    ['malformed JSON', '{"query"'],
    ['a string', '"{ __typename }"'],
    ['a number', '1'],
    ['null', 'null'],
    ['a list, which would be a batch', '[{"query":"{ __typename }"}]'],
    ['JSON with something after it', '{"query":"{ __typename }"} x'],
    ['no query', '{}'],
    ['a query that is a number', '{"query":1}'],
    ['variables that are a list', '{"query":"{ __typename }","variables":[]}'],
    ['an unknown member', '{"query":"{ __typename }","queries":[]}'],
    ['__proto__ as a member', '{"query":"{ __typename }","__proto__":{"a":1}}'],
  ])('with %s is refused', async (_what, body) => {
    await expectRefused({ body }, 400, 'BAD_REQUEST');
  });

  it.each(['application/json', 'application/graphql'])(
    'of %s that is not UTF-8 is refused',
    async (type) => {
      const body = Buffer.from('{"query":"{ __typename }","extensions":{"a":"?"}}');
      body[body.indexOf('?')] = 0xff;
      const headers = { 'content-type': type };
      await expectRefused({ headers, body: new Uint8Array(body) }, 400, 'BAD_REQUEST');
    },
  );

  it.each([
    ['a byte order mark', '\ufeff{"query":"{ __typename }"}'],
    ['whitespace around it', ' \r\n\t{"query":"{ __typename }"}\n'],
    ['members that are null', '{"query":"{ __typename }","variables":null,"operationName":null}'],
    ['empty variables', '{"query":"{ __typename }","variables":{}}'],
    ['empty strings', '{"query":"{ __typename }","variables":"","operationName":""}'],
    ['extensions', '{"query":"{ __typename }","extensions":{"clientLibrary":{"name":"x"}}}'],
    ['an unknown member that is null', '{"query":"{ __typename }","id":null}'],
    [
      'a document beside the hash of a persisted query',
      '{"query":"{ __typename }","extensions":{"persistedQuery":{"version":1,"sha256Hash":"7f56e67dd21ab3f30d1ff8b7bed08893f0a0db86449836189b361dd1e56ddb4b"}}}',
    ],
  ])('with %s is accepted', async (_what, body) => {
    const response = await gateway.send({ body });
    expect([response.status, await response.json()]).toEqual([
      200,
      { data: { __typename: 'Query' } },
    ]);
  });

  it('with variables as a string of JSON is refused', async () => {
    const body = { query: '{ __typename }', variables: '{}' };
    await expectRefused({ body }, 400, 'BAD_REQUEST');
  });

  it('90,000 levels deep is read', async () => {
    const deep = `${'['.repeat(90_000)}${']'.repeat(90_000)}`;
    const body = `{"query":"{ __typename }","extensions":{"a":${deep}}}`;
    expect(await (await gateway.send({ body })).json()).toEqual({ data: { __typename: 'Query' } });
  });
});

describe('a body of type', () => {
  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'application/octet-stream',
    '',
  ])('"%s" is refused, because browsers send it for any page', async (type) => {
    const headers = { 'content-type': type };
    await expectRefused({ headers, body: { query: TRACK } }, 415, 'UNSUPPORTED_MEDIA_TYPE');
    const form = `query=${encodeURIComponent(TRACK)}`;
    await expectRefused({ headers, body: form }, 415, 'UNSUPPORTED_MEDIA_TYPE');
  });

  it('application/json may have a charset', async () => {
    const headers = { 'content-type': 'Application/JSON; charset=UTF-8' };
    const response = await gateway.send({ headers, body: { query: '{ __typename }' } });
    expect(response.status).toBe(200);
  });

  it('application/graphql is a document', async () => {
    const headers = { 'content-type': 'application/graphql' };
    const response = await gateway.send({ headers, body: '{ __typename }' });
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
  });

  it.each(['', 'identity', 'Identity', 'identity, identity', ' , identity ,'])(
    'application/json is accepted with Content-Encoding "%s"',
    async (encoding) => {
      const headers = { 'content-encoding': encoding };
      const response = await gateway.send({ headers, body: { query: '{ __typename }' } });
      expect(response.status).toBe(200);
    },
  );

  it.each(['gzip', 'identity, gzip', 'br', 'x'])(
    'application/json is refused with Content-Encoding %s',
    async (encoding) => {
      const headers = { 'content-encoding': encoding };
      await expectRefused({ headers, body: { query: TRACK } }, 415, 'UNSUPPORTED_MEDIA_TYPE');
    },
  );

  it('application/json is refused if it is compressed', async () => {
    const body = new Uint8Array(gzipSync(JSON.stringify({ query: TRACK })));
    const headers = { 'content-encoding': 'gzip' };
    await expectRefused({ headers, body }, 415, 'UNSUPPORTED_MEDIA_TYPE');
  });
});

describe('a GET request', () => {
  const get = (parameters: Record<string, string>): TestRequest => ({
    method: 'GET',
    path: `/graphql?${new URLSearchParams(parameters)}`,
  });

  it('may run a query', async () => {
    const query = 'query ($first: Int) { customers(first: $first) { edges { node { name } } } }';
    const response = await gateway.send(get({ query, variables: '{"first":1}' }));
    expect(await response.json()).toEqual({
      data: { customers: { edges: [{ node: { name: null } }] } },
    });
  });

  it('may not run a mutation', async () => {
    await expectRefused(get({ query: TRACK }), 405, 'BAD_REQUEST');
    expect((await gateway.send(get({ query: TRACK }))).headers.get('allow')).toBe('POST');
  });

  it('with malformed variables is refused', async () => {
    await expectRefused(get({ query: '{ __typename }', variables: '{' }), 400, 'BAD_REQUEST');
  });
});

describe('what an error says of a body', () => {
  const messageOf = async (body: string) => {
    const headers = { accept: 'application/graphql-response+json' };
    const response = await gateway.send({ body, headers });
    expect(response.status).toBe(400);
    return JSON.parse(await response.text()).errors[0].message;
  };

  it.each([
    ['"query":{}', '"query" must be a string, not an object.'],
    ['"query":12345678901234567890', '"query" must be a string, not a number.'],
    ['"query":"","variables":{}', 'The request has no operation: send its text as "query".'],
    ['"query":"{ a }","operationName":[]', '"operationName" must be a string, not a list.'],
    ['"query":"{ a }","operationName":1e400', '"operationName" must be a string, not a number.'],
    ['"query":"{ a }","variables":1e400', '"variables" must be an object, not a number.'],
    ['"query":"{ a }","variables":true', '"variables" must be an object, not a boolean.'],
    ['"query":"{ a }","extensions":[]', '"extensions" must be an object, not a list.'],
  ])('%s', async (members, message) => {
    expect(await messageOf(`{${members}}`)).toBe(message);
  });

  it.each(['{"a":😀}', '{"query":"{ a }","\\ud83d":1}', '{"query":"{ \\ud83d }"}', '😀'])(
    '%s has no half character',
    async (body) => {
      expect((await messageOf(body)).isWellFormed()).toBe(true);
    },
  );
});

describe('the hash of a persisted query without its document', () => {
  const extensions = {
    persistedQuery: { version: 1, sha256Hash: 'ecf4edb46db40b5132295c0291d62fb6' },
  };
  const refusal = {
    errors: [
      {
        message: 'PersistedQueryNotFound',
        extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' },
      },
    ],
  };

  it.each<[string, TestRequest]>([
    ['in a body', { body: { extensions } }],
    ['with a name and variables', { body: { operationName: 'A', variables: {}, extensions } }],
    ['with a document that is null', { body: { query: null, extensions } }],
    ['with a document that is empty', { body: { query: '', extensions } }],
    [
      'in a URL',
      {
        method: 'GET',
        path: `/graphql?extensions=${encodeURIComponent(JSON.stringify(extensions))}`,
      },
    ],
  ])('%s is answered so that clients send the document', async (_how, sent) => {
    for (const accept of ['application/json', 'application/graphql-response+json', '*/*']) {
      const response = await gateway.send({ ...sent, headers: { accept } });
      expect([response.status, await response.json()]).toEqual([200, refusal]);
      expect(response.headers.get('cache-control')).toContain('no-cache');
    }
  });

  it.each([{}, { persistedQuery: null }, { persistedQuery: 'x' }])(
    'is not found in the extensions %j',
    async (none) => {
      await expectRefused({ body: { extensions: none } }, 400, 'BAD_REQUEST');
    },
  );
});

describe('an Accept header without any type that is offered', () => {
  it.each(['text/html', 'text/event-stream', 'application/json;q=0'])(
    '%s is refused before anything runs',
    async (accept) => {
      const response = await gateway.send({ headers: { accept }, body: { query: TRACK } });
      expect(response.status).toBe(406);
      expect(await response.json()).toMatchObject({
        errors: [{ extensions: { code: 'NOT_ACCEPTABLE' } }],
      });
    },
  );
});

it.each(['PUT', 'DELETE', 'PATCH'])('the method %s is refused', async (method) => {
  await expectRefused({ method, body: { query: TRACK } }, 405, 'BAD_REQUEST');
  const { headers } = await gateway.send({ method, body: { query: TRACK } });
  expect(headers.get('allow')).toBe('GET, POST');
});
