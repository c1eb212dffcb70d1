/** What is stored about a connection or a project is released when it ends, so clients that come and go leak no memory. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, Socket } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { createNodeAdapter } from '../../src/http/node-adapter.js';
import { ProjectCounts } from '../../src/http/project-counts.js';
import { RECEIVING_BYTES_MAX, Receiving } from '../../src/http/receiving.js';
import { createLog } from '../support/gateway/log.js';
import { ReadStatements } from '../support/meter/read-statements.js';

afterEach(() => {
  vi.restoreAllMocks();
});

/** The maps that got an entry with such a key during the work. */
async function mapsWith(isKey: (key: unknown) => boolean, work: () => Promise<void>) {
  const set = vi.spyOn(Map.prototype, 'set');
  await work();
  const maps = new Set<Map<unknown, unknown>>();
  for (const [index, [key]] of set.mock.calls.entries()) {
    const map = set.mock.contexts[index];
    if (map instanceof Map && isKey(key)) maps.add(map);
  }
  set.mockRestore();
  return [...maps];
}

it('a connection is released when it ends', async () => {
  const { handle } = createNodeAdapter({
    pipeline: { serves: () => true, admit: () => null, answer: () => expect.unreachable() },
    others: (_request, response) => response.end('{}'),
    logger: createLog().logger,
  });
  const server = createServer(handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const maps = await mapsWith(
    (key) => key instanceof Socket,
    async () => {
      for (let count = 0; count < 5; count += 1) {
        const socket = connect(port, '127.0.0.1');
        socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
        await once(socket, 'data');
        socket.destroy();
      }
      await new Promise((resolve) => server.close(resolve));
    },
  );
  expect(maps.length).toBeGreaterThan(0);
  await expect.poll(() => maps.map((map) => map.size)).toEqual(maps.map(() => 0));
});

it('a project that reads is released once its reads are answered', async () => {
  const reads = new ReadStatements();
  const queue = reads.createQueue();
  const projects = ['project-1', 'project-2', 'project-3'];
  const maps = await mapsWith(
    (key) => projects.includes(String(key)),
    async () => {
      const answers = projects.map((id) => queue.read(reads.kind, id, 'a'));
      await reads.answerAll();
      await Promise.all(answers);
    },
  );
  expect(maps.length).toBeGreaterThan(0);
  for (const map of maps) expect(map.size).toBe(0);
});

it('a project that sends large bodies is released once they have arrived', async () => {
  const receiving = new Receiving({
    bodyBytesMax: RECEIVING_BYTES_MAX,
    admission: { begin: () => undefined, end: () => undefined },
    monotonicMs: () => 0,
  });
  const headers = new Map([
    ['content-type', 'application/json'],
    ['content-length', '1000000'],
  ]);
  const maps = await mapsWith(
    (key) => key === 'project-1',
    async () => {
      receiving.read(
        {
          method: 'POST',
          path: '/graphql',
          search: '',
          requestId: 'request-1',
          header: (name) => headers.get(name),
          readBody: (_bytesMax, { next }) => next(Buffer.from('{}')),
          onEnd: () => undefined,
        },
        'project-1',
        { next: () => undefined, fail: (error) => expect.unreachable(String(error)) },
      );
    },
  );
  expect(maps.length).toBeGreaterThan(0);
  for (const map of maps) expect(map.size).toBe(0);
});

it('a project whose operations are counted is released once they have ended', async () => {
  const maps = await mapsWith(
    (key) => key === 'project-1',
    async () => {
      const counts = new ProjectCounts();
      counts.add('project-1');
      counts.remove('project-1');
    },
  );
  expect(maps.map(({ size }) => size)).toEqual([0]);
});
