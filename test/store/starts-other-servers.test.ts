/** A start on a server that is no PostgreSQL, or that asks for what is not supported, ends with a message. */
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { messageOf, refusalsOf, SECRET } from '../support/gateway/starts.js';
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

const message = (type: string, body: string) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return `${type}${length.toString('latin1')}${body}`;
};

const READY = message('R', '\0\0\0\0') + message('Z', 'I');

const failing = (code: string, text: string) =>
  message('E', `SFATAL\0VFATAL\0C${code}\0M${text}\0\0`);

it.each([
  ['restarts', failing('57P01', 'terminating connection due to administrator command')],
  ['is cut off', ''],
  ['is away behind a pooler', failing('08P01', 'server login has been failing, try again later')],
])('a server that %s after the login is waited for', async (_what, answer) => {
  let logins = 0;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      logins += 1;
      socket.write(READY, 'latin1');
      socket.once('data', () => socket.end(answer, 'latin1'));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const DATABASE_URL = `postgresql://me:${SECRET}@127.0.0.1:${portOf(server)}/usage`;
  const printed = await refusalsOf({ DATABASE_URL, DATABASE_WAIT_MS: '600' });
  server.close();
  expect(printed).toEqual([
    expect.stringMatching(/ cannot be reached: .+\. Waiting up to 0\.6 s\.$/),
    expect.stringMatching(
      / could not be reached within 0\.6 s: .+\. Start it, or correct DATABASE_URL\.$/,
    ),
  ]);
  expect(printed.join()).not.toContain('Nothing was written');
  expect(logins).toBeGreaterThan(1);
});

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
