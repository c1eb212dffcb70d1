/**
 * The adapter for `node:http`: it answers every POST of JSON without the fetch API's Request and Response, which cost more
 * than the call itself, and passes everything else on. It decides nothing: the pipeline does.
 */
import { Buffer } from 'node:buffer';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from '../platform/logger.js';
import { bodyTypeOf } from './body.js';
import { ExchangeTracker, type TrackedExchange } from './exchange-tracker.js';
import type { Incoming, Reply, ThenBody } from './incoming.js';
import type { Pipeline } from './pipeline.js';
import { REQUEST_ID_HEADER, requestIdOf } from './request-id.js';
import { isHostRepeated, type Target, targetOf } from './target.js';

export interface NodeAdapterOptions {
  readonly pipeline: Pipeline;
  /** Answers admitted requests that this adapter does not take. */
  readonly others: (request: IncomingMessage, response: ServerResponse, incoming: Incoming) => void;
  readonly logger: Logger;
}

export interface NodeAdapter {
  readonly handle: RequestListener;
  /** From now on, every answer closes its connection. */
  closeConnections(): void;
}

export function createNodeAdapter({ pipeline, others, logger }: NodeAdapterOptions): NodeAdapter {
  const exchanges = new ExchangeTracker();

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const target = targetOf(request.url ?? '', request.headers.host);
    if (target === null || isHostRepeated(request.rawHeaders)) {
      refuse(request, response);
      return;
    }
    const incoming = new NodeIncoming(request, response, target);
    if (!exchanges.canAnswer(incoming)) {
      // Its bytes are dropped: unread, they would turn the end of the connection into a reset.
      request.resume();
      return;
    }
    const refusal = pipeline.admit(incoming);
    // In a flood there are thousands a second, and nothing of them is left.
    if (refusal === null || !exchanges.isNext(incoming)) exchanges.add(incoming);
    if (refusal !== null) write(incoming, refusal);
    else if (isPostOfJson(incoming, pipeline)) answer(incoming);
    else handOn(request, incoming, target);
  }

  function answer(incoming: NodeIncoming): void {
    pipeline.answer(incoming, {
      next: (reply) => write(incoming, reply),
      fail: (error) => giveUp(incoming.response, error),
    });
  }

  function handOn(request: IncomingMessage, incoming: NodeIncoming, target: Target): void {
    // An absolute address has been found to refer to this server.
    request.url = target.search === '' ? target.path : `${target.path}?${target.search}`;
    incoming.response.setHeader(REQUEST_ID_HEADER, incoming.requestId);
    others(request, incoming.response, incoming);
  }

  /** An unforeseen error, about which the client is told nothing; it ends this exchange and not the process. */
  function giveUp(response: ServerResponse, error: unknown): void {
    response.destroy();
    logger.error({ err: error }, 'unexpected error');
  }

  return {
    handle(request, response) {
      try {
        handle(request, response);
      } catch (error) {
        giveUp(response, error);
      }
    },
    closeConnections: () => exchanges.closeConnections(),
  };
}

function isPostOfJson(incoming: Incoming, pipeline: Pipeline): boolean {
  return (
    incoming.method === 'POST' &&
    pipeline.serves(incoming.path) &&
    bodyTypeOf(incoming) === 'application/json'
  );
}

function write({ response, requestId }: NodeIncoming, { status, headers, body }: Reply): void {
  // As a list, because a copy of the object with one more header costs more than all the rest here.
  const list = [REQUEST_ID_HEADER, requestId];
  for (const name in headers) list.push(name, headers[name] ?? '');
  response.writeHead(status, list);
  response.end(body);
}

/** The request has no valid URL, or two, so nothing can be answered about its target. */
function refuse(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(400, {
    'Content-Length': '0',
    Connection: 'close',
    [REQUEST_ID_HEADER]: requestIdOf(headerOf(request, 'x-request-id')),
  });
  response.end();
}

function headerOf({ headers }: IncomingMessage, name: string): string | undefined {
  const header = headers[name];
  // Node joins a header that was sent twice, but does not say so in the type.
  return header === undefined ? undefined : String(header);
}

class NodeIncoming implements Incoming, TrackedExchange {
  readonly method: string;
  readonly path: string;
  readonly search: string;
  readonly requestId: string;
  readonly socket: Socket;
  readonly response: ServerResponse;
  readonly #request: IncomingMessage;
  #onEnd: (() => void) | null = null;
  #isOver = false;

  constructor(request: IncomingMessage, response: ServerResponse, { path, search }: Target) {
    this.method = request.method ?? 'GET';
    this.path = path;
    this.search = search;
    this.socket = request.socket;
    this.response = response;
    this.#request = request;
    this.requestId = requestIdOf(headerOf(request, 'x-request-id'));
  }

  header(name: string): string | undefined {
    return headerOf(this.#request, name);
  }

  readBody(bytesMax: number, { next, received }: ThenBody<Buffer | null>): void {
    const request = this.#request;
    const chunks: Buffer[] = [];
    let bytes = 0;
    let isWanted = true;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      isWanted &&= received(bytes);
      // The excess is read and discarded: otherwise the client would be cut off without an answer.
      if (isWanted && bytes <= bytesMax) chunks.push(chunk);
    });
    request.on('end', () => {
      if (!isWanted) return;
      const [first] = chunks;
      if (bytes > bytesMax) next(null);
      else next(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, bytes));
    });
    // It closes after every request; if that is too early, no client is waiting for an answer.
    request.on('close', () => {
      if (!request.complete) this.response.destroy();
    });
  }

  onEnd(callback: () => void): void {
    if (this.#isOver) {
      callback();
      return;
    }
    const before = this.#onEnd;
    this.#onEnd =
      before === null
        ? callback
        : () => {
            before();
            callback();
          };
  }

  end(): void {
    this.#isOver = true;
    this.#onEnd?.();
  }
}
