/** Large reads of a project begin a few at a time, in their order, and keep nothing else waiting. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { executeOperation } from '../../src/http/execute.js';
import type { Gate } from '../../src/meter/gate.js';
import {
  startTestGateway,
  type TestGateway,
  type TestGatewayOptions,
} from '../support/gateway/gateway.js';
import { startNodeOnly } from '../support/gateway/node-only.js';
import { setUp } from '../support/gateway/set-up.js';

/** A page of so many customers. With their balances and the features of these, each may cost 3,003. */
const page = (first: number) =>
  `customers(first: ${first}) { edges { node { balances { feature { name } } } } }`;

/** Three of these may have begun at once. */
const large = (name: string) => `query ${name} { ${page(100)} }`;

/** More than half of what may have begun. */
const heavy = (name: string) => `query ${name} { a: ${page(100)} b: ${page(100)} }`;

const SMALL = '{ customer(customerId: "acme") { balances { feature { name } } } }';
const TRACK = `mutation {
  trackBalance(input: { customerId: "acme", featureId: "messages" }) { __typename }
}`;

let gateway: TestGateway;
/** The names of the operations that have begun. */
let begun: string[];
/** Large reads that have come. */
let come: number;
let ends: Map<string, () => void>;

/** Those with names that begin with "Held" go on when the test says so. */
const execute: typeof executeOperation = async (options) => {
  const name = options.operationName ?? '';
  begun.push(name);
  if (name.startsWith('Held')) await new Promise<void>((resolve) => ends.set(name, resolve));
  return executeOperation(options);
};

async function start(options: TestGatewayOptions = {}): Promise<void> {
  gateway = await startTestGateway({ execute, ...options });
  for (const secret of [gateway.secret, gateway.foreignSecret]) {
    const features = [{ featureId: 'messages' }];
    await setUp(gateway, { features, customers: [{ customerId: 'acme' }], balances: [] }, secret);
  }
  begun = [];
  come = 0;
  countPasses(gateway.parts.readQueue.largeReads);
}

function countPasses(gate: Gate): void {
  const pass = gate.pass.bind(gate);
  gate.pass = (visitor, work) => {
    const result = pass(visitor, work);
    come += 1;
    return result;
  };
}

beforeEach(() => {
  begun = [];
  ends = new Map();
});
afterEach(() => gateway.close());

const end = (name: string) => ends.get(name)?.();
const beginning = (count: number) => expect.poll(() => begun.length).toBe(count);

interface Sent {
  /** The status, or the code of the first error. */
  readonly answer: Promise<unknown>;
  readonly response: Promise<Response>;
  abort(): void;
}

function send(query: string, secret = gateway.secret, origin = gateway.origin): Sent {
  const client = new AbortController();
  const response = fetch(`${origin}/graphql`, {
    method: 'POST',
    signal: client.signal,
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const answer = response
    .then(async (got) => {
      const { errors } = JSON.parse(await got.clone().text());
      return errors?.[0].extensions.code ?? got.status;
    })
    .catch((error: Error) => error.name);
  return { answer, response, abort: () => client.abort() };
}

/** Sends one after the other, so that they come in this order. */
async function sendInOrder(queries: readonly string[]): Promise<Sent[]> {
  const sent: Sent[] = [];
  for (const query of queries) {
    const before = come;
    sent.push(send(query));
    await expect.poll(() => come).toBe(before + 1);
  }
  return sent;
}

const answersOf = (sent: readonly Sent[]) => Promise.all(sent.map(({ answer }) => answer));

describe('large reads', () => {
  it('of a project begin as many at a time as fit, in the order in which they came', async () => {
    await start();
    const names = ['HeldA', 'HeldB', 'HeldC', 'D', 'HeldE', 'F'];
    const sent = await sendInOrder(names.map(large));
    expect(begun).toEqual(['HeldA', 'HeldB', 'HeldC']);
    end('HeldB');
    expect(await sent[3]?.answer).toBe(200);
    expect(begun.slice(3)).toEqual(['D', 'HeldE']);
    for (const name of ['HeldA', 'HeldC']) end(name);
    expect(await sent[5]?.answer).toBe(200);
    end('HeldE');
    expect(await answersOf(sent)).toEqual(names.map(() => 200));
  });

  it('delay neither small reads and writes of their project nor anything of another one', async () => {
    await start();
    const sent = await sendInOrder([heavy('HeldA'), heavy('B'), large('C')]);
    expect(await send(SMALL).answer).toBe(200);
    expect(await send(TRACK).answer).toBe(200);
    for (const query of [heavy('Other'), SMALL, TRACK])
      expect(await send(query, gateway.foreignSecret).answer).toBe(200);
    expect(begun).not.toContain('B');
    end('HeldA');
    expect(await answersOf(sent)).toEqual([200, 200, 200]);
  });

  it('are those that may cost more than 5,000, whatever they find', async () => {
    await start();
    for (const [query, passes] of [
      [`{ ${page(1)} }`, 0],
      [`{ ${page(2)} }`, 1],
      [SMALL, 0],
      ['{ customers(first: 100) { edges { node { name } } } }', 0],
      ['{ events(first: 2) { edges { node { deductions { feature { name } } } } } }', 1],
      [
        `mutation { trackBalance(input: { customerId: "acme", featureId: "messages" }) {
        ... on TrackBalancePayload { deductions { feature { name } } } } }`,
        0,
      ],
      ['{ __schema { types { fields { type { fields { name } } } } } }', 0],
    ] as const) {
      come = 0;
      expect([await send(query).answer, come]).toEqual([200, passes]);
    }
  });

  it('whose clients have gone leave the queue at once', async () => {
    // So that nothing else makes room meanwhile.
    await start({ readQueue: { waitMaxMs: 3_600_000 } });
    const sent = await sendInOrder([heavy('HeldA'), heavy('Gone'), large('Light')]);
    expect(begun).toEqual(['HeldA']);
    sent[1]?.abort();
    expect(await sent[2]?.answer).toBe(200);
    end('HeldA');
    expect(await answersOf(sent)).toEqual([200, 'AbortError', 200]);
    expect(begun).toEqual(['HeldA', 'Light']);
  });

  it('keep their room while they run, even if their clients have gone', async () => {
    await start();
    const sent = await sendInOrder([heavy('HeldA'), heavy('B')]);
    sent[0]?.abort();
    expect(await sent[0]?.answer).toBe('AbortError');
    expect(await send(SMALL).answer).toBe(200);
    expect(begun).not.toContain('B');
    end('HeldA');
    expect(await sent[1]?.answer).toBe(200);
  });

  it('that have waited for the longest time allowed are refused as overload, with advice to retry', async () => {
    let now = 0;
    await start({ readQueue: { waitMaxMs: 5_000, monotonicMs: () => now } });
    const { largeReads } = gateway.parts.readQueue;
    const sent = await sendInOrder([heavy('HeldA'), heavy('Late')]);
    now = 4_999;
    largeReads.expire();
    const [later] = await sendInOrder([heavy('Later')]);
    now = 5_000;
    largeReads.expire();
    const refused = await sent[1]?.response;
    expect([refused?.status, refused?.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await refused?.json()).toMatchObject({
      errors: [{ extensions: { code: 'READS_OVERLOADED', retryable: true } }],
    });
    expect(await send(SMALL).answer).toBe(200);
    end('HeldA');
    expect(await later?.answer).toBe(200);
    expect(await sent[0]?.answer).toBe(200);
    expect(begun).not.toContain('Late');
  });

  it('that wait are counted among the reads in flight, until their clients have gone', async () => {
    // Three quarters of them are six.
    await start({ requestsInFlightMax: 8 });
    const names = ['HeldA', 'B', 'C', 'D', 'E', 'F'];
    const sent = await sendInOrder(names.map(heavy));
    expect(await send(large('G')).answer).toBe('READS_OVERLOADED');
    expect(await send(SMALL).answer).toBe('READS_OVERLOADED');
    expect(await send(TRACK).answer).toBe(200);
    sent[3]?.abort();
    await expect.poll(() => send(SMALL).answer).toBe(200);
    end('HeldA');
    expect(await answersOf(sent)).toEqual([200, 200, 200, 'AbortError', 200, 200]);
  });

  it('that reach their time limit while they wait are answered, and never begin', async () => {
    await start({ operationBounds: { operationTimeoutMs: 2_000 } });
    const sent = await sendInOrder([heavy('HeldA'), heavy('Late')]);
    expect(await answersOf(sent)).toEqual(['OPERATION_TIMEOUT', 'OPERATION_TIMEOUT']);
    end('HeldA');
    await send(heavy('Next')).answer;
    expect(begun).toEqual(['HeldA', 'Next']);
  });

  it('that wait are answered before a gateway has shut down', async () => {
    await start();
    const server = await startNodeOnly(gateway.parts, execute);
    const held = send(heavy('HeldA'), gateway.secret, server.origin);
    await beginning(1);
    const waiting = send(heavy('B'), gateway.secret, server.origin);
    await expect.poll(() => come).toBe(2);
    const closed = server.close();
    end('HeldA');
    expect(await answersOf([held, waiting])).toEqual([200, 200]);
    await closed;
  });
});
