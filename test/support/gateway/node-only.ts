/** A server with only the adapter for `node:http`: what that does not handle is answered 501. */
import type { IncomingHttpHeaders } from 'node:http';
import { executeOperation } from '../../../src/http/execute.js';
import { listen } from '../../../src/http/listener.js';
import { createNodeAdapter } from '../../../src/http/node-adapter.js';
import { createPipeline } from '../../../src/http/pipeline.js';
import type { PipelineOptions } from '../../../src/http/stages.js';

export interface NodeOnly {
  readonly origin: string;
  /** The heads of the requests received, in order. */
  readonly heads: readonly ReceivedHead[];
  /** How many of these requests are over: answered, or abandoned by their client. */
  over(): number;
  close(): Promise<void>;
}

export interface ReceivedHead {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

export type Parts = Omit<PipelineOptions, 'execute'>;

export async function startNodeOnly(parts: Parts, execute = executeOperation): Promise<NodeOnly> {
  const heads: ReceivedHead[] = [];
  let over = 0;
  const { handle } = createNodeAdapter({
    pipeline: createPipeline({ ...parts, execute }),
    others: (_request, response) => response.writeHead(501).end(),
    logger: parts.logger,
  });
  const listener = await listen({
    handle: (request, response) => {
      const { method = '', url: path = '', headers } = request;
      heads.push({ method, path, headers });
      response.on('close', () => {
        over += 1;
      });
      handle(request, response);
    },
    host: '127.0.0.1',
    port: 0,
    drainTimeoutMs: 5_000,
  });
  return { origin: listener.origin, heads, over: () => over, close: () => listener.close() };
}
