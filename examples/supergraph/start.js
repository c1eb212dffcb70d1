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

const accounts = await startAccounts(Number(ACCOUNTS_PORT));
const supergraph = await compose([
  { name: 'accounts', url: accounts },
  { name: 'tollgate', url: tollgate, key },
]).catch(({ message }) => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
});
// For other gateways, and to look at.
writeFileSync('supergraph.graphql', supergraph);

/**
 * Tollgate alone gets the key, and the client's Idempotency-Key. As a plugin, because `propagateHeaders` passes headers with the
 * first attempt only, and a repetition needs the same key.
 */
function passHeaders({ executionRequest, options }) {
  if (executionRequest?.subgraphName?.toLowerCase() !== 'tollgate') return;
  const idempotencyKey = executionRequest.context?.request?.headers.get('idempotency-key');
  options.headers = {
    ...options.headers,
    authorization: `Bearer ${key}`,
    ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
  };
}

const gateway = createGatewayRuntime({
  supergraph,
  logging: 'error',
  plugins: () => [{ onFetch: passHeaders }],
});

const server = createServer(gateway);
server.listen(Number(PORT), '127.0.0.1', () => {
  process.stdout.write(
    `The supergraph listens on http://127.0.0.1:${server.address().port}/graphql\n`,
  );
});
