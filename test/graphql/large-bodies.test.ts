/** Bodies that would take long to read are refused before they are, with what is too much of it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

const withVariable = (text: string) => `{"query":"{ __typename }","variables":{"v":${text}}}`;

const list = (count: number, item: (n: number) => string) =>
  `[${Array.from({ length: count }, (_, n) => item(n))}]`;

it.each([
  ['many values', list(99_000, () => '1')],
  ['long strings that look like many', JSON.stringify('[,{'.repeat(100_000))],
  ['many long numbers', list(4_000, (n) => `1.234567890123456789${n}`)],
])('%s are read', async (_what, text) => {
  const response = await gateway.send({ body: withVariable(text) });
  expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
});

it.each([
  ['values', list(100_001, () => '1'), /contains more than 100000 values/],
  ['nested lists', '['.repeat(500_000) + ']'.repeat(500_000), /contains more than 100000 values/],
  ['nested lists that do not end', '['.repeat(500_000), /contains more than 100000 values/],
  ['long numbers', list(6_000, (n) => `1.234567890123456789${n}`), /^More than 5000 numbers have/],
])('too many %s are refused', async (_what, text, message) => {
  const response = await gateway.send({ body: withVariable(text) });
  expect(response.status).toBe(413);
  const { errors } = await response.json();
  expect(errors).toMatchObject([{ extensions: { code: 'REQUEST_TOO_LARGE' } }]);
  expect(errors[0].message).toMatch(message);
});
