/**
 * The direct way for plain calls: POST, JSON, one operation. It skips the fetch API's Request and Response, which cost more
 * than the call itself, and runs the same authentication, limits, schema, masking and log. Whatever it is not sure about
 * goes to Yoga, as long as nothing has been executed.
 *
 * Written with callbacks, because every promise that a call waits for is an object that lives until it is answered.
 */
import { Buffer } from 'node:buffer';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { ExecutionResult, GraphQLError } from 'graphql';
import { type FetchAPI, processRegularResult } from 'graphql-yoga';
import type { Caller } from '../meter/verb.js';
import { monotonicMs } from '../platform/clock.js';
import { createContext } from '../schema/context.js';
import { type Admission, createAdmission } from './admission.js';
import { DocumentCache } from './document-cache.js';
import { maskError } from './errors.js';
import { isHealthCheck } from './health.js';
import type { KnownDocument } from './known-document.js';
import { keepOkStatus } from './partial-answer.js';
import {
  CONTENT_TYPES,
  type MediaType,
  mediaTypeOf,
  type PlainCall,
  type PlainRequest,
  plainCallOf,
  plainRequestOf,
} from './plain-request.js';
import type { RequestFacts } from './request-facts.js';
import type { OperationLog } from './request-log.js';
import { answerShed } from './shed.js';
import type { ServerOptions } from './yoga.js';

export interface DirectOptions extends Omit<ServerOptions, 'isReady'> {
  /** Answers everything else. */
  readonly yoga: RequestListener & { readonly fetchAPI: FetchAPI };
  readonly log: OperationLog;
}

/** A request on its way to its answer. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly mediaType: MediaType;
  readonly startedAt: number;
}

/** Handles requests of `node:http`, directly or through Yoga. */
export function createDirect(options: DirectOptions): RequestListener {
  const direct = new Direct(options);
  return (request, response) => direct.handle(request, response);
}

class Direct {
  readonly #options: DirectOptions;
  readonly #admission: Admission;
  readonly #documents = new DocumentCache<KnownDocument>();

  constructor(options: DirectOptions) {
    this.#options = options;
    this.#admission = createAdmission({
      requestsMax: options.config.requestsInFlightMax,
      monotonicMs,
    });
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    try {
      this.#take(request, response);
    } catch (error) {
      this.#giveUp(response, error);
    }
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    if (this.#admission.isFull() && !isHealthCheck(request.url)) {
      const mediaType = mediaTypeOf(request.headers.accept) ?? 'application/json';
      this.#shed(request, response, mediaType);
      return;
    }
    const plain = plainRequestOf(request, this.#options.config.bodyBytesMax);
    if (plain === null) this.#passOn(request, response);
    else this.#authenticate(request, response, plain);
  }

  #authenticate(request: IncomingMessage, response: ServerResponse, plain: PlainRequest): void {
    const { secret, mediaType, bytes } = plain;
    whenKnown({
      get: () => this.#options.authenticate(secret),
      next: (caller) => {
        if (caller === null) {
          this.#passOn(request, response);
          return;
        }
        const exchange = { request, response, mediaType, startedAt: monotonicMs() };
        readBody(exchange, bytes, (body) => {
          try {
            this.#execute(exchange, caller, body);
          } catch (error) {
            this.#giveUp(response, error);
          }
        });
      },
      // A database that does not know keys just now: Yoga tells.
      failed: () => this.#passOnUnlessGone(request, response),
      broken: (error) => this.#giveUp(response, error),
    });
  }

  #execute(exchange: Exchange, caller: Caller, body: Buffer): void {
    const { request, response, mediaType, startedAt } = exchange;
    const { store, commands } = this.#options;
    const call = plainCallOf(body, this.#documents);
    if (call === null) {
      this.#passOn(withBody(request, body), response);
      return;
    }
    if (call.operation.isMutation && commands.isOverloaded()) {
      this.#shed(request, response, mediaType);
      return;
    }
    const facts = factsOf(call, startedAt);
    this.#admission.begin();
    whenKnown({
      get: () => call.operation.run(createContext({ caller, store, commands }), call.variables),
      next: (result) => {
        this.#admission.end();
        // Without data nothing has been executed, and Yoga says best what is wrong.
        if ('data' in result) this.#answer(exchange, result, facts);
        else this.#passOn(withBody(request, body), response);
      },
      // Resolvers may have run, so Yoga must not run them again: for the client the outcome is unknown.
      failed: (error) => {
        this.#admission.end();
        this.#giveUp(response, error);
      },
      broken: (error) => this.#giveUp(response, error),
    });
  }

  #passOn(request: IncomingMessage, response: ServerResponse): void {
    this.#options.yoga(request, response);
  }

  #passOnUnlessGone(request: IncomingMessage, response: ServerResponse): void {
    if (response.headersSent || request.destroyed) response.destroy();
    else this.#passOn(request, response);
  }

  #shed(request: IncomingMessage, response: ServerResponse, mediaType: MediaType): void {
    answerShed(response, mediaType, this.#options.log.shed(requestIdOf(request)));
  }

  #answer(exchange: Exchange, result: ExecutionResult, facts: RequestFacts): void {
    const { response, mediaType } = exchange;
    const { errors } = result;
    if (errors !== undefined) {
      void this.#answerErrors(exchange, { ...result, errors: errors.map(maskError) }, facts);
      return;
    }
    this.#options.log.ended(facts, result, requestIdOf(exchange.request));
    const text = JSON.stringify(result);
    response.writeHead(200, {
      'Content-Type': CONTENT_TYPES[mediaType],
      'Content-Length': Buffer.byteLength(text),
    });
    response.end(text);
  }

  /** The rare case: how errors become a status and headers is Yoga's to say. */
  async #answerErrors(
    exchange: Exchange,
    masked: ExecutionResult & { readonly errors: readonly GraphQLError[] },
    facts: RequestFacts,
  ): Promise<void> {
    const { response, mediaType } = exchange;
    try {
      this.#options.log.ended(facts, masked, requestIdOf(exchange.request));
      keepOkStatus(masked);
      const told = processRegularResult(masked, this.#options.yoga.fetchAPI, mediaType);
      response.writeHead(told.status, Object.fromEntries(told.headers));
      response.end(await told.text());
    } catch (error) {
      this.#giveUp(response, error);
    }
  }

  /** Nobody foresaw it, so nothing can be told; it ends this exchange and not the process. */
  #giveUp(response: ServerResponse, error: unknown): void {
    response.destroy();
    this.#options.logger.error({ err: error }, 'unexpected error');
  }
}

interface Step<T> {
  readonly get: () => T | Promise<T>;
  readonly next: (value: T) => void;
  /** There is no value. */
  readonly failed: (error: unknown) => void;
  /** `next` has thrown, which must end this exchange and not the process. */
  readonly broken: (error: unknown) => void;
}

/** Goes on at once where there is no promise to wait for. */
function whenKnown<T>({ get, next, failed, broken }: Step<T>): void {
  const goOn = (value: T) => {
    try {
      next(value);
    } catch (error) {
      broken(error);
    }
  };
  let value: T | Promise<T>;
  try {
    value = get();
  } catch (error) {
    failed(error);
    return;
  }
  if (value instanceof Promise) value.then(goOn, failed);
  else goOn(value);
}

function factsOf({ operation: { name } }: PlainCall, startedAt: number): RequestFacts {
  return name === undefined ? { startedAt } : { startedAt, operation: name };
}

/** Node joins a header that was sent twice, but does not say so in the type. */
function requestIdOf({ headers }: IncomingMessage): string | null {
  const header = headers['x-request-id'];
  return header === undefined ? null : String(header);
}

function withBody(request: IncomingMessage, body: Buffer): IncomingMessage {
  return Object.assign(request, { body: Readable.from([body]) });
}

/** Node ends a body at its Content-Length, which has been found small enough. */
function readBody(
  { request, response }: Exchange,
  bytes: number,
  next: (body: Buffer) => void,
): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const [first] = chunks;
    next(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, bytes));
  });
  // It closes after every request; where that is too early, nobody waits for an answer.
  request.on('close', () => {
    if (!request.complete) response.destroy();
  });
}
