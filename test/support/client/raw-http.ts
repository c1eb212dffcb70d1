/** HTTP as bytes, for what no client library would send. */
import { connect, type Socket } from 'node:net';

export interface RawConnection {
  readonly socket: Socket;
  write(text: string | Uint8Array): void;
  /** Resolves with everything received once it matches; rejects if the connection ends before. */
  received(pattern: RegExp): Promise<string>;
  /** Resolves with everything received once the server has closed the connection. */
  closed(): Promise<string>;
}

export function openRaw(origin: string): RawConnection {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  let text = '';
  let isClosed = false;
  let failure: Error | null = null;
  let looks: (() => void)[] = [];
  const look = () => {
    for (const one of looks) one();
  };
  socket.setEncoding('latin1');
  socket.on('data', (part) => {
    text += part;
    look();
  });
  socket.on('error', (error) => {
    failure = error;
  });
  socket.on('close', () => {
    isClosed = true;
    look();
  });
  const until = (holds: () => boolean) =>
    new Promise<string>((resolve, reject) => {
      const one = () => {
        if (!holds() && !isClosed) return;
        looks = looks.filter((other) => other !== one);
        if (holds()) resolve(text);
        else reject(failure ?? new Error(`the connection was closed after: ${text}`));
      };
      looks.push(one);
      one();
    });
  return {
    socket,
    write: (bytes) => socket.write(bytes),
    received: (pattern) => until(() => pattern.test(text)),
    closed: () => until(() => isClosed && failure === null),
  };
}

/** A POST of JSON as text. */
export function rawPost(
  body: string,
  headers: Readonly<Record<string, string>>,
  target = '/graphql',
): string {
  const lines = Object.entries({
    Host: 'localhost',
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(body)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`);
  return `POST ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}
