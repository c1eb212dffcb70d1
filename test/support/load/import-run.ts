/** Imports of a file with uses by many customers, and what must be in the database once one has ended well. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { damagesOf } from '../database/project.js';
import { type Running, startCommand } from '../gateway/command.js';
import type { TestGateway } from '../gateway/gateway.js';
import { setUp } from '../gateway/set-up.js';
import { type Random, randomOf, seedOf } from '../random/random.js';

const CUSTOMERS = 20;
export const IMPORT_LINES = 4_000;
/** So that an import consists of many commits. */
const SMALL_BATCHES = { BATCH_ITEMS_MAX: '25' };

export interface ImportRun {
  /** The file. */
  readonly path: string;
  readonly featureId: string;
  /** The customers, and what each has used once everything has been recorded. */
  readonly expected: Map<string, number>;
  /** Starts an import, on the database of the gateway unless a proxy leads there. */
  start(url?: string): Running;
  /** How many events there are. */
  events(): Promise<number>;
  /** Expects so much usage of each customer in that many events, in events and balances, and a clean audit. */
  expectAll(count?: number): Promise<void>;
}

let runs = 0;

/** Creates customers of its own, and a file. */
export async function newImport(gateway: TestGateway, folder: string): Promise<ImportRun> {
  runs += 1;
  const prefix = `run-${runs}`;
  const featureId = `feature-${runs}`;
  const path = join(folder, `${prefix}.jsonl`);
  const random = randomOf(seedOf(prefix));
  const expected = new Map<string, number>();
  const ids = Array.from({ length: CUSTOMERS }, (_, n) => `${prefix}-${n}`);
  await setUp(gateway, {
    features: [{ featureId }],
    customers: ids.map((customerId) => ({ customerId })),
    balances: ids.map((customerId) => ({ customerId, featureId, granted: 1_000_000 })),
  });
  const lines = Array.from({ length: IMPORT_LINES }, (_, n) => {
    const use = useOf(random, ids, n);
    expected.set(use.customerId, (expected.get(use.customerId) ?? 0) + use.value);
    return JSON.stringify({ ...use, featureId });
  });
  writeFileSync(path, lines.join('\n'));

  async function events(): Promise<number> {
    const [row] = await gateway.sql(
      'SELECT count(*)::int AS count FROM events WHERE feature_id = $1',
      [featureId],
    );
    return Number(row?.['count']);
  }

  return {
    path,
    featureId,
    expected,
    start: (url = gateway.database.url) =>
      startCommand('commands/import.ts', [path, '--project', 'test'], {
        ...SMALL_BATCHES,
        DATABASE_URL: url,
      }),
    events,
    async expectAll(count = IMPORT_LINES) {
      const used = await gateway.sql(
        `SELECT c.id, b.used::int AS used,
           (SELECT sum(value)::int FROM events e WHERE e.customer_key = c.customer_key) AS value
         FROM customers c JOIN balances b USING (customer_key) WHERE b.feature_id = $1`,
        [featureId],
      );
      const found = Object.fromEntries(used.map(({ id, ...row }) => [String(id), row]));
      const right = [...expected].map(([id, value]) => [id, { used: value, value }]);
      expect(found).toEqual(Object.fromEntries(right));
      expect(await events()).toBe(count);
      expect(await damagesOf({ connectionString: gateway.database.url })).toEqual([]);
    },
  };
}

/** Kills imports of the file so many times, and lets the one after them end. */
export async function killImports(run: ImportRun, kills: number): Promise<void> {
  const random = randomOf(seedOf('import kills'));
  for (let kill = 1; kill <= kills; kill += 1) {
    const before = await run.events();
    const left = IMPORT_LINES - before;
    const running = run.start();
    // At a random point, so many that something is left to do for the next ones.
    const target = before + random.whole(0, Math.floor((2 * left) / (kills - kill + 2)));
    await expect
      .poll(run.events, { interval: 5 })
      .toBeGreaterThanOrEqual(Math.min(target, IMPORT_LINES));
    running.signal('SIGKILL');
    await running.ended;
  }
  const ended = await run.start().ended;
  expect(ended).toMatchObject({ code: 0 });
  await run.expectAll();
}

/** Some lines bring their own key, many are the same as others. */
function useOf(random: Random, ids: readonly string[], n: number) {
  const customerId = ids[random.whole(0, ids.length - 1)] ?? '';
  const idempotencyKey = random.once(4) ? `mine-${n}` : undefined;
  return { customerId, value: random.whole(1, 3), idempotencyKey };
}

export function importFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-import-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
