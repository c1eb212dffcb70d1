/** Gateways that sign what they send, and a Tollgate that answers nothing else: as docs/federation.md describes it. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Graph } from '../support/federation/graph.js';
import { GATEWAYS } from '../support/federation/programs.js';
import { startGraph } from '../support/federation/started-graph.js';
import { setUp } from '../support/gateway/set-up.js';

const SECRET = 'a-secret-that-the-gateway-shares-with-tollgate';
const PAGE = new URL('../../docs/federation.md', import.meta.url);

let graph: Graph;
let folder: string;
/** How each kind of gateway is told to sign. */
let signing: Record<string, NodeJS.ProcessEnv>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tollgate-signatures-'));
  const [, code = ''] =
    /```js\n(import \{ createHmac.*?)```/s.exec(await readFile(PAGE, 'utf8')) ?? [];
  const file = join(folder, 'signed-fetch.mjs');
  await writeFile(file, code);
  signing = {
    'hive-gateway.mjs': { HMAC: SECRET },
    'apollo-gateway.mjs': { FETCHER: pathToFileURL(file).href, GATEWAY_HMAC_SECRET: SECRET },
  };
  graph = await startGraph({ userIds: ['acme'], settings: { GATEWAY_HMAC_SECRET: SECRET } });
  await setUp(graph, {
    features: [{ featureId: 'api' }],
    customers: [{ customerId: 'acme' }],
    balances: [{ customerId: 'acme', featureId: 'api', granted: 100 }],
  });
});
afterAll(async () => {
  await graph?.stop();
  await rm(folder, { recursive: true });
});

const QUERY = '{ users { name usage { createdAt balance(featureId: "api") { granted } } } }';
const TRACK = `mutation ($input: TollgateBalancesTrackInput!) {
  trackBalance(input: $input) { ... on TollgateTrackBalancePayload { value } }
}`;

describe.each(Object.entries(GATEWAYS))('%s', (name, { file }) => {
  it('is answered if it signs', async () => {
    const gateway = await graph.gateway(name, signing[file]);
    expect(await gateway.send(QUERY)).toMatchObject({
      data: { users: [{ name: 'User acme', usage: { balance: { granted: 100 } } }] },
      errors: [],
    });
    const input = {
      customerId: 'acme',
      featureId: 'api',
      properties: { b: [1, 'ü', null], a: {} },
    };
    const { data, errors } = await gateway.send(TRACK, { input });
    expect({ data, errors }).toEqual({ data: { trackBalance: { value: 1 } }, errors: [] });
    await gateway.stop();
  });

  it('is refused if it does not', async () => {
    const gateway = await graph.gateway(name);
    const { data, errors } = await gateway.send(QUERY);
    expect(data?.users).toEqual([{ name: 'User acme', usage: null }]);
    // Apollo Gateway says FORBIDDEN, with Tollgate's answer in it.
    expect(errors).toHaveLength(1);
    expect(JSON.stringify(errors)).toContain('"code":"GATEWAY_SIGNATURE_MISSING"');
    await gateway.stop();
  });
});
