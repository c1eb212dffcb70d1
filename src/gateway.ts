import type { RequestListener } from 'node:http';
import type { Config } from './config.js';
import { withCors } from './http/cors.js';
import { executeOperation } from './http/execute.js';
import { createFetchAdapter } from './http/fetch-adapter.js';
import type { IsReady } from './http/health.js';
import { createNodeAdapter } from './http/node-adapter.js';
import { createPipeline, type PipelineFigures } from './http/pipeline.js';
import type { PipelineOptions } from './http/stages.js';
import { tollgateSubgraph } from './schema/federation.js';

/** All of Tollgate except its socket. */
export interface Gateway {
  /** Answers a request without any network. */
  readonly fetch: (url: string | URL, init?: RequestInit) => Promise<Response>;
  /** Answers requests of `node:http`. */
  readonly handle: RequestListener;
  /** Reports itself as not ready and goes on as before, so that load balancers choose another gateway. */
  announceEnd(): void;
  /** From now on, every answer closes its connection; calls are still accepted. */
  sendAway(): void;
  /** What its pipeline has counted, and how full it is. */
  figures(): PipelineFigures;
  /** Resolves once every accepted call has been answered. */
  drain(): Promise<void>;
}

export interface GatewayOptions extends Omit<PipelineOptions, 'execute' | 'config'> {
  /** Runs operations; `executeOperation` unless another executor is to be compared with it. */
  readonly execute?: PipelineOptions['execute'];
  readonly config: PipelineOptions['config'] & Pick<Config, 'graphiql' | 'corsOrigins'>;
  readonly isReady: IsReady;
}

/** Assembles the parts; does not listen on any port. */
export function createGateway({ isReady, ...options }: GatewayOptions): Gateway {
  const { config, writeQueue, logger } = options;
  const subgraph = config.subgraph && tollgateSubgraph(config.subgraph);
  let ending = false;
  const counting = createPipeline({ execute: executeOperation, subgraph, ...options });
  const pipeline = withCors(counting, config.corsOrigins);
  const fetchAdapter = createFetchAdapter({
    pipeline,
    graphiql: config.graphiql,
    requestsInFlightMax: config.requestsInFlightMax,
    isReady: async () => !ending && (await isReady()),
    logger,
  });
  const { handle, closeConnections } = createNodeAdapter({
    pipeline,
    others: fetchAdapter.handleAdmitted,
    logger,
  });
  const announceEnd = () => {
    ending = true;
  };
  const sendAway = () => {
    announceEnd();
    closeConnections();
  };
  return {
    fetch: fetchAdapter.fetch,
    handle,
    announceEnd,
    sendAway,
    figures: () => counting.figures(),
    async drain() {
      sendAway();
      await writeQueue.drain();
      await fetchAdapter.dispose();
    },
  };
}
