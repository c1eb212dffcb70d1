/** The adapter of a test's server: `TEST_ADAPTER=fetch` runs all tests that have a server through the fetch API. */
import type { RequestListener, ServerResponse } from 'node:http';
import type { Gateway } from '../../../src/gateway.js';

/** To skip tests that only concern `node:http`. */
export const isThroughFetch = process.env['TEST_ADAPTER'] === 'fetch';

export function handleOf(gateway: Gateway): RequestListener {
  return isThroughFetch ? throughFetch(gateway) : gateway.handle;
}

/** As another server would embed the gateway. */
function throughFetch(gateway: Gateway): RequestListener {
  return async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = 'GET', url = '/' } = request;
    const body = method === 'GET' || method === 'HEAD' ? {} : { body: Buffer.concat(chunks) };
    const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [
      name,
      String(value),
    ]);
    const { signal } = abortedWith(response);
    const init = { method, headers, signal, ...body };
    const answer = await gateway.fetch(`http://embedded${url}`, init).catch((error: unknown) => {
      if (signal.aborted) return null;
      throw error;
    });
    if (answer === null) return;
    response.writeHead(answer.status, [...answer.headers].flat());
    response.end(Buffer.from(await answer.arrayBuffer()));
  };
}

/** Tells the gateway that the client has disconnected, which only the server knows. */
function abortedWith(response: ServerResponse): AbortController {
  const controller = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller;
}
