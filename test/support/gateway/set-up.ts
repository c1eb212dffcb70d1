/** Creates the initial data of a suite through the API. */
import { expect } from 'vitest';
import type { TestGateway } from './gateway.js';

export interface SetUp {
  readonly features: readonly TestFeature[];
  readonly customers: readonly { readonly customerId: string; readonly entities?: string[] }[];
  /** Each as `BalancesCreateInput`. */
  readonly balances: readonly Record<string, unknown>[];
}

/** As `FeaturesCreateInput`; by default, the name is the id and the type is CONSUMABLE. */
interface TestFeature {
  readonly featureId: string;
  readonly type?: string;
  readonly eventNames?: readonly string[];
  readonly creditCosts?: readonly TestCost[];
}

interface TestCost {
  readonly featureId: string;
  readonly cost: number;
  readonly where?: Readonly<Record<string, unknown>>;
}

export async function setUp(
  gateway: Pick<TestGateway, 'execute' | 'secret'>,
  { features, customers, balances }: SetUp,
  secret = gateway.secret,
): Promise<void> {
  const run = async (mutation: string, inputType: string, input: object) => {
    const document = `mutation ($input: ${inputType}!) { ${mutation}(input: $input) {
      __typename ... on Error { message } ... on InvalidInputError { issues { path rule } }
    } }`;
    const { data, errors } = await gateway.execute(document, { input }, secret);
    const payload = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Payload`;
    expect({ data, errors }).toEqual({ data: { [mutation]: { __typename: payload } }, errors: [] });
  };
  for (const feature of features) {
    const input = { name: feature.featureId, type: 'CONSUMABLE', ...feature };
    await run('createFeature', 'FeaturesCreateInput', input);
  }
  for (const { customerId, entities = [] } of customers) {
    await run('createCustomer', 'CustomersCreateInput', { customerId });
    for (const entityId of entities) {
      await run('createEntity', 'EntitiesCreateInput', { customerId, entityId });
    }
  }
  for (const input of balances) await run('createBalance', 'BalancesCreateInput', input);
}
