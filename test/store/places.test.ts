import { afterAll, beforeAll, expect, it } from 'vitest';
import { everyCall } from '../support/gateway/every-call.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({ places: 8 });
});

afterAll(() => gateway.close());

it('every call is answered', async () => {
  await everyCall(gateway);
  expect(await gateway.sql('SELECT FROM public.projects')).not.toEqual([]);
});
