/** CORS_ORIGINS: which pages may call from a browser, through both adapters. None may unless it is set. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';

const ORIGIN = 'https://app.example.com';
const PREFLIGHT = {
  'Access-Control-Request-Method': 'POST',
  'Access-Control-Request-Headers': 'authorization,content-type',
};

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** The two adapters: over HTTP, and without the network. */
const WAYS: readonly [string, (gateway: TestGateway, sent: Sent) => Promise<Response>][] = [
  ['the server', (gateway, sent) => fetch(`${gateway.origin}${sent.path ?? '/graphql'}`, sent)],
  [
    'fetch',
    (gateway, sent) => gateway.gateway.fetch(`${gateway.origin}${sent.path ?? '/graphql'}`, sent),
  ],
];

const query = (gateway: TestGateway, headers: Record<string, string> = {}): Sent => ({
  method: 'POST',
  headers: {
    'Content-Type': 'application/json',
    Authorization: `Bearer ${gateway.secret}`,
    ...headers,
  },
  body: '{"query":"{ __typename }"}',
});

const corsHeaders = (response: Response) =>
  [...response.headers.keys()].filter((name) => name.startsWith('access-control-'));

const list = (response: Response, name: string) =>
  (response.headers.get(name) ?? '').split(',').map((part) => part.trim().toLowerCase());

/** A request for every kind of answer, with its status. */
const KINDS: readonly [string, number, (gateway: TestGateway) => Sent][] = [
  ['an answer', 200, (gateway) => query(gateway)],
  ['no key', 401, (gateway) => query(gateway, { Authorization: '' })],
  ['an unknown key', 401, (gateway) => query(gateway, { Authorization: 'Bearer tg_sk_no' })],
  ['a malformed body', 400, (gateway) => ({ ...query(gateway), body: '{' })],
  ['a malformed document', 200, (gateway) => ({ ...query(gateway), body: '{"query":"{"}' })],
  [
    'an unsupported Content-Type',
    415,
    (gateway) => query(gateway, { 'Content-Type': 'text/plain' }),
  ],
  ['an unsupported Accept', 406, (gateway) => query(gateway, { Accept: 'image/png' })],
  ['another method', 405, (gateway) => ({ ...query(gateway), method: 'PUT' })],
  [
    'a GET',
    200,
    (gateway) => ({
      path: '/graphql?query=%7B__typename%7D',
      headers: { Authorization: `Bearer ${gateway.secret}`, Accept: 'application/json' },
    }),
  ],
];

describe('with a list of origins', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway({ corsOrigins: ['http://localhost:3000', ORIGIN] });
  });
  afterAll(() => gateway.close());

  describe.each(WAYS)('through %s', (_way, send) => {
    it('a preflight is answered without a key', async () => {
      const response = await send(gateway, {
        method: 'OPTIONS',
        headers: { Origin: ORIGIN, ...PREFLIGHT },
      });
      expect(response.status).toBe(204);
      expect(await response.text()).toBe('');
      expect(response.headers.get('access-control-allow-origin')).toBe(ORIGIN);
      expect(list(response, 'access-control-allow-methods')).toEqual(['get', 'post']);
      expect(list(response, 'access-control-allow-headers')).toEqual(
        expect.arrayContaining([
          'authorization',
          'content-type',
          'idempotency-key',
          'tollgate-cost',
          'apollo-require-preflight',
          'x-request-id',
        ]),
      );
      expect(response.headers.get('access-control-max-age')).toBe('86400');
      expect(response.headers.get('access-control-allow-credentials')).toBeNull();
      expect(list(response, 'vary')).toContain('origin');
    });

    it.each([
      'https://evil.example.com',
      `${ORIGIN}.evil.com`,
      `${ORIGIN}:8443`,
      'null',
      'http://app.example.com',
    ])('a preflight from %s gets no CORS headers', async (Origin) => {
      const response = await send(gateway, {
        method: 'OPTIONS',
        headers: { Origin, ...PREFLIGHT },
      });
      expect(response.status).toBe(204);
      expect(corsHeaders(response)).toEqual([]);
      expect(list(response, 'vary')).toContain('origin');
    });

    it.each(KINDS)(
      '%s can be read by an allowed origin, with status %i',
      async (_kind, status, sent) => {
        const { headers, ...rest } = sent(gateway);
        const response = await send(gateway, { ...rest, headers: { ...headers, Origin: ORIGIN } });
        expect(response.status).toBe(status);
        expect(response.headers.get('access-control-allow-origin')).toBe(ORIGIN);
        const exposed = list(response, 'access-control-expose-headers');
        expect(exposed).toEqual(['idempotency-replayed', 'retry-after', 'x-request-id']);
        expect(list(response, 'vary')).toContain('origin');
      },
    );

    it.each(KINDS)('%s cannot be read by other origins', async (_kind, status, sent) => {
      const { headers, ...rest } = sent(gateway);
      for (const origin of [{ Origin: 'https://evil.example.com' }, {}]) {
        const response = await send(gateway, { ...rest, headers: { ...headers, ...origin } });
        expect(response.status).toBe(status);
        expect(corsHeaders(response)).toEqual([]);
        expect(list(response, 'vary')).toContain('origin');
      }
    });

    it.each<[string, Sent]>([
      ['OPTIONS without an origin', { headers: PREFLIGHT }],
      ['OPTIONS without a requested method', { headers: { Origin: ORIGIN } }],
    ])('%s is not a preflight', async (_, sent) => {
      expect((await send(gateway, { method: 'OPTIONS', ...sent })).status).toBe(401);
    });
  });
});

describe('with *', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway({ corsOrigins: ['*'] });
  });
  afterAll(() => gateway.close());

  it.each(WAYS)('any page may call through %s', async (_, send) => {
    const headers = { Origin: 'https://anybody.example' };
    const preflight = await send(gateway, {
      method: 'OPTIONS',
      headers: { ...headers, ...PREFLIGHT },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    const answer = await send(gateway, query(gateway, headers));
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(await answer.json()).toEqual({ data: { __typename: 'Query' } });
  });
});

/** Reads are also refused in another way. */
const MUTATION = JSON.stringify({
  query: 'mutation { updateCustomer(input: { customerId: "nobody" }) { __typename } }',
});

describe('the answer to a request that is shed', () => {
  it.each(WAYS)('can be read through %s, and preflights are not shed', async (_, send) => {
    const gateway = await startTestGateway({ corsOrigins: [ORIGIN], requestsInFlightMax: 1 });
    try {
      let responses: Response[] = [];
      // On a busy machine some rounds may arrive one by one.
      for (
        let round = 0;
        round < 20 && responses.every(({ status }) => status !== 503);
        round += 1
      ) {
        const many = Array.from({ length: 60 }, () =>
          send(gateway, { ...query(gateway, { Origin: ORIGIN }), body: MUTATION }),
        );
        const preflight = send(gateway, {
          method: 'OPTIONS',
          headers: { Origin: ORIGIN, ...PREFLIGHT },
        });
        responses = await Promise.all(many);
        expect((await preflight).status).toBe(204);
      }
      expect(responses.map(({ status }) => status)).toContain(503);
      for (const response of responses) {
        expect(response.headers.get('access-control-allow-origin')).toBe(ORIGIN);
      }
    } finally {
      await gateway.close();
    }
  });
});

describe('without CORS_ORIGINS', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.close());

  describe.each(WAYS)('through %s', (_way, send) => {
    it('a preflight is a request like any other', async () => {
      const headers = { Origin: ORIGIN, ...PREFLIGHT };
      const response = await send(gateway, { method: 'OPTIONS', headers });
      expect(response.status).toBe(401);
      expect(corsHeaders(response)).toEqual([]);
    });

    it.each(KINDS)('%s has no CORS headers', async (_kind, status, sent) => {
      const { headers, ...rest } = sent(gateway);
      const response = await send(gateway, { ...rest, headers: { ...headers, Origin: ORIGIN } });
      expect(response.status).toBe(status);
      expect(corsHeaders(response)).toEqual([]);
      expect(response.headers.get('vary')).toBeNull();
    });
  });
});
