import { expect, test } from 'vitest';
import type { TypedDocumentString } from '../gql/graphql.js';
import { TrackBalance } from '../operations/track-balance.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

/** As a typed client does it: the types of variables and answer come from the document. */
async function execute<Result, Variables extends Record<string, unknown>>(
  gateway: TestGateway,
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
): Promise<Result> {
  const { data, errors } = await gateway.execute(document.toString(), variables);
  expect(errors).toEqual([]);
  return data;
}

test('a client with generated types tracks usage', async () => {
  const gateway = await startTestGateway();
  try {
    await setUp(gateway, {
      features: [{ featureId: 'messages' }],
      customers: [{ customerId: 'acme' }],
      balances: [{ customerId: 'acme', featureId: 'messages', granted: 100 }],
    });
    const { trackBalance } = await execute(gateway, TrackBalance, {
      input: { customerId: 'acme', featureId: 'messages', value: 23.47 },
    });
    if (trackBalance.__typename !== 'TrackBalancePayload') throw new Error(trackBalance.message);
    expect(trackBalance.balance?.remaining).toBe(76.53);
  } finally {
    await gateway.close();
  }
});
