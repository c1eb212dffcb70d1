/** `npm run import` of usage whose cost depends on its properties: each line costs what a call with the same input does. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCommand } from '../support/gateway/command.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

const folder = mkdtempSync(join(tmpdir(), 'tollgate-import-'));
const path = join(folder, 'usage.jsonl');

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  const tokens = (cost: number, where: Record<string, unknown>) => ({
    featureId: 'tokens',
    cost,
    where,
  });
  const creditCosts = [
    tokens(0.000_002_5, { model: 'größe', cached: true }),
    tokens(3, { model: 'größe' }),
    tokens(7, { tier: 1 }),
  ];
  await setUp(gateway, {
    features: [
      { featureId: 'tokens', eventNames: ['spoken'] },
      { featureId: 'credits', type: 'CREDIT_SYSTEM', creditCosts },
    ],
    customers: [{ customerId: 'imported' }, { customerId: 'called' }],
    balances: ['imported', 'called'].map((customerId) => ({
      customerId,
      featureId: 'credits',
      granted: 1_000,
    })),
  });
});
afterAll(async () => {
  await gateway.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The input of a line, and what it takes; null if it is refused. */
const INPUTS: readonly (readonly [string, string | null])[] = [
  ['"featureId":"tokens","value":2,"properties":{"model":"gr\\u00f6\\u00dfe"}', '6'],
  ['"featureId":"tokens","value":1000,"properties":{"cached":true,"model":"größe"}', '0.0025'],
  ['"eventName":"spoken","value":1,"properties":{"tier":1.0,"model":"other"}', '7'],
  ['"featureId":"tokens","value":1,"properties":{"tier":"1"}', ''],
  ['"featureId":"tokens","value":1,"overageBehavior":"CAP"', ''],
  ['"featureId":"tokens","value":1,"overageBehavior":"REJECT"', null],
  [`"featureId":"tokens","value":1,"properties":{"tier":1,"text":"${'x'.repeat(60_000)}"}`, '7'],
];

const lineOf = (customerId: string, input: string, index: number) =>
  `{"customerId":"${customerId}","idempotencyKey":"k${index}",${input}}`;

/** What each event of a customer took, by the index of its input. */
async function takenBy(customerId: string): Promise<unknown[]> {
  const events = await gateway.sql(
    `SELECT e.idempotency_key AS key, coalesce(e.outcome -> 'deductions' -> 0 ->> 'amount', '') AS taken
     FROM events AS e JOIN customers AS c USING (customer_key) WHERE c.id = $1`,
    [customerId],
  );
  const taken = new Map(events.map(({ key, taken }) => [key, taken]));
  return INPUTS.map((_, index) => taken.get(`k${index}`) ?? null);
}

it('a line costs what a call with the same input does, and nothing again', async () => {
  const expected = INPUTS.map(([, taken]) => taken);
  const lines = INPUTS.map(([input], index) => lineOf('imported', input, index));
  writeFileSync(path, lines.join('\n'));
  const args = [path, '--project', 'test', '--name', 'usage'];
  for (const recorded of [6, 0]) {
    const settings = { DATABASE_URL: gateway.database.url };
    const ended = await runCommand('commands/import.ts', args, settings);
    expect(ended).toMatchObject({ code: 1, stderr: '' });
    expect(ended.stdout).toContain(`${recorded} usage events recorded`);
    const refused = JSON.parse(readFileSync(`${path}.refused.jsonl`, 'utf8'));
    expect(refused).toMatchObject({ line: 6, code: 'INSUFFICIENT_BALANCE' });
    expect(await takenBy('imported')).toEqual(expected);
  }
  for (const [index, [input]] of INPUTS.entries()) {
    const { errors } = await gateway.execute(
      'mutation ($input: BalancesTrackInput!) { trackBalance(input: $input) { __typename } }',
      { input: JSON.parse(lineOf('called', input, index)) },
    );
    expect(errors).toEqual([]);
  }
  expect(await takenBy('called')).toEqual(expected);
});
