/** A graph on a Tollgate that runs already: accounts, and a gateway of each kind. */
import { readFileSync } from 'node:fs';
import type { TestGateway, TestResult } from '../gateway/gateway.js';
import { ACCOUNTS_SDL, accountsSchema } from './accounts.js';
import { compose, GATEWAYS, type Program, startGateway } from './programs.js';
import { type RecordingProxy, startRecordingProxy } from './recording-proxy.js';
import { serveSubgraph } from './subgraph-server.js';

export interface Graph extends Pick<TestGateway, 'execute' | 'secret'> {
  /** Between the gateways and Tollgate. */
  readonly proxy: RecordingProxy;
  /** Starts the gateway of this name on the supergraph. */
  gateway(name: string, settings?: NodeJS.ProcessEnv): Promise<GatewayClient>;
  stop(): Promise<void>;
}

export interface GatewayClient {
  send(query: string, variables?: object, headers?: Record<string, string>): Promise<TestResult>;
  stop(): Promise<void>;
}

const TOLLGATE_SDL = readFileSync(new URL('../../../subgraph.graphql', import.meta.url), 'utf8');

export async function graphOn(
  { origin, secret }: Pick<TestGateway, 'origin' | 'secret'>,
  userIds: readonly string[],
): Promise<Graph> {
  const proxy = await startRecordingProxy(origin);
  const accounts = await serveSubgraph(accountsSchema(userIds));
  const { supergraph, errors } = await compose('@theguild/federation-composition', [
    { name: 'accounts', url: accounts.url, sdl: ACCOUNTS_SDL },
    { name: 'tollgate', url: `${proxy.origin}/subgraph`, sdl: TOLLGATE_SDL },
  ]);
  if (supergraph === null) throw new Error(errors.join('\n'));
  const gateways: Program[] = [];
  return {
    secret,
    proxy,
    execute: (query, variables, key = secret) =>
      post(`${origin}/graphql`, { query, variables }, { authorization: `Bearer ${key}` }),
    gateway: async (name, more = {}) => {
      const program = GATEWAYS[name];
      if (program === undefined) throw new Error(`there is no gateway ${name}`);
      const gateway = await startGateway(program, supergraph, { HEADERS: PASSED, ...more });
      gateways.push(gateway);
      return {
        send: (query, variables, headers = { authorization: `Bearer ${secret}` }) =>
          post(gateway.url, { query, variables }, headers),
        stop: gateway.stop,
      };
    },
    stop: async () => {
      await Promise.all(gateways.map((gateway) => gateway.stop()));
      await Promise.all([proxy.stop(), accounts.stop()]);
    },
  };
}

/** What a gateway has to pass on. */
const PASSED = 'authorization,idempotency-key';

async function post(url: string, body: object, headers: object): Promise<TestResult> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const answer: Partial<TestResult> = JSON.parse(await response.text());
  return { status: response.status, data: answer.data ?? null, errors: answer.errors ?? [] };
}
