/** The subgraph of another team: people, and the customer that each of them belongs to. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createSchema, createYoga } from 'graphql-yoga';

const USERS = [
  { id: '1', name: 'Ada', customerId: 'acme' },
  { id: '2', name: 'Grace', customerId: 'acme' },
];
const CUSTOMERS = [{ customerId: 'acme', company: 'Acme Inc.' }];

const SDL = readFileSync(new URL('accounts.graphql', import.meta.url), 'utf8');

/** What a gateway needs besides; libraries for subgraphs add the same. */
const FEDERATION = `
  scalar _Any
  scalar FieldSet
  directive @link(url: String!, import: [String!]) repeatable on SCHEMA
  directive @key(fields: FieldSet!) repeatable on OBJECT
  union _Entity = User | Customer
  type _Service { sdl: String! }
  extend type Query {
    _service: _Service!
    _entities(representations: [_Any!]!): [_Entity]!
  }
`;

const userBy = (id) => USERS.find((user) => user.id === id) ?? null;
const customerBy = (customerId) =>
  CUSTOMERS.find((customer) => customer.customerId === customerId) ?? null;

const resolvers = {
  Query: {
    users: () => USERS,
    user: (_root, { id }) => userBy(id),
    _service: () => ({ sdl: SDL }),
    _entities: (_root, { representations }) =>
      representations.map((representation) =>
        representation.__typename === 'User'
          ? userBy(representation.id)
          : customerBy(representation.customerId),
      ),
  },
  // The key is enough: the gateway asks Tollgate for the rest.
  User: { usage: ({ customerId }) => ({ customerId }) },
  Customer: {
    company: ({ customerId }) => customerBy(customerId)?.company ?? customerId,
    users: ({ customerId }) => USERS.filter((user) => user.customerId === customerId),
  },
  _Entity: { __resolveType: (entity) => ('id' in entity ? 'User' : 'Customer') },
};

export function startAccounts(port) {
  const schema = createSchema({ typeDefs: [SDL, FEDERATION], resolvers });
  const server = createServer(createYoga({ schema, logging: false }));
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${server.address().port}/graphql`),
    );
  });
}
