/**
 * Hive Gateway, with the supergraph's file as its argument and settings as for apollo-gateway.mjs;
 * `PLANNER=router-runtime` plans with the Rust query planner, `RETRIES` is its `upstreamRetry`, `HMAC` its
 * secret for signatures.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { unifiedGraphHandler } from '@graphql-hive/router-runtime';

const { HEADERS = '', HMAC, KEY, PLANNER, PORT = '0', RETRIES = '0' } = process.env;
const passed = HEADERS.split(',').filter(Boolean);

/** Its own `propagateHeaders` passes them with the first attempt only: a repetition would have no key. */
function passHeaders({ executionRequest, options }) {
  const { headers } = executionRequest?.context?.request ?? {};
  const given = passed.map((name) => [name, headers?.get(name)]).filter(([, value]) => value);
  options.headers = {
    ...options.headers,
    ...Object.fromEntries(given),
    ...(KEY !== undefined && { authorization: `Bearer ${KEY}` }),
  };
}

const gateway = createGatewayRuntime({
  supergraph: readFileSync(process.argv[2], 'utf8'),
  logging: 'error',
  maskedErrors: false,
  ...(PLANNER === 'router-runtime' && { unifiedGraphHandler }),
  ...(RETRIES !== '0' && { upstreamRetry: { maxRetries: Number(RETRIES), retryDelay: 1 } }),
  ...(HMAC !== undefined && { hmacSignature: { secret: HMAC } }),
  plugins: () => [{ onFetch: passHeaders }],
});

const server = createServer(gateway);
server.listen(Number(PORT), '127.0.0.1', () => {
  process.stdout.write(`LISTENING http://127.0.0.1:${server.address().port}/graphql\n`);
});
// It ends with the process that has started it.
process.stdin.on('end', () => process.exit()).resume();
