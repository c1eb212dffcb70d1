/** The accounts subgraph of examples/supergraph with as many users as a test needs; each is a customer of the same id. */
import { readFileSync } from 'node:fs';
import { buildASTSchema, concatAST, type GraphQLSchema, parse } from 'graphql';

/** What composition reads. */
export const ACCOUNTS_SDL = readFileSync(
  new URL('../../../examples/supergraph/accounts.graphql', import.meta.url),
  'utf8',
);

const FEDERATION = `
  scalar _Any
  union _Entity = User | Customer
  extend type Query { _entities(representations: [_Any!]!): [_Entity]! }
`;

interface Representation {
  readonly __typename: string;
  readonly id?: string;
  readonly customerId?: string;
}

export function accountsSchema(userIds: readonly string[]): GraphQLSchema {
  const customer = (customerId: string) => ({
    __typename: 'Customer',
    customerId,
    company: `Company of ${customerId}`,
    users: () => [user(customerId)],
  });
  const user = (id: string): object => ({
    __typename: 'User',
    id,
    name: `User ${id}`,
    usage: () => customer(id),
  });
  const fields: Record<string, (args: Record<string, unknown>) => unknown> = {
    users: () => userIds.map(user),
    user: ({ id }) => (userIds.includes(String(id)) ? user(String(id)) : null),
    _entities: ({ representations }) =>
      (representations as readonly Representation[]).map(({ __typename, id, customerId }) =>
        __typename === 'User' ? user(id ?? '') : customer(customerId ?? ''),
      ),
  };
  const schema = buildASTSchema(concatAST([parse(ACCOUNTS_SDL), parse(FEDERATION)]), {
    assumeValidSDL: true,
  });
  for (const field of Object.values(schema.getQueryType()?.getFields() ?? {})) {
    const resolve = fields[field.name];
    if (resolve !== undefined) field.resolve = (_root, args) => resolve(args);
  }
  return schema;
}
