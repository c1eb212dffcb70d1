/** The status, the headers and the body of a result. */
import type { ExecutionResult } from 'graphql';
import { GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';
import { encode } from '../../src/http/encode.js';
import { protocolError } from '../../src/http/errors.js';

const UNAVAILABLE = protocolError('DATABASE_UNAVAILABLE');
const UNAUTHENTICATED = protocolError('UNAUTHENTICATED');
const NOT_VALID = protocolError('GRAPHQL_VALIDATION_FAILED');
const PLAIN = new GraphQLError('plain');

const errors = (...list: GraphQLError[]) => list;

describe('the status', () => {
  it.each<[string, number, ExecutionResult]>([
    ['of an answer', 200, { data: { a: 1 } }],
    ['of an answer beside an error', 200, { data: { a: 1, b: null }, errors: [UNAVAILABLE] }],
    ['of nothing but errors', 503, { data: { a: null }, errors: [UNAVAILABLE] }],
    ['of no data', 503, { errors: [UNAVAILABLE] }],
    ['of data of null', 503, { data: null, errors: [UNAVAILABLE] }],
    ['of a batch with one answer', 200, { data: { a: [null, {}] }, errors: [UNAVAILABLE] }],
    ['of a batch with none', 503, { data: { a: [null, null] }, errors: [UNAVAILABLE] }],
    ['of an empty list', 200, { data: { a: [] }, errors: [UNAVAILABLE] }],
    ['of errors without a status', 200, { data: { a: null }, errors: [PLAIN] }],
    ['is the highest', 503, { errors: errors(UNAVAILABLE, UNAUTHENTICATED, PLAIN) }],
    ['is the highest in any order', 503, { errors: errors(PLAIN, UNAUTHENTICATED, UNAVAILABLE) }],
  ])('%s is %i', (_what, status, result) => {
    expect(encode(result, 'application/json', 10_000).status).toBe(status);
  });

  it('of an invalid document depends on what the client accepts', () => {
    const statusIn = (type: Parameters<typeof encode>[1]) =>
      encode({ errors: [NOT_VALID] }, type, 10_000).status;
    expect(statusIn('application/json')).toBe(200);
    expect(statusIn('application/graphql-response+json')).toBe(400);
  });
});

it('the headers of all errors are sent, but none with an answer', () => {
  const both = errors(UNAVAILABLE, UNAUTHENTICATED);
  expect(encode({ errors: both }, 'application/json', 10_000).headers).toMatchObject({
    'Retry-After': '1',
    'WWW-Authenticate': 'Bearer',
  });
  const { headers } = encode({ data: { a: 1 }, errors: both }, 'application/json', 10_000);
  expect(Object.keys(headers).sort()).toEqual(['Content-Length', 'Content-Type']);
});

it('the extensions of an error do not contain its status and headers', () => {
  const { body } = encode({ errors: errors(UNAVAILABLE, PLAIN) }, 'application/json', 10_000);
  expect(JSON.parse(String(body))).toEqual({
    errors: [
      {
        message: UNAVAILABLE.message,
        extensions: { code: 'DATABASE_UNAVAILABLE', retryable: true },
      },
      { message: 'plain' },
    ],
  });
});

it('a result of exactly the maximum size is sent, and one a byte larger is not', () => {
  const result = { data: { a: 'é' } };
  const bytes = Buffer.byteLength(JSON.stringify(result));
  expect(encode(result, 'application/json', bytes).body).toBe(JSON.stringify(result));
  const { body } = encode(result, 'application/json', bytes - 1);
  expect(JSON.parse(String(body))).toMatchObject({
    errors: [{ extensions: { code: 'RESULT_TOO_LARGE' } }],
  });
});
