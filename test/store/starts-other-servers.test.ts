/** A start on a server that is no PostgreSQL, or that asks for what is not supported, ends with a message. */
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { messageOf, SECRET } from '../support/gateway/starts.js';
import { portOf } from '../support/postgres/old-server.js';

/** The address of a server that sends this, and then hangs up or is silent. */
async function sending(text: string, ends = false): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    if (ends) socket.end(text, 'latin1');
    else socket.once('data', () => socket.write(text, 'latin1'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return `postgresql://me:${SECRET}@127.0.0.1:${portOf(server)}/usage`;
}

it.each<[string, () => Promise<string>, RegExp]>([
  ['speaks HTTP', () => sending('HTTP/1.1 400 Bad Request\r\n\r\n', true), /within 0 s: /],
  ['is MySQL', () => sending('J\0\0\0\n8.0.33\0'.padEnd(80, 'x')), /at 127\.0\.0\.1:/],
  ['sends nothing but zeros', () => sending('\0'.repeat(100)), /at 127\.0\.0\.1:/],
  [
    'asks for Kerberos',
    () => sending('R\0\0\0\b\0\0\0\u0007'),
    /a way to authenticate that Tollgate does not support, such as GSSAPI\. Allow scram-sha-256/,
  ],
])('a start on a server that %s ends with a message', async (_what, url, message) => {
  const DATABASE_URL = await url();
  expect(await messageOf({ DATABASE_URL })).toMatch(message);
});
