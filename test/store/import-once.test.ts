/** An import loses and doubles nothing, however it ends and whatever else happens meanwhile. */
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { runCommand } from '../support/gateway/command.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import {
  IMPORT_LINES,
  type ImportRun,
  importFolder,
  killImports,
  newImport,
} from '../support/load/import-run.js';

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

/** Twenty in test/faults/import-kill.test.ts. */
const KILLS = 2;

it(`is killed ${KILLS} times and started again`, async () => {
  await killImports(run, KILLS);
});

it.each(['SIGINT', 'SIGTERM'] as const)('is ended by %s and started again', async (signal) => {
  const running = run.start();
  await expect.poll(run.events, { interval: 5 }).toBeGreaterThan(0);
  running.signal(signal);
  const interrupted = await running.ended;
  expect(interrupted.code).toBe(signal === 'SIGINT' ? 130 : 143);
  expect(interrupted.stdout).toContain('Interrupted. Run the same command again to go on');
  const before = await run.events();
  expect(interrupted.stdout).toContain(`${before.toLocaleString('en')} usage events recorded`);
  const ended = await run.start().ended;
  expect(ended).toMatchObject({ code: 0 });
  expect(ended.stdout).toContain(`${before.toLocaleString('en')} had been recorded before`);
  await run.expectAll();
});

it('runs twice at once', async () => {
  const ended = await Promise.all([run.start().ended, run.start().ended]);
  expect(ended.map(({ code }) => code)).toEqual([0, 0]);
  await run.expectAll();
});

it('runs beside gateways that use the same balances', async () => {
  const running = run.start();
  const mutation =
    'mutation ($input: BalancesTrackInput!) { trackBalance(input: $input) { __typename } }';
  let calls = 0;
  let isOver = false;
  const ended = running.ended.finally(() => {
    isOver = true;
  });
  const customers = [...run.expected.keys()];
  while (!isOver) {
    const customerId = customers[calls % customers.length] ?? '';
    const input = { customerId, featureId: run.featureId, value: 5 };
    const { data } = await gateway.execute(mutation, { input });
    expect(data.trackBalance.__typename).toBe('TrackBalancePayload');
    calls += 1;
    run.expected.set(customerId, (run.expected.get(customerId) ?? 0) + 5);
  }
  expect(await ended).toMatchObject({ code: 0 });
  expect(calls).toBeGreaterThan(0);
  await run.expectAll(IMPORT_LINES + calls);
});

it('uses the embedded database where there is no other', async () => {
  const embedded = { DATA_DIR: join(folder, 'data') };
  await runCommand('commands/keys.ts', ['create', '--project', 'test', '--new-project'], embedded);
  const ended = await runCommand('commands/import.ts', [run.path], embedded);
  expect(ended).toMatchObject({ code: 1 });
  expect(ended.stdout).toContain(
    `Refused: ${IMPORT_LINES.toLocaleString('en')} CUSTOMER_NOT_FOUND.`,
  );
});
