/** A schema behind HTTP, for subgraphs of other teams. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { type GraphQLSchema, graphql } from 'graphql';
import { federatedTrace, TRACE_HEADER, TRACE_VERSION } from '../../../src/http/federated-trace.js';
import { monotonicMs, wallClockMs } from '../../../src/platform/clock.js';
import { Execution, type ExecutionOptions } from '../../../src/schema/execution.js';

export interface SubgraphServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** What our own resolvers expect of a running operation. */
const UNLIMITED: ExecutionOptions = {
  resultBytesMax: Number.MAX_SAFE_INTEGER,
  tooLarge: () => new Error('too large'),
  take: () => null,
};

interface Body {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string | null;
}

export async function serveSubgraph(schema: GraphQLSchema): Promise<SubgraphServer> {
  const server = createServer(async (request, response) => {
    const { query, variables, operationName } = (await json(request)) as Body;
    const startedAt = monotonicMs();
    const result = await graphql({
      schema,
      source: query,
      variableValues: variables ?? null,
      operationName: operationName ?? null,
      contextValue: { execution: new Execution(UNLIMITED) },
    });
    const isTraced = request.headers[TRACE_HEADER] === TRACE_VERSION;
    const ftv1 = federatedTrace({
      endedAtMs: wallClockMs(),
      durationMs: monotonicMs() - startedAt,
      fields: Object.keys(result.data ?? {}),
    });
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ...result, ...(isTraced && { extensions: { ftv1 } }) }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it has no port');
  return {
    url: `http://127.0.0.1:${address.port}/graphql`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
