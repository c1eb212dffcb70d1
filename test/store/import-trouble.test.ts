/** An import waits for a database that is away, and settles what it does not know, without losing or doubling a line. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openOtherSessions } from '../support/database/other-sessions.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import {
  IMPORT_LINES,
  type ImportRun,
  importFolder,
  newImport,
} from '../support/load/import-run.js';
import { startProxy } from '../support/postgres/tcp-proxy.js';

const { folder, remove } = importFolder();

let gateway: TestGateway;
let run: ImportRun;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(async () => {
  await gateway.close();
  remove();
});
beforeEach(async () => {
  run = await newImport(gateway, folder);
});

it.each(['reset', 'end'] as const)('loses its connections (%s) again and again', async (how) => {
  const url = new URL(gateway.database.url);
  const proxy = await startProxy(Number(url.port));
  url.port = String(proxy.port);
  const running = run.start(url.href);
  const ended = running.ended.then((result) => ({ ...result, isOver: true }));
  for (let cut = 1; cut <= 10; cut += 1) {
    const target = (IMPORT_LINES / 12) * cut;
    await expect.poll(run.events, { interval: 5 }).toBeGreaterThanOrEqual(Math.floor(target));
    proxy.cut(how);
  }
  expect(await ended).toMatchObject({ code: 0 });
  await proxy.close();
  await run.expectAll();
});

it('waits for a database that is away, and says so', async () => {
  const url = new URL(gateway.database.url);
  const proxy = await startProxy(Number(url.port));
  const { port } = proxy;
  url.port = String(port);
  const running = run.start(url.href);
  await expect.poll(run.events, { interval: 5 }).toBeGreaterThan(0);
  await proxy.close();
  await running.complains('Waiting: ');
  const back = await startProxy(Number(new URL(gateway.database.url).port), port);
  const ended = await running.ended;
  expect(ended).toMatchObject({ code: 0 });
  expect(ended.stderr).toContain('Going on.');
  await back.close();
  await run.expectAll();
});

it('is interrupted while it waits for customers, and started again', async () => {
  const sessions = openOtherSessions(gateway.database.url);
  const release = await sessions.hold('SELECT 1 FROM customers FOR UPDATE');
  const running = run.start();
  await running.complains('Waiting: Another transaction has locked the customer');
  running.signal('SIGINT');
  const interrupted = await running.ended;
  expect(interrupted).toMatchObject({ code: 130 });
  expect(interrupted.stdout).toContain('0 usage events recorded');
  expect(interrupted.stdout).toContain(', 0 of ');
  await release();
  await sessions.close();
  expect(await run.start().ended).toMatchObject({ code: 0 });
  await run.expectAll();
});
