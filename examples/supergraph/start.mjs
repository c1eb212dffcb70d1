/**
 * Starts the accounts subgraph, composes it with Tollgate and starts Hive Gateway on the result:
 *
 *     TOLLGATE_KEY=tg_sk_... npm start
 */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { startAccounts } from './accounts.js';
import { compose } from './compose.js';

const {
  TOLLGATE_KEY: key,
  TOLLGATE_URL: tollgate = 'http://127.0.0.1:4000/subgraph',
  ACCOUNTS_PORT = '4001',
  PORT = '4100',
} = process.env;

const supergraph = await compose([
  { name: 'accounts', url: await startAccounts(Number(ACCOUNTS_PORT)) },
  { name: 'tollgate', url: tollgate, key },
]);
// For other gateways, and to look at.
writeFileSync('supergraph.graphql', supergraph);

const gateway = createGatewayRuntime({
  supergraph,
  logging: 'error',
  propagateHeaders: {
    // Tollgate alone gets the key; a retry with the same Idempotency-Key is charged once.
    fromClientToSubgraphs: ({ request, subgraphName }) =>
      subgraphName.toLowerCase() === 'tollgate'
        ? {
            authorization: `Bearer ${key}`,
            'idempotency-key': request.headers.get('idempotency-key'),
          }
        : {},
  },
});

const server = createServer(gateway);
server.listen(Number(PORT), '127.0.0.1', () => {
  process.stdout.write(
    `The supergraph listens on http://127.0.0.1:${server.address().port}/graphql\n`,
  );
});
