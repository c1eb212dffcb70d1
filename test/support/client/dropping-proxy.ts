/** A proxy that loses answers: the gateway has done what was requested, and the client cannot know. */
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Substitute {
  readonly status: number;
  readonly json: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface DroppingProxy {
  readonly origin: string;
  /** The heads of all requests that have passed. */
  readonly heads: readonly IncomingHttpHeaders[];
  /** When each of them arrived, in milliseconds of the monotonic clock. */
  readonly arrivals: readonly number[];
  /** Loses the answers to the next requests, or gives this one in their place. */
  drop(answers: number, instead?: Substitute): void;
  close(): Promise<void>;
}

export async function startDroppingProxy(target: string): Promise<DroppingProxy> {
  const heads: IncomingHttpHeaders[] = [];
  const arrivals: number[] = [];
  let dropping = 0;
  let substitute: Substitute | undefined;
  const server = createServer((asked, answer) => {
    heads.push(asked.headers);
    arrivals.push(performance.now());
    const { method, headers, url = '/' } = asked;
    const onward = request(new URL(url, target), { method, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        dropping -= 1;
        const status = response.statusCode ?? 500;
        if (dropping < 0) answer.writeHead(status, response.headers).end(Buffer.concat(parts));
        else if (substitute === undefined) answer.destroy();
        else {
          const type = response.headers['content-type'];
          answer.writeHead(substitute.status, { 'content-type': type, ...substitute.headers });
          answer.end(JSON.stringify(substitute.json));
        }
      });
    });
    onward.on('error', () => answer.destroy());
    asked.pipe(onward);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    heads,
    arrivals,
    drop: (answers, instead) => {
      dropping = answers;
      substitute = instead;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
