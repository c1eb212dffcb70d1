/** A server of an old version, and the ports of servers of our own. */
import { connect, createServer } from 'node:net';

export function portOf(server: ReturnType<typeof createServer>): number {
  const address = server.address();
  return address instanceof Object ? address.port : 0;
}

/** The server of that address, as if it were four years older: its number reads otherwise on the way. */
export async function startOldServer(databaseUrl: string) {
  const url = new URL(databaseUrl);
  const { port, hostname } = url;
  const server = createServer((client) => {
    const real = connect(Number(port), hostname);
    client.pipe(real);
    real.on('data', (data) => {
      const text = data.toString('latin1').replaceAll(/1[5-9](00\d\d)/g, '14$1');
      client.write(Buffer.from(text, 'latin1'));
    });
    for (const socket of [client, real]) socket.on('error', () => undefined);
    real.on('close', () => client.destroy());
    client.on('close', () => real.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url.port = String(portOf(server));
  return {
    url: url.href,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
