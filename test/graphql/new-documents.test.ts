/** When a gateway starts, all its clients send documents that it has never read, at the same moment. */
import { getIntrospectionQuery } from 'graphql';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

const CLIENTS = 300;

let gateway: TestGateway;

beforeEach(async () => {
  gateway = await startTestGateway();
  await setUp(gateway, { features: [], customers: [{ customerId: 'acme' }], balances: [] });
});
afterEach(() => gateway.close());

/** A document of more than 1,024 characters. */
const long = (fields: string, variables = '') =>
  `query Customer${variables} { customer(customerId: "acme") { ${fields}
    # ${'A comment. '.repeat(100)}
  } }`;

const CONDITIONAL = long('customerId name @include(if: $named)', '($named: Boolean!)');

it.each([
  ['without conditions', long('customerId'), () => ({})],
  ['with conditions', CONDITIONAL, () => ({ named: true })],
  ['with conditions that differ', CONDITIONAL, (client: number) => ({ named: client % 2 === 0 })],
])('hundreds of clients with one long document %s are all answered', async (_how, query, of) => {
  const answers = Array.from({ length: CLIENTS }, async (_, client) => {
    const variables = of(client);
    const search = new URLSearchParams({ query, variables: JSON.stringify(variables) });
    // Without the network, all of them arrive in one turn of the event loop.
    const answer = await gateway.gateway.fetch(`http://tollgate/graphql?${search}`, {
      headers: { authorization: `Bearer ${gateway.secret}`, accept: 'application/json' },
    });
    const { data } = Object(await answer.json());
    expect(Object.keys(data?.customer ?? {})).toEqual(
      'named' in variables && variables.named ? ['customerId', 'name'] : ['customerId'],
    );
  });
  await Promise.all(answers);
});

it.each(['for the first time', 'again'])(
  'hundreds of clients that introspect %s are all answered',
  async (when) => {
    const { send } = gateway;
    const introspect = () => send({ body: { query: getIntrospectionQuery() } });
    if (when === 'again') await introspect();
    const search = new URLSearchParams({ query: getIntrospectionQuery() });
    const statuses = Array.from({ length: CLIENTS }, async () => {
      const { status } = await gateway.gateway.fetch(`http://tollgate/graphql?${search}`, {
        headers: { authorization: `Bearer ${gateway.secret}`, accept: 'application/json' },
      });
      return status;
    });
    expect(new Set(await Promise.all(statuses))).toEqual(new Set([200]));
  },
);
