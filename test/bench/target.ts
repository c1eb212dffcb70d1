/** The side of a server under load: it says where it listens and answers what it has used. */
import { createServer, type RequestListener } from 'node:http';
import type { FromTarget, ToTarget } from './protocol.js';

const RSS_SAMPLE_MS = 200;

/** Listens on a free port until the benchmark lets go of the process. */
export function serve(listener: RequestListener): void {
  const server = createServer(listener);
  server.keepAliveTimeout = 65_000;
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (address !== null && typeof address === 'object') report(address.port);
  });
}

/** Reports to the benchmark that this process listens on `port`. */
export function report(port: number): void {
  let rssBytesMax = 0;
  setInterval(() => {
    rssBytesMax = Math.max(rssBytesMax, process.memoryUsage.rss());
  }, RSS_SAMPLE_MS).unref();
  process.on('message', (message: ToTarget) => {
    if (message.kind !== 'USAGE') return;
    const { user, system } = process.cpuUsage();
    send({ kind: 'USAGE', cpuUs: user + system, rssBytesMax });
    rssBytesMax = 0;
  });
  process.on('disconnect', () => process.exit(0));
  send({ kind: 'LISTENING', port });
}

function send(message: FromTarget): void {
  process.send?.(message);
}
