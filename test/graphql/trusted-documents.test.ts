/** TRUSTED_DOCUMENTS: which requests may give the id of a document, and which must (ADR 34). */
import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrustedDocumentsMode } from '../../src/config/trusted-documents-settings.js';
import { sha256Hex } from '../../src/platform/digest.js';
import {
  startTestGateway,
  type TestGateway,
  type TestRequest,
} from '../support/gateway/gateway.js';

const NAME = 'query Name($id: String!) { customer(customerId: $id) { customerId } }';
const TYPE = '{ __typename }';
const RENAME = `mutation Rename($name: String) {
  updateCustomer(input: { customerId: "acme", name: $name }) { __typename } }`;
const TWO = 'query A { a: __typename } query B { b: __typename }';
const OTHER = '{ other: __typename }';

const MANIFEST = new Map([
  [`sha256:${sha256Hex(NAME)}`, NAME],
  ['type', TYPE],
  ['rename', RENAME],
  ['two', TWO],
  ['__proto__', '{ proto: __typename }'],
]);

const gateways = new Map<TrustedDocumentsMode, TestGateway>();
const gatewayIn = (mode: TrustedDocumentsMode) => {
  const gateway = gateways.get(mode);
  if (gateway === undefined) throw new Error(`no gateway is in the mode ${mode}`);
  return gateway;
};
const MODES = ['off', 'allow', 'enforce'] as const;

beforeAll(async () => {
  for (const trustedDocuments of MODES) {
    gateways.set(
      trustedDocuments,
      await startTestGateway({ trustedDocuments, manifest: MANIFEST }),
    );
  }
});
afterAll(async () => {
  for (const gateway of gateways.values()) await gateway.close();
});

const hashed = (sha256Hash: unknown, version: unknown = 1) => ({
  extensions: { persistedQuery: { version, sha256Hash } },
});
const byGet = (parameters: Record<string, string>): TestRequest => ({
  method: 'GET',
  path: `/graphql?${new URLSearchParams(parameters)}`,
});
const body = (members: object): TestRequest => ({ body: members });

const DATA = '200 data';
const TEXT_NEEDED = '200 PERSISTED_QUERY_NOT_SUPPORTED';
const REGISTER = '200 PERSISTED_QUERY_NOT_FOUND';
const UNKNOWN = '404 PERSISTED_DOCUMENT_NOT_FOUND';
const UNTRUSTED = '403 PERSISTED_DOCUMENT_ID_REQUIRED';
const MISMATCH = '400 PERSISTED_QUERY_MISMATCH';
const BAD = '400 BAD_REQUEST';
const BY_GET = '405 BAD_REQUEST';

type Row = readonly [
  what: string,
  request: TestRequest,
  off: string,
  allow: string,
  enforce: string,
];

const ROWS: readonly Row[] = [
  ['a text', body({ query: OTHER }), DATA, DATA, UNTRUSTED],
  ['a text that is in the manifest', body({ query: TYPE }), DATA, DATA, DATA],
  ['a trusted text with a space more', body({ query: `${TYPE} ` }), DATA, DATA, UNTRUSTED],
  ['a text by GET', byGet({ query: OTHER }), DATA, DATA, UNTRUSTED],
  [
    'a text as application/graphql',
    { headers: { 'content-type': 'application/graphql' }, body: OTHER },
    DATA,
    DATA,
    UNTRUSTED,
  ],
  ['introspection', body({ query: getIntrospectionQuery() }), DATA, DATA, UNTRUSTED],
  ['an id', body({ documentId: 'type' }), UNKNOWN, DATA, DATA],
  ['an id by GET', byGet({ documentId: 'type' }), UNKNOWN, DATA, DATA],
  [
    'an id with variables',
    body({ documentId: `sha256:${sha256Hex(NAME)}`, variables: { id: 'x' } }),
    UNKNOWN,
    DATA,
    DATA,
  ],
  [
    'an id without its prefix',
    body({ documentId: sha256Hex(NAME), variables: { id: 'x' } }),
    UNKNOWN,
    DATA,
    DATA,
  ],
  [
    'an id in capitals',
    body({ documentId: sha256Hex(NAME).toUpperCase() }),
    UNKNOWN,
    UNKNOWN,
    UNKNOWN,
  ],
  [
    'an id of a document with two operations',
    body({ documentId: 'two', operationName: 'B' }),
    UNKNOWN,
    DATA,
    DATA,
  ],
  [
    'such an id without a name',
    body({ documentId: 'two' }),
    UNKNOWN,
    '400 OPERATION_RESOLUTION_FAILURE',
    '400 OPERATION_RESOLUTION_FAILURE',
  ],
  ['an id and its text', body({ documentId: 'type', query: TYPE }), UNKNOWN, DATA, DATA],
  ['an id and another text', body({ documentId: 'type', query: OTHER }), UNKNOWN, BAD, BAD],
  ['an unknown id', body({ documentId: 'nothing' }), UNKNOWN, UNKNOWN, UNKNOWN],
  [
    'an unknown id with a text',
    body({ documentId: 'nothing', query: TYPE }),
    UNKNOWN,
    UNKNOWN,
    UNKNOWN,
  ],
  [
    'a text with half a character, and the hash of the text with U+FFFD in its place',
    body({ query: `${OTHER}#\ud800`, ...hashed(sha256Hex(`${OTHER}#\ufffd`)) }),
    '200 GRAPHQL_PARSE_FAILED',
    MISMATCH,
    UNTRUSTED,
  ],
  ['an id that is a number', body({ documentId: 1 }), BAD, BAD, BAD],
  ['an id that is a list', body({ documentId: ['type'] }), BAD, BAD, BAD],
  ['an id that is empty', body({ documentId: '' }), BAD, BAD, BAD],
  ['the id constructor', body({ documentId: 'constructor' }), UNKNOWN, UNKNOWN, UNKNOWN],
  ['the id toString', body({ documentId: 'toString' }), UNKNOWN, UNKNOWN, UNKNOWN],
  [
    'the id __proto__, which is in the manifest',
    body({ documentId: '__proto__' }),
    UNKNOWN,
    DATA,
    DATA,
  ],
  ['the hash constructor', body(hashed('constructor')), TEXT_NEEDED, REGISTER, UNKNOWN],
  ['a mutation by its id', body({ documentId: 'rename' }), UNKNOWN, DATA, DATA],
  ['a mutation by its id by GET', byGet({ documentId: 'rename' }), UNKNOWN, BY_GET, BY_GET],
  ['a list of requests', body([{ documentId: 'type' }]), BAD, BAD, BAD],
  [
    'a hash of the manifest',
    body({ ...hashed(sha256Hex(NAME)), variables: { id: 'x' } }),
    TEXT_NEEDED,
    DATA,
    DATA,
  ],
  [
    'such a hash with its prefix',
    body({ ...hashed(`sha256:${sha256Hex(NAME)}`), variables: { id: 'x' } }),
    TEXT_NEEDED,
    DATA,
    DATA,
  ],
  [
    'the hash of a document with another id',
    body(hashed(sha256Hex(TYPE))),
    TEXT_NEEDED,
    DATA,
    DATA,
  ],
  ['an id as the hash', body(hashed('type')), TEXT_NEEDED, DATA, DATA],
  ['an unknown hash', body(hashed(sha256Hex('{ nothing }'))), TEXT_NEEDED, REGISTER, UNKNOWN],
  [
    'a hash with another text',
    body({ ...hashed(sha256Hex(TYPE)), query: OTHER }),
    DATA,
    MISMATCH,
    UNTRUSTED,
  ],
  [
    'a hash with another trusted text',
    body({ ...hashed(sha256Hex(NAME)), query: TYPE }),
    DATA,
    MISMATCH,
    MISMATCH,
  ],
  [
    'a hash in capitals',
    body({ ...hashed(sha256Hex(OTHER).toUpperCase()), query: OTHER }),
    DATA,
    MISMATCH,
    UNTRUSTED,
  ],
  ['a hash of another version', body({ ...hashed('a', 2), query: OTHER }), BAD, BAD, BAD],
  ['a hash that is a number', body(hashed(1)), BAD, BAD, BAD],
  ['a persisted query without a hash', body(hashed(null)), BAD, BAD, BAD],
  ['neither a text nor an id', body({ variables: {} }), BAD, BAD, BAD],
];

async function outcomeOf(mode: TrustedDocumentsMode, request: TestRequest): Promise<string> {
  const response = await gatewayIn(mode).send(request);
  const { data, errors } = JSON.parse(await response.text());
  return `${response.status} ${data ? 'data' : errors[0].extensions.code}`;
}

describe.each(MODES)('with TRUSTED_DOCUMENTS=%s,', (mode) => {
  it.each(ROWS)('%s is answered as it says', async (_what, request, ...outcomes) => {
    expect(await outcomeOf(mode, request)).toBe(outcomes[MODES.indexOf(mode)]);
  });
});

describe('a query that a client registers under its hash', () => {
  const query = '{ registered: __typename }';
  const hash = sha256Hex(query);

  it('is found by that hash from then on, in its own project', async () => {
    const { foreignSecret } = gatewayIn('allow');
    const foreign = { headers: { authorization: `Bearer ${foreignSecret}` } };
    expect(await outcomeOf('allow', body(hashed(hash)))).toBe(REGISTER);
    expect(await outcomeOf('allow', body({ ...hashed(hash), query }))).toBe(DATA);
    expect(await outcomeOf('allow', body(hashed(hash)))).toBe(DATA);
    const extensions = JSON.stringify(hashed(hash).extensions);
    expect(await outcomeOf('allow', byGet({ extensions }))).toBe(DATA);
    expect(await outcomeOf('allow', { ...foreign, ...body(hashed(hash)) })).toBe(REGISTER);
    expect(await outcomeOf('allow', body({ documentId: hash }))).toBe(UNKNOWN);
  });

  it('is not registered where it may not be executed', async () => {
    for (const mode of ['off', 'enforce'] as const) {
      const before = await outcomeOf(mode, body(hashed(hash)));
      await outcomeOf(mode, body({ ...hashed(hash), query }));
      expect(await outcomeOf(mode, body(hashed(hash)))).toBe(before);
    }
  });

  it('is not registered if it is a mutation that is refused by GET, but by POST', async () => {
    const extensions = JSON.stringify(hashed(sha256Hex(RENAME)).extensions);
    expect(await outcomeOf('allow', byGet({ extensions, query: RENAME }))).toBe(BY_GET);
  });

  it('is requested with exactly the message, status and headers that clients expect', async () => {
    for (const accept of ['application/json', 'application/graphql-response+json', '*/*']) {
      const response = await gatewayIn('allow').send({
        ...body(hashed('ab')),
        headers: { accept },
      });
      expect([response.status, await response.json()]).toEqual([
        200,
        {
          errors: [
            {
              message: 'PersistedQueryNotFound',
              extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' },
            },
          ],
        },
      ]);
      expect(response.headers.get('cache-control')).toContain('no-cache');
    }
  });
});
