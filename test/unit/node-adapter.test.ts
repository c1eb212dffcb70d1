/** An unexpected error ends its own exchange, but neither the process nor other requests. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { createNodeAdapter } from '../../src/http/node-adapter.js';
import type { Pipeline } from '../../src/http/pipeline.js';
import { createLog } from '../support/gateway/log.js';

const closings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0)) await close();
});

const REPLY = { status: 200, headers: { 'Content-Length': '2' }, body: '{}' };

/** A server with this pipeline, and what its adapter throws while handling a request. */
async function serverWith(pipeline: Pipeline) {
  const { logger, lines } = createLog();
  const thrown: unknown[] = [];
  const others = () => {
    throw new Error('others');
  };
  const { handle } = createNodeAdapter({ pipeline, others, logger });
  const server = createServer((request, response) => {
    try {
      handle(request, response);
    } catch (error) {
      thrown.push(error);
      response.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closings.push(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as AddressInfo;
  const ask = (method: string) =>
    fetch(`http://127.0.0.1:${port}/graphql`, {
      method,
      headers: { 'content-type': 'application/json', connection: 'close' },
    });
  return { ask, thrown, lines };
}

const unforeseen = (): never => {
  throw new Error('unforeseen');
};

it.each<[string, string, Partial<Pipeline>]>([
  ['admission throws', 'POST', { admit: unforeseen }],
  ['a stage throws', 'POST', { answer: unforeseen }],
  ['a stage fails', 'POST', { answer: (_, { fail }) => fail(new Error('unforeseen')) }],
  ['an answer cannot be sent', 'POST', { admit: () => ({ ...REPLY, headers: { 'a b': '' } }) }],
  ['the other adapter throws', 'GET', {}],
])('if %s, the connection closes and the error is logged', async (_what, method, fails) => {
  let isBroken = true;
  const serves = () => true;
  const good: Pipeline = { serves, admit: () => null, answer: (_, { next }) => next(REPLY) };
  const { ask, thrown, lines } = await serverWith({
    serves,
    admit: (incoming) => ({ ...good, ...(isBroken && fails) }).admit(incoming),
    answer: (incoming, then) => ({ ...good, ...(isBroken && fails) }).answer(incoming, then),
  });
  await expect(ask(method)).rejects.toThrow('fetch failed');
  expect(thrown).toEqual([]);
  expect(lines()).toMatchObject([{ level: 'error', msg: 'unexpected error' }]);
  isBroken = false;
  expect((await ask('POST')).status).toBe(200);
});
