/**
 * The adapter for the fetch API, in Yoga: for browsers, for GET, for programs that embed the gateway, and for everything that
 * the other adapter does not take. It decides nothing: the pipeline does.
 */
import { Buffer } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createYoga, type FetchAPI } from 'graphql-yoga';
import type { Logger } from '../platform/logger.js';
import { schema } from '../schema/index.js';
import { protocolError } from './errors.js';
import { type IsReady, useHealth } from './health.js';
import type { Incoming, Reply, ThenBody } from './incoming.js';
import { notFoundReply } from './not-found.js';
import { usePages } from './page.js';
import { GRAPHQL_PATH } from './paths.js';
import type { Pipeline } from './pipeline.js';
import { REQUEST_ID_HEADER, requestIdOf } from './request-id.js';
import type { ServerContext, ShellPlugin } from './shell-plugin.js';

export interface FetchAdapterOptions {
  readonly pipeline: Pipeline;
  readonly graphiql: boolean;
  readonly requestsInFlightMax: number;
  readonly isReady: IsReady;
  readonly logger: Logger;
}

export type FetchAdapter = ReturnType<typeof createFetchAdapter>;

export function createFetchAdapter(options: FetchAdapterOptions) {
  const { pipeline, graphiql, requestsInFlightMax, isReady, logger } = options;
  const yoga = createShell([
    useHealth(isReady),
    usePages({ graphiql, requestsInFlightMax }),
    usePipeline(pipeline, logger),
  ]);
  return {
    /** Answers requests of `node:http` that have been admitted. */
    handleAdmitted(
      request: IncomingMessage,
      response: ServerResponse,
      exchange: ServerContext['exchange'],
    ): void {
      yoga(request, response, { exchange });
    },
    /** Answers a request without any network. */
    async fetch(url: string | URL, init: RequestInit = {}): Promise<Response> {
      const request = new yoga.fetchAPI.Request(String(url), init);
      const requestId = requestIdOf(request.headers.get('x-request-id') ?? undefined);
      const incoming = new FetchIncoming(request, new URL(request.url), requestId);
      const refusal = pipeline.admit(incoming);
      try {
        const response =
          refusal === null
            ? await yoga.fetch(request, { exchange: incoming })
            : responseOf(refusal, yoga.fetchAPI);
        response.headers.set(REQUEST_ID_HEADER, requestId);
        return response;
      } finally {
        incoming.end();
      }
    },
    dispose: async () => yoga.dispose(),
  };
}

/** Yoga with everything that it would decide by itself turned off. Every option is set, because defaults have changed before. */
function createShell(plugins: readonly ShellPlugin[]) {
  return createYoga<ServerContext>({
    schema,
    // In the order in which a request passes them.
    plugins: [...plugins],
    graphqlEndpoint: GRAPHQL_PATH,
    // Matches no address: useHealth handles health checks, with other headers.
    healthCheckEndpoint: ' ',
    parserAndValidationCache: false,
    maxRequestBodySize: false,
    maskedErrors: true,
    batching: false,
    multipart: false,
    cors: false,
    graphiql: false,
    landingPage: false,
    logging: false,
    disposeOnProcessTerminate: false,
  });
}

/** Answers whatever the plugins before it have not answered. */
function usePipeline(pipeline: Pipeline, logger: Logger): ShellPlugin {
  return {
    async onRequest({ request, url, fetchAPI, endResponse, serverContext }) {
      const { requestId } = serverContext.exchange;
      const incoming = new FetchIncoming(request, url, requestId);
      if (!pipeline.serves(url.pathname)) {
        endResponse(responseOf(notFoundReply(incoming), fetchAPI));
        return;
      }
      serverContext.exchange.onEnd(() => incoming.end());
      request.signal.addEventListener('abort', () => incoming.end());
      try {
        const reply = await new Promise<Reply>((next, fail) => {
          pipeline.answer(incoming, { next, fail });
        });
        endResponse(responseOf(reply, fetchAPI));
      } catch (error) {
        logger.error({ err: error }, 'unexpected error');
        endResponse(new fetchAPI.Response(null, { status: 500 }));
      }
    },
  };
}

function responseOf({ status, headers, body }: Reply, fetchAPI: FetchAPI): Response {
  // A status without a body, such as 204, must not have even an empty one.
  const content = body === '' ? null : (body as BodyInit);
  return new fetchAPI.Response(content, { status, headers: { ...headers } });
}

class FetchIncoming implements Incoming {
  readonly method: string;
  readonly path: string;
  readonly search: string;
  readonly requestId: string;
  readonly #request: Request;
  readonly #ended: (() => void)[] = [];
  #isOver = false;

  constructor(request: Request, { pathname, search }: URL, requestId: string) {
    this.method = request.method;
    this.path = pathname;
    this.search = search.slice(1);
    this.requestId = requestId;
    this.#request = request;
  }

  header(name: string): string | undefined {
    return this.#request.headers.get(name) ?? undefined;
  }

  readBody(bytesMax: number, { next, fail, received }: ThenBody<Buffer | null>): void {
    readBounded(this.#request, bytesMax, received).then(
      (body) => {
        if (body !== undefined) next(body);
      },
      () => fail(protocolError('BAD_REQUEST', 'The body ended too early.')),
    );
  }

  onEnd(callback: () => void): void {
    if (this.#isOver) callback();
    else this.#ended.push(callback);
  }

  end(): void {
    this.#isOver = true;
    for (const callback of this.#ended.splice(0)) callback();
  }
}

/** Undefined if it is not wanted. */
async function readBounded(
  { body }: Request,
  bytesMax: number,
  received: (bytes: number) => boolean,
): Promise<Buffer | null | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let isWanted = true;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    isWanted &&= received(bytes);
    // The excess is read and discarded: leaving the loop would cut off the client without an answer.
    if (isWanted && bytes <= bytesMax) chunks.push(chunk);
  }
  if (!isWanted) return undefined;
  return bytes > bytesMax ? null : Buffer.concat(chunks);
}
