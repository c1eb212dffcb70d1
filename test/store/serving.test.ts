/** The program as a process: its settings take effect, and a revoked key stops working in time. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import { HOLD_EVENTS, openOtherSessions } from '../support/database/other-sessions.js';
import { runCommand, startCommand } from '../support/gateway/command.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

const environment = () => ({ DATABASE_URL: database.url, PORT: '0', LOG_LEVEL: 'silent' });

it('every setting is used by a start', async () => {
  const serving = startCommand('../test/support/gateway/settings-used.ts', [], environment());
  const said = await serving.says('unused: ');
  serving.signal('SIGTERM');
  await serving.ended;
  const [, unused = ''] = /^unused: (.*)$/m.exec(said) ?? [];
  // The folder is that of the embedded database; commands.test.ts tests how long a start waits for a database that is down.
  expect(JSON.parse(unused)).toEqual(['dataFolder', 'databaseWaitMs']);
});

const keys = async (...args: string[]) =>
  (await runCommand('commands/keys.ts', args, environment())).stdout.trim();

/** A started program, and functions that call it. */
async function started(settings: Readonly<Record<string, string>> = {}) {
  const gateway = startCommand('main.ts', [], { ...environment(), ...settings });
  const origin = /http:\S+(?=\/graphql)/.exec(await gateway.says('\n'))?.[0];
  const post = (secret: string, query: string) =>
    fetch(`${origin}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
  return { gateway, post };
}

it('a key stops working within five seconds of its revocation', async () => {
  const secret = await keys('create', '--project', 'revoked', '--new-project');
  const { gateway, post } = await started();
  const status = async () => (await post(secret, '{ __typename }')).status;
  expect(await status()).toBe(200);
  await keys('revoke', secret.slice(0, 12));
  // With a margin for a busy machine.
  await expect.poll(status, { interval: 100, timeout: 30_000 }).toBe(401);
  gateway.signal('SIGTERM');
  expect(await gateway.ended).toMatchObject({ code: 0 });
});

it('a shutdown ends when its time is over, even if the database does not respond', async () => {
  const secret = await keys('create', '--project', 'held', '--new-project');
  // A shutdown that waited for the call would end in order, with code 0.
  const patience = { DATABASE_ACQUIRE_TIMEOUT_MS: '60000', STATEMENT_TIMEOUT_MS: '600000' };
  const { gateway, post } = await started({
    ...patience,
    LOG_LEVEL: 'error',
    SHUTDOWN_GRACE_MS: '1000',
  });
  await post(
    secret,
    `mutation { createFeature(input: { featureId: "f", name: "f", type: CONSUMABLE }) { __typename }
      createCustomer(input: { customerId: "c" }) { __typename } }`,
  );
  const otherSessions = openOtherSessions(database.url);
  const release = await otherSessions.hold(HOLD_EVENTS);
  const use =
    'mutation { trackBalance(input: { customerId: "c", featureId: "f" }) { __typename } }';
  const answer = post(secret, use).then(
    () => 'answered',
    () => 'cut off',
  );
  await otherSessions.untilOneWaits();
  gateway.signal('SIGTERM');
  const { code, stderr } = await gateway.ended;
  expect(code).toBe(1);
  expect(stderr).toContain('Closing took too long; ended.');
  expect(await answer).toBe('cut off');
  await release();
  await otherSessions.close();
});
