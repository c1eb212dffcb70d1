/** `npm run customers`: deletes for good, through the same verb as the API, and says what is left. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCommand } from '../support/gateway/command.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  await setUp(gateway, {
    features: [{ featureId: 'messages' }],
    customers: [{ customerId: 'acme', entities: ['seat'] }, { customerId: 'other' }],
    balances: [{ customerId: 'acme', featureId: 'messages', granted: 100 }],
  });
});
afterAll(() => gateway.close());

const run = (...args: string[]) =>
  runCommand('commands/customers.ts', args, { DATABASE_URL: gateway.database.url });

const ids = async () =>
  (await gateway.sql('SELECT id FROM customers ORDER BY id')).map(({ id }) => id);

it.each([
  [[], 'Usage:'],
  [['delete'], 'Usage:'],
  [['delete', 'acme', 'other'], 'Usage:'],
  [['remove', 'acme'], 'Usage:'],
  [['delete', 'acme'], 'There are several projects: '],
  [['delete', 'acme', '--project', 'none'], 'There is no project "none".'],
  [['delete', 'none', '--project', 'test'], 'There is no customer "none" to delete.'],
  [['delete', 'acme', '--project', 'foreign'], 'There is no customer "acme" to delete.'],
])('deletes nothing for %j', async (args, said) => {
  const ended = await run(...args);
  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(ended.stderr).toContain(said);
  expect(await ids()).toEqual(['acme', 'other']);
});

it('deletes a customer, and again says the same', async () => {
  const first = await run('delete', 'acme', '--project', 'test');
  expect(first).toMatchObject({ code: 0, stderr: '' });
  const left =
    /^Deleted the customer "acme" of the project "test"\. Its ledger stays under the id (deleted:[0-9a-f-]{36})\.\n$/;
  const [, id] = left.exec(first.stdout) ?? [];
  expect(await ids()).toEqual([id, 'other']);
  expect(await run('delete', 'acme', '--project', 'test')).toEqual(first);
});
