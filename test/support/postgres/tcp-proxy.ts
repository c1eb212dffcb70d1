/** A proxy on 127.0.0.1 that can break its connections in the ways that networks do. */
import { connect, createServer, type Socket } from 'node:net';

export type Cut =
  /** RST, as from a host that has forgotten the connection. */
  | 'reset'
  /** FIN, as from a process that has ended. */
  | 'end'
  /** Everything is silently dropped. */
  | 'silence';

export interface Proxy {
  readonly port: number;
  /** Breaks the existing connections; new ones work. */
  cut(how: Cut): void;
  /** Drops everything of existing connections and of new ones. */
  hang(): void;
  close(): Promise<void>;
}

interface Link {
  readonly client: Socket;
  readonly server: Socket;
  silent: boolean;
}

/** On any free port, unless it is to take the place of one that was closed. `onSent` gets the number of bytes that are about to be passed to the server. */
export async function startProxy(
  targetPort: number,
  ownPort = 0,
  onSent: (bytes: number) => void = () => undefined,
): Promise<Proxy> {
  const links = new Set<Link>();
  let hangs = false;
  const listener = createServer((client) => {
    const server = connect({ host: '127.0.0.1', port: targetPort });
    const link: Link = { client, server, silent: hangs };
    links.add(link);
    client.on('data', ({ length }) => onSent(length));
    pass(link, client, server);
    pass(link, server, client);
    client.on('close', () => links.delete(link));
  });
  await new Promise<void>((resolve) => listener.listen(ownPort, '127.0.0.1', resolve));
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    port: address.port,
    cut: (how) => {
      for (const link of links) cutLink(link, how);
    },
    hang: () => {
      hangs = true;
      for (const link of links) link.silent = true;
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      for (const { client, server } of links) {
        client.destroy();
        server.destroy();
      }
      await closed;
    },
  };
}

function pass(link: Link, from: Socket, to: Socket): void {
  from.on('data', (data) => {
    if (!link.silent) to.write(data);
  });
  from.on('error', () => undefined);
  from.on('close', () => {
    if (!link.silent) to.destroy();
  });
}

function cutLink(link: Link, how: Cut): void {
  if (how === 'silence') link.silent = true;
  if (how === 'reset') link.client.resetAndDestroy();
  if (how === 'end') link.client.destroy();
}
