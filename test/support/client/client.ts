/** A client over HTTP, which knows what may be retried. */
import { Agent, type RequestOptions, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

export interface Client {
  readonly origin: string;
  /** Runs an operation; the document determines the shape of the answer. Throws a `CallError`. */
  run<Data>(document: string, variables: object): Promise<Data>;
}

/** Thrown if an answer or a part of it is missing. The call may have been executed or not. */
export class CallError extends Error {
  override readonly name = 'CallError';
  /** Null if the connection was lost. */
  readonly status: number | null;
  /** The `extensions.code` of the errors; `CONNECTION` if the connection was lost. */
  readonly codes: readonly string[];
  readonly retryable: boolean;
  readonly retryAfter: string | null;
  /** The whole answer; empty if the connection was lost. */
  readonly body: Body;

  constructor(failure: Failure, cause?: unknown) {
    super(`${failure.status}: ${failure.message}`, { cause });
    this.status = failure.status;
    this.codes = failure.codes;
    this.retryable = failure.retryable;
    this.retryAfter = failure.retryAfter;
    this.body = failure.body;
  }
}

interface Failure {
  readonly status: number | null;
  readonly codes: readonly string[];
  readonly message: string;
  readonly retryable: boolean;
  readonly retryAfter: string | null;
  readonly body: Body;
}

export interface Body {
  readonly data?: unknown;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions?: { readonly code?: string; readonly retryable?: boolean };
  }[];
}

/** So that a call that never ends is not mistaken for a slow one. */
const TIMEOUT_MS = 120_000;

/** Calls in flight; further ones wait here. */
const SOCKETS_MAX = 256;

/** Shorter than the server's timeout, so that no call uses a connection that the server is closing. */
const IDLE_MS = 10_000;

const PAUSE_MS = 100;

export function createClient(origin: string, secret: string): Client {
  // Not `fetch`, which uses more processor time than the gateways under test.
  const agent = new Agent({ keepAlive: true, maxSockets: SOCKETS_MAX, timeout: IDLE_MS });
  const headers = {
    authorization: `Bearer ${secret}`,
    'content-type': 'application/json',
    accept: 'application/json',
  };
  return {
    origin,
    run: async <Data>(query: string, variables: object) => {
      const text = JSON.stringify({ query, variables });
      const { status, retryAfter, body } = await post(origin, { agent, headers }, text);
      const { data, errors = [] } = body;
      if (errors.length === 0 && status === 200) return dataOf<Data>(data);
      throw new CallError({
        status,
        retryAfter,
        body,
        codes: errors.map(({ extensions }) => extensions?.code ?? 'NONE'),
        message: errors.map(({ message }) => message).join(' '),
        retryable: errors.length > 0 && errors.every(({ extensions }) => extensions?.retryable),
      });
    },
  };
}

/** Retries calls that the gateway refuses as OVERLOADED, which on a busy machine may be any call. */
export function patient(client: Client): Client {
  const run: Client['run'] = async (document, variables) => {
    for (;;) {
      try {
        return await client.run(document, variables);
      } catch (error) {
        if (!(error instanceof CallError) || error.codes.join() !== 'OVERLOADED') throw error;
        await delay(PAUSE_MS);
      }
    }
  };
  return { ...client, run };
}

interface Response {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: Body;
}

function post(origin: string, options: RequestOptions, text: string): Promise<Response> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error) => reject(connectionLost(cause));
    const sent = request(`${origin}/graphql`, { ...options, method: 'POST' }, (response) => {
      let received = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        received += part;
      });
      response.on('error', fail);
      response.on('end', () => {
        const status = response.statusCode ?? 0;
        const retryAfter = response.headers['retry-after'] ?? null;
        resolve({ status, retryAfter, body: JSON.parse(received) });
      });
    });
    sent.setTimeout(TIMEOUT_MS, () => sent.destroy(new Error(`silent for ${TIMEOUT_MS} ms`)));
    sent.on('error', fail);
    sent.end(text);
  });
}

function connectionLost(cause: Error): CallError {
  const { message } = cause;
  const nothing = { status: null, retryAfter: null, body: {} };
  return new CallError({ ...nothing, codes: ['CONNECTION'], message, retryable: true }, cause);
}

/** GraphQL returns what the document requests, and the caller has written both. */
function dataOf<Data>(data: unknown): Data {
  return data as Data;
}
