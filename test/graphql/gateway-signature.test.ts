/** `GATEWAY_HMAC_SECRET`: `/subgraph` only answers requests that a gateway has signed; the key is checked nevertheless. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wallClockMs } from '../../src/platform/clock.js';
import { DEFAULT_PREFIXES } from '../../src/schema/subgraph/names.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';

const SECRET = 'a-secret-of-at-least-32-characters';
const NEXT = 'the-secret-that-is-to-replace-it-soon';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({
    subgraph: { ...DEFAULT_PREFIXES, hmacSecrets: [SECRET, NEXT] },
  });
});
afterAll(() => gateway.close());

interface Sent {
  readonly body: string;
  readonly signature?: string | undefined;
  readonly headers?: Record<string, string>;
  readonly path?: string;
  readonly method?: string;
}

async function send({ body, signature, headers, path = '/subgraph', method = 'POST' }: Sent) {
  const response = await gateway.send({
    path,
    method,
    ...(method === 'POST' && { body }),
    headers: { ...headers, ...(signature !== undefined && { 'tollgate-signature': signature }) },
  });
  const { data, errors } = JSON.parse(await response.text());
  return { status: response.status, data, code: errors?.[0]?.extensions.code };
}

const BODY = JSON.stringify({ query: '{ __typename }' });

const secondsFromNow = (seconds: number) => Math.floor(wallClockMs() / 1_000) + seconds;

const hmac = (text: string, secret = SECRET) => createHmac('sha256', secret).update(text);

function headerFor(body: string, { at = secondsFromNow(0), secret = SECRET } = {}): string {
  return `t=${at},v1=${hmac(`${at}.${body}`, secret).digest('hex')}`;
}

/** As Hive Gateway sends it: of the query and the variables, with their members in order. */
function signedByHive(
  query: string,
  variables: object | undefined,
  ordered: string,
  secret = SECRET,
) {
  const signature = hmac(ordered, secret).digest('base64');
  return JSON.stringify({ query, variables, extensions: { 'hmac-signature': signature } });
}

/** The hash is not signed, so that another one could take its place. */
function signedHash(): string {
  const signature = hmac('{"query":null}').digest('base64');
  const persistedQuery = { version: 1, sha256Hash: 'ab' };
  return JSON.stringify({ extensions: { 'hmac-signature': signature, persistedQuery } });
}

const ANSWERED = { status: 200, data: { __typename: 'Query' }, code: undefined };
const refused = (code: string) => ({
  status: 403,
  data: undefined,
  code: `GATEWAY_SIGNATURE_${code}`,
});

describe('a signature in the header', () => {
  it.each([
    ['now', () => headerFor(BODY)],
    ['almost five minutes ago', () => headerFor(BODY, { at: secondsFromNow(-290) })],
    ['by a clock that is ahead', () => headerFor(BODY, { at: secondsFromNow(290) })],
    ['with the second secret', () => headerFor(BODY, { secret: NEXT })],
  ])('is accepted if made %s', async (_when, signature) => {
    expect(await send({ body: BODY, signature: signature() })).toEqual(ANSWERED);
  });

  it.each<[string, string, () => string | undefined]>([
    ['is absent', 'MISSING', () => undefined],
    [
      'is more than five minutes old',
      'EXPIRED',
      () => headerFor(BODY, { at: secondsFromNow(-302) }),
    ],
    ['is of a time to come', 'EXPIRED', () => headerFor(BODY, { at: secondsFromNow(302) })],
    ['is of another body', 'INVALID', () => headerFor(`${BODY} `)],
    ['is by another secret', 'INVALID', () => headerFor(BODY, { secret: `${SECRET}.` })],
    [
      'is of another time',
      'INVALID',
      () => headerFor(BODY).replace(/t=\d+/, `t=${secondsFromNow(9)}`),
    ],
    [
      'is of the body alone',
      'INVALID',
      () => `t=${secondsFromNow(0)},v1=${hmac(BODY).digest('hex')}`,
    ],
    [
      'is in capitals',
      'INVALID',
      () => headerFor(BODY).replace(/v1=.*/, (digits) => digits.toUpperCase()),
    ],
    ['is too short', 'INVALID', () => headerFor(BODY).slice(0, -2)],
    ['was sent twice', 'INVALID', () => `${headerFor(BODY)}, ${headerFor(BODY)}`],
    ['is empty', 'INVALID', () => ''],
    ['has no time', 'INVALID', () => `v1=${hmac(`.${BODY}`).digest('hex')}`],
    ['has a negative time', 'INVALID', () => headerFor(BODY).replace('t=', 't=-')],
  ])('that %s is answered with its code', async (_what, code, signature) => {
    expect(await send({ body: BODY, signature: signature() })).toEqual(refused(code));
  });

  it('is checked before the body is parsed', async () => {
    const signature = headerFor(BODY);
    expect(await send({ body: '{', signature })).toEqual(refused('INVALID'));
  });

  it('does not replace the key', async () => {
    const headers = { authorization: `Bearer ${gateway.secret.slice(0, -1)}` };
    const answer = await send({ body: BODY, signature: headerFor(BODY), headers });
    expect(answer).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
  });
});

describe("Hive Gateway's signature", () => {
  const QUERY = 'query ($b: Boolean!, $a: Boolean!) { __typename @include(if: $b) @skip(if: $a) }';
  const DEEP = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
  const VARIABLES = { b: true, a: false };
  const ORDERED = JSON.stringify({ query: QUERY, variables: { a: false, b: true } });

  it.each([
    ['with variables', () => signedByHive(QUERY, VARIABLES, ORDERED)],
    ['with the second secret', () => signedByHive(QUERY, VARIABLES, ORDERED, NEXT)],
    ['without variables', () => signedByHive('{ __typename }', undefined, BODY)],
    ['with no variable', () => signedByHive('{ __typename }', {}, BODY)],
  ])('is accepted %s', async (_what, body) => {
    expect(await send({ body: body() })).toEqual(ANSWERED);
  });

  it.each<[string, string, string]>([
    ['of another query', 'INVALID', signedByHive('{ a: __typename }', undefined, BODY)],
    ['of other variables', 'INVALID', signedByHive(QUERY, { b: true, a: true }, ORDERED)],
    ['by another secret', 'INVALID', signedByHive('{ __typename }', undefined, BODY, `${SECRET}.`)],
    [
      'that is not a text',
      'INVALID',
      '{"query":"{ __typename }","extensions":{"hmac-signature":1}}',
    ],
    ['that is empty', 'INVALID', '{"query":"{ __typename }","extensions":{"hmac-signature":""}}'],
    ['that is null', 'INVALID', '{"query":"{ __typename }","extensions":{"hmac-signature":null}}'],
    ['that is missing', 'MISSING', '{"query":"{ __typename }","extensions":{}}'],
    [
      'of the prototype',
      'MISSING',
      '{"query":"{ __typename }","extensions":{"__proto__":{"hmac-signature":"a"}}}',
    ],
    ['of a hash in place of a query', 'INVALID', signedHash()],
    [
      'of values nested deep',
      'INVALID',
      signedByHive(QUERY, { a: DEEP }, ORDERED).replace(`"${DEEP}"`, DEEP),
    ],
  ])('%s is answered with its code', async (_what, code, body) => {
    expect(await send({ body })).toEqual(refused(code));
  });

  it('is not of the header, and the other way round', async () => {
    const at = secondsFromNow(0);
    const body = signedByHive('{ __typename }', undefined, `${at}.${BODY}`);
    expect(await send({ body })).toEqual(refused('INVALID'));
  });
});

describe('with a secret', () => {
  it('GET is refused, because it cannot be signed', async () => {
    const search = '?query=%7B__typename%7D';
    const answer = await send({ body: '', method: 'GET', path: `/subgraph${search}` });
    expect(answer).toMatchObject({ status: 405, code: 'BAD_REQUEST' });
  });

  it('/graphql needs no signature', async () => {
    expect(await send({ body: BODY, path: '/graphql' })).toEqual(ANSWERED);
  });
});
