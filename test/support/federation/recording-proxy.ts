/** A proxy before Tollgate: it records what gateways really send, and can lose answers. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { monotonicMs } from '../../../src/platform/clock.js';

export interface Recorded {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** How long the answer took. */
  readonly ms: number;
}

export interface RecordingProxy {
  readonly origin: string;
  /** What was sent since the last call of `take`. */
  take(): Recorded[];
  /** Loses every nth answer from now on, after Tollgate has done what it was asked to; none with 0. */
  loseEvery(n: number): void;
  readonly lost: () => number;
  stop(): Promise<void>;
}

/** Those of one connection, which a proxy does not pass on, and the length, which `fetch` computes. */
const OWN_HEADERS = /^(host|connection|keep-alive|transfer-encoding|content-length|expect)$/;

export async function startRecordingProxy(upstream: string): Promise<RecordingProxy> {
  const recorded: Recorded[] = [];
  let loseEvery = 0;
  let answers = 0;
  let lost = 0;
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const { headers } = request;
    const passed = Object.entries(headers).filter(([name]) => !OWN_HEADERS.test(name));
    const startedAt = monotonicMs();
    const answer = await fetch(`${upstream}${request.url}`, {
      method: request.method ?? 'POST',
      headers: Object.fromEntries(passed.map(([name, value]) => [name, String(value)])),
      body,
    });
    const content = await answer.text();
    recorded.push({ headers, body, ms: monotonicMs() - startedAt });
    answers += 1;
    if (loseEvery > 0 && answers % loseEvery === 0) {
      lost += 1;
      request.socket.destroy();
      return;
    }
    const type = answer.headers.get('content-type') ?? 'application/json';
    response.writeHead(answer.status, { 'content-type': type });
    response.end(content);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it has no port');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    take: () => recorded.splice(0),
    loseEvery: (n) => {
      loseEvery = n;
      answers = 0;
      lost = 0;
    },
    lost: () => lost,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
