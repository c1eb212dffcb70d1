/** A load balancer and its clients in one: it polls `/ready`, keeps connections, distributes calls in turn, and retries nothing. */
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

export interface BalancerOptions {
  readonly pollMs: number;
  readonly secret: string;
}

interface Backend {
  readonly origin: string;
  readonly agent: Agent;
  isReady: boolean;
  inFlight: number;
}

export class Balancer {
  readonly #options: BalancerOptions;
  readonly #backends = new Map<string, Backend>();
  #next = 0;

  constructor(options: BalancerOptions) {
    this.#options = options;
  }

  /** Resolves when it is ready. */
  async add(origin: string): Promise<void> {
    const agent = new Agent({ keepAlive: true });
    const backend: Backend = { origin, agent, isReady: false, inFlight: 0 };
    this.#backends.set(origin, backend);
    await this.#poll(backend);
    void this.#pollAgain(backend);
    while (!backend.isReady) await delay(20);
  }

  /** Takes it out, as an operator does, and resolves when it has answered everything. */
  async remove(origin: string): Promise<void> {
    const backend = this.#backends.get(origin);
    this.#backends.delete(origin);
    while ((backend?.inFlight ?? 0) > 0) await delay(5);
  }

  /** Posts a document to the next gateway that is ready. */
  async call(body: string): Promise<string> {
    const ready = [...this.#backends.values()].filter(({ isReady }) => isReady);
    this.#next += 1;
    const backend = ready[this.#next % ready.length];
    if (backend === undefined) throw new Error('no gateway is ready');
    backend.inFlight += 1;
    try {
      const { status, text } = await this.#send(backend, 'POST', '/graphql', body);
      if (status !== 200) throw new Error(`${status}: ${text}`);
      return text;
    } finally {
      backend.inFlight -= 1;
    }
  }

  close(): void {
    for (const { agent } of this.#backends.values()) agent.destroy();
    this.#backends.clear();
  }

  async #pollAgain(backend: Backend): Promise<void> {
    for (;;) {
      await delay(this.#options.pollMs, undefined, { ref: false });
      if (this.#backends.get(backend.origin) !== backend) return;
      await this.#poll(backend);
    }
  }

  async #poll(backend: Backend): Promise<void> {
    const answer = await this.#send(backend, 'GET', '/ready', '').catch(() => null);
    backend.isReady = answer?.status === 200;
  }

  #send({ origin, agent }: Backend, method: string, path: string, body: string) {
    return new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${this.#options.secret}`,
        'content-type': 'application/json',
      };
      const sent = request(`${origin}${path}`, { agent, method, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part) => {
          text += part;
        });
        response.on('end', () => resolve({ status: response.statusCode, text }));
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }
}

export interface BalancedLoad {
  /** Keys of the calls that were carried out. */
  readonly done: readonly string[];
  /** Calls that were not, with what their clients saw. */
  readonly failed: ReadonlyMap<string, string>;
  /** Resolves once this many more have been carried out or have failed. */
  more(calls: number): Promise<void>;
  /** Resolves when none is in flight. */
  end(): Promise<void>;
}

export interface LoadOptions {
  readonly callers: number;
  /** What keys begin with. */
  readonly prefix: string;
  readonly use: { readonly customerId: string; readonly featureId: string };
}

/** Callers that use one unit at a time, each time with a key of its own. */
export function startBalancedLoad(
  balancer: Balancer,
  { callers, prefix, use }: LoadOptions,
): BalancedLoad {
  const done: string[] = [];
  const failed = new Map<string, string>();
  let isOver = false;
  const query = `mutation ($input: BalancesTrackInput!) { trackBalance(input: $input) {
    __typename ... on Error { message } } }`;
  const caller = async (number: number) => {
    for (let count = 0; !isOver; count += 1) {
      const idempotencyKey = `${prefix}-${number}-${count}`;
      const variables = { input: { ...use, idempotencyKey } };
      try {
        const answer = await balancer.call(JSON.stringify({ query, variables }));
        if (answer.includes('TrackBalancePayload')) done.push(idempotencyKey);
        else failed.set(idempotencyKey, answer);
      } catch (error) {
        failed.set(idempotencyKey, error instanceof Error ? error.message : String(error));
        // One whose connection is refused would fail thousands of times a second.
        await delay(50);
      }
    }
  };
  const all = Promise.all(Array.from({ length: callers }, (_, number) => caller(number)));
  return {
    done,
    failed,
    more: async (calls) => {
      const wanted = done.length + failed.size + calls;
      while (done.length + failed.size < wanted) await delay(10);
    },
    end: async () => {
      isOver = true;
      await all;
    },
  };
}
