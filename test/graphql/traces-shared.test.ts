/** What calls and their batches have of each other's traces, whose trace a call belongs to, and what no span ever has. */
import { context, propagation, trace } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LINKS_MAX } from '../../src/tracing/spans.js';
import {
  HOLD_EVENTS,
  type OtherSessions,
  openOtherSessions,
} from '../support/database/other-sessions.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';
import { idOf, outlineOf } from '../support/tracing/outline.js';
import { isOfRequest, type Recorder, registerRecorder } from '../support/tracing/recorder.js';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const CALLER_ID = 'b7ad6b7169203331';
const SAMPLED = { traceparent: `00-${TRACE_ID}-${CALLER_ID}-01` };
const UNSAMPLED = { traceparent: `00-${TRACE_ID}-${CALLER_ID}-00` };
/** Records what its caller records, and nothing else. */
const AS_CALLER = new ParentBasedSampler({ root: new AlwaysOffSampler() });
const TYPENAME = { query: '{ __typename }' };

let recorder: Recorder;
let gateway: TestGateway;
let others: OtherSessions;

beforeAll(async () => {
  recorder = registerRecorder();
  gateway = await startTestGateway({ tracing: recorder.tracing, lanes: 1 });
  others = openOtherSessions(gateway.database.url);
  await setUp(gateway, {
    features: [{ featureId: 'messages' }],
    customers: [{ customerId: 'acme' }],
    balances: [{ customerId: 'acme', featureId: 'messages', granted: 1_000_000 }],
  });
});
afterAll(async () => {
  await others.close();
  await gateway.close();
  await recorder.close();
});
beforeEach(() => {
  recorder.sampler = new AlwaysOnSampler();
  recorder.processor = {};
  recorder.failures.length = 0;
});

const send = (body: object, headers: Record<string, string> = {}) =>
  gateway.send({ body, headers }).then((response) => response.json());
const recorded = (requests: number, work: () => Promise<unknown>) => recorder.after(requests, work);
const track = (headers: Record<string, string> = {}) =>
  send(
    {
      query:
        'mutation { trackBalance(input: { customerId: "acme", featureId: "messages" }) { __typename } }',
    },
    headers,
  );
const linksOf = ({ links }: ReadableSpan) => links.map(({ context: { spanId } }) => spanId);
const named = (spans: readonly ReadableSpan[], name: string) =>
  spans.filter((span) => span.name === name);

/** Sends calls while the lane is busy with another one, so that they share a batch. */
async function together(first: () => Promise<unknown>, calls: (() => Promise<unknown>)[]) {
  const release = await others.hold(HOLD_EVENTS);
  const answers = [first()];
  await others.untilOneWaits();
  answers.push(...calls.map((call) => call()));
  await expect.poll(() => gateway.parts.writeQueue.figures().queued).toBe(1 + calls.length);
  await release();
  await Promise.all(answers);
}

describe('a call and its batch', () => {
  it('are linked, in both directions, whichever trace the batch is in', async () => {
    const spans = await recorded(4, () => together(track, [track, track, track]));
    const operations = named(spans, 'mutation');
    const [first, shared] = named(spans, 'write batch');
    expect(shared?.attributes['tollgate.batch.items']).toBe(3);
    expect(linksOf(shared as ReadableSpan).sort()).toEqual(
      operations
        .map(idOf)
        .filter((id) => id !== first?.parentSpanContext?.spanId)
        .sort(),
    );
    expect(operations.flatMap(linksOf).sort()).toEqual(
      [first, shared, shared, shared].map((span) => idOf(span as ReadableSpan)).sort(),
    );
    expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(4);
  });

  it('have a bounded number of links', async () => {
    const calls = LINKS_MAX + 8;
    const spans = await recorded(1 + calls, () =>
      together(
        track,
        Array.from({ length: calls }, () => track),
      ),
    );
    const shared = named(spans, 'write batch').find(
      ({ attributes }) => attributes['tollgate.batch.items'] === calls,
    );
    expect(shared?.links.length).toBe(LINKS_MAX);
    expect(named(spans, 'mutation').map(({ links }) => links.length)).toEqual(
      Array.from({ length: 1 + calls }, () => 1),
    );
  });

  it('are recorded together: a batch of calls that are not is not either', async () => {
    recorder.sampler = AS_CALLER;
    // The lane is working for a recorded call when those come that are not.
    const spans = await recorded(1, () =>
      together(() => track(SAMPLED), [track, () => track(UNSAMPLED)]),
    );
    expect(outlineOf(spans)).toEqual([
      'SERVER POST /graphql 200 OK',
      '  INTERNAL mutation trackBalance OK',
      '    INTERNAL write batch 1',
      '      CLIENT commit',
    ]);
    expect(await recorded(0, track)).toEqual([]);
  });

  it('are recorded together, if one of the calls is', async () => {
    recorder.sampler = AS_CALLER;
    const spans = await recorded(1, () => together(track, [track, () => track(SAMPLED), track]));
    expect(outlineOf(spans)).toEqual([
      'SERVER POST /graphql 200 OK',
      '  INTERNAL mutation trackBalance OK',
      '    INTERNAL write batch 3',
      '      CLIENT commit',
    ]);
  });
});

describe('a trace that a caller has begun', () => {
  it('is continued', async () => {
    const [request] = (
      await recorded(1, () => send(TYPENAME, { ...SAMPLED, tracestate: 'a=b' }))
    ).filter(isOfRequest);
    expect(request?.parentSpanContext).toMatchObject({ traceId: TRACE_ID, spanId: CALLER_ID });
    expect(request?.spanContext().traceState?.serialize()).toBe('a=b');
  });

  it.each<[string, Record<string, string>]>([
    ['without a key', { authorization: '' }],
    ['with a wrong key', { authorization: 'Bearer tg_sk_wrong' }],
  ])('is not continued for a caller %s, and decides nothing', async (_what, headers) => {
    const [request] = await recorded(1, () => send(TYPENAME, { ...SAMPLED, ...headers }));
    expect(request?.parentSpanContext).toBeUndefined();
    expect(request?.spanContext().traceId).not.toBe(TRACE_ID);
    recorder.sampler = AS_CALLER;
    expect(await recorded(0, () => send(TYPENAME, { ...SAMPLED, ...headers }))).toEqual([]);
  });

  it.each(['00-zero-b7ad6b7169203331-01', '', '00', 'x'.repeat(8_000)])(
    'is a new one if it cannot be read: %.20s',
    async (traceparent) => {
      const spans = await recorded(1, () => send(TYPENAME, { traceparent }));
      expect(outlineOf(spans)).toHaveLength(2);
      expect(spans.filter(isOfRequest)[0]?.parentSpanContext).toBeUndefined();
    },
  );

  it('is continued without its baggage', async () => {
    const baggage: unknown[] = [];
    recorder.processor = {
      onStart: (_span, parent) => baggage.push(propagation.getBaggage(parent)),
    };
    await recorded(1, () => send(TYPENAME, { ...SAMPLED, baggage: 'secret=value' }));
    expect(baggage).toEqual([undefined, undefined]);
  });

  it('is one of the program that embeds the gateway, if it has an active span', async () => {
    const own = trace.getTracer('embedding').startSpan('own');
    const spans = await recorded(1, () =>
      context.with(trace.setSpan(context.active(), own), () =>
        gateway.gateway.fetch('http://embedded/graphql', {
          method: 'POST',
          headers: {
            authorization: `Bearer ${gateway.secret}`,
            'content-type': 'application/json',
            ...SAMPLED,
          },
          body: JSON.stringify(TYPENAME),
        }),
      ),
    );
    expect(spans.filter(isOfRequest)[0]?.parentSpanContext?.spanId).toBe(own.spanContext().spanId);
  });
});

it('no span has anything that a client has sent, but the id of its request', async () => {
  const [customerId, email, property, key, name, note] = [
    'wile-e',
    'wile@acme.example',
    'rocket',
    'once-1',
    'Coyote',
    'since it fell',
  ];
  const spans = await recorded(4, async () => {
    await send(
      {
        query: `mutation Coyote($email: String) { createCustomer(input: { customerId: "${customerId}", email: $email, name: "${name}" }) { __typename } }`,
        variables: { email },
      },
      { cookie: property, 'user-agent': name, baggage: `a=${note}`, 'x-request-id': 'my-request' },
    );
    await send({
      query: `mutation Coyote { a: trackBalance(input: { customerId: "${customerId}", featureId: "messages",
        idempotencyKey: "${key}", properties: { with: "${property}" } }) { __typename ... on Error { message } } }`,
    });
    await send({ query: `query Coyote { customer(customerId: "${customerId}") { email name } }` });
    await send({
      query: 'query Coyote($n: Int!) { customers(first: $n) { edges { node { id } } } }',
      variables: { n: email },
    });
  });
  const told = JSON.stringify(
    spans.map(({ name: spanName, attributes, status, events, links, resource }) => [
      spanName,
      attributes,
      status,
      events,
      links.map(({ attributes: more }) => more),
      resource.attributes,
    ]),
  );
  for (const secret of [customerId, email, property, key, name, note, gateway.secret])
    expect(told).not.toContain(secret);
  expect(told).toContain('my-request');
  expect(told).toContain(gateway.projectId);
});
