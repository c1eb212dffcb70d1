/** An SDK that fails, that hangs, or that there is none of: calls are answered as they are without traces. */
import { context, propagation, trace } from '@opentelemetry/api';
import { AlwaysOnSampler, BatchSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeFailure } from '../../src/commands/tracing.js';
import { createGateway, type Gateway } from '../../src/gateway.js';
import { createWriteQueue } from '../../src/meter/write/write-queue.js';
import { flushTraces, registeredTracing } from '../../src/tracing/registered.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { WRITE_QUEUE } from '../support/gateway/limits.js';
import { setUp } from '../support/gateway/set-up.js';
import { readQueueOn } from '../support/meter/read-queue.js';
import { type Recorder, registerRecorder, unregister } from '../support/tracing/recorder.js';

let recorder: Recorder;
let gateway: TestGateway;

beforeAll(async () => {
  recorder = registerRecorder();
  gateway = await startTestGateway({ tracing: recorder.tracing });
  await setUp(gateway, {
    features: [{ featureId: 'messages' }],
    customers: [{ customerId: 'acme' }],
    balances: [{ customerId: 'acme', featureId: 'messages', granted: 1_000_000 }],
  });
});
afterAll(async () => {
  await gateway.close();
  await recorder.close();
});
beforeEach(() => {
  recorder.sampler = new AlwaysOnSampler();
  recorder.processor = {};
  recorder.failures.length = 0;
});

const track = () =>
  gateway.execute(
    'mutation { trackBalance(input: { customerId: "acme", featureId: "messages" }) { __typename } }',
  );

describe('a call is answered as it would be without traces', () => {
  const BROKEN = () => {
    throw new Error('broken');
  };

  it.each<[string, () => void]>([
    [
      'the sampler fails',
      () => {
        recorder.sampler = { shouldSample: BROKEN, toString: () => 'broken' };
      },
    ],
    [
      'a processor fails at the start of a span',
      () => {
        recorder.processor = { onStart: BROKEN };
      },
    ],
    [
      'a processor fails at the end of a span',
      () => {
        recorder.processor = { onEnd: BROKEN };
      },
    ],
  ])('if %s', async (_what, spoil) => {
    spoil();
    expect((await track()).data).toEqual({ trackBalance: { __typename: 'TrackBalancePayload' } });
    await expect.poll(() => recorder.failures.length).toBeGreaterThan(0);
    expect(recorder.failures).toEqual(recorder.failures.map(() => new Error('broken')));
  });

  it('if the exporter hangs', async () => {
    const exported: number[] = [];
    recorder.processor = new BatchSpanProcessor(
      { export: (spans) => exported.push(spans.length), shutdown: async () => undefined },
      { maxQueueSize: 10, maxExportBatchSize: 5, exportTimeoutMillis: 10 },
    );
    for (let call = 0; call < 20; call += 1) expect((await track()).errors).toEqual([]);
    expect(exported.length).toBeGreaterThan(0);
    expect(recorder.failures).toEqual([]);
  });
});

describe('the end of the process', () => {
  it('waits until the last spans are exported', async () => {
    const flushed: string[] = [];
    recorder.processor = { forceFlush: async () => void flushed.push('all') };
    await flushTraces();
    expect(flushed).toEqual(['all']);
  });

  it('does not wait for an exporter that hangs', async () => {
    recorder.processor = { forceFlush: () => new Promise(() => undefined) };
    await expect(flushTraces(1)).resolves.toBeUndefined();
    // The SDK itself would wait for half a minute.
  }, 25_000);

  it('does not fail with the exporter', async () => {
    recorder.processor = { forceFlush: () => Promise.reject(new Error('no collector')) };
    await expect(flushTraces()).resolves.toBeUndefined();
  });
});

/** How often the API of OpenTelemetry is called meanwhile. */
async function callsOfApi(work: () => Promise<unknown>): Promise<number> {
  let calls = 0;
  const counted = [trace, context, propagation].flatMap((api) =>
    Object.getOwnPropertyNames(Object.getPrototypeOf(api)).map((name) => {
      const method = Reflect.get(api, name);
      const value = (...args: readonly unknown[]) => {
        calls += 1;
        return Reflect.apply(method, api, args);
      };
      Object.defineProperty(api, name, { value, configurable: true });
      return () => Reflect.deleteProperty(api, name);
    }),
  );
  await work();
  for (const restore of counted) restore();
  return calls;
}

/** Sends a write, a read, a batch and a refusal. */
async function sendAll(to: Gateway): Promise<void> {
  const input = '{ customerId: "acme", featureId: "messages" }';
  for (const query of [
    `mutation { trackBalance(input: ${input}) { __typename } }`,
    `mutation { trackBalances(inputs: [${input}, ${input}]) { __typename } }`,
    'mutation { createCustomer(input: { customerId: "acme" }) { __typename } }',
    '{ customer(customerId: "acme") { id } }',
    '{ nothing }',
  ]) {
    const { status } = await to.fetch('http://embedded/graphql', {
      method: 'POST',
      headers: {
        authorization: `Bearer ${gateway.secret}`,
        'content-type': 'application/json',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      },
      body: JSON.stringify({ query }),
    });
    expect(status).toBe(200);
  }
}

it('where no SDK is registered, the API is not called', async () => {
  expect(await callsOfApi(() => sendAll(gateway.gateway))).toBeGreaterThan(10);
  unregister();
  const tracing = registeredTracing({ onFailure: () => undefined, describe: describeFailure });
  expect(tracing).toBeNull();
  const { store } = gateway;
  const other = createGateway({
    ...gateway.parts,
    tracing,
    writeQueue: createWriteQueue({ ...WRITE_QUEUE, store, lanes: 1, tracing }),
    readQueue: readQueueOn({ reads: store.reads }, { tracing }),
  });
  expect(await callsOfApi(() => sendAll(other))).toBe(0);
});
