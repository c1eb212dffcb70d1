/** Customers created through the API, for a database that only the gateway can access. */
import { customerId } from '../requests.js';
import { API_CALLS, GRANTED } from './families.js';

const AT_ONCE = 64;

/** Creates the feature, and plain customers with a monthly balance each. */
export async function fillOverHttp(port: number, secret: string, count: number): Promise<void> {
  const run = caller(port, secret);
  await run('createFeature', 'FeaturesCreateInput', {
    featureId: API_CALLS,
    name: API_CALLS,
    type: 'CONSUMABLE',
  });
  let next = 0;
  const work = async () => {
    while (next < count) {
      const id = customerId('plain', next);
      next += 1;
      await run('createCustomer', 'CustomersCreateInput', { customerId: id });
      await run('createBalance', 'BalancesCreateInput', {
        customerId: id,
        featureId: API_CALLS,
        granted: GRANTED,
        resetInterval: 'MONTH',
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

function caller(port: number, secret: string) {
  return async (mutation: string, inputType: string, input: object): Promise<void> => {
    const query = `mutation ($input: ${inputType}!) {
      ${mutation}(input: $input) { __typename ... on Error { message } }
    }`;
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
      body: JSON.stringify({ query, variables: { input } }),
    });
    const text = await response.text();
    if (!text.includes('Payload"')) throw new Error(`${mutation} failed: ${text}`);
  };
}
