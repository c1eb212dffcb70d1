/** The baseline's side: it reports where it listens, and ends with the benchmark. */
import { createServer, type RequestListener } from 'node:http';
import type { FromServer } from '../protocol.js';

/** Listens on a free port until the benchmark disconnects from the process. */
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
  process.on('disconnect', () => process.exit(0));
  const message: FromServer = { kind: 'LISTENING', port };
  process.send?.(message);
}
