/** Metrics, of the program itself. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oneOff } from '../support/cases/case.js';
import { type Client, createClient, patient } from '../support/client/client.js';
import * as operations from '../support/client/operations.js';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import { createProject } from '../support/database/project.js';
import { startTollgate, type Tollgate } from '../support/gateway/gateway-process.js';
import { type Scraped, scrape } from '../support/metrics/scrape.js';

const TOKEN = 'a-token-of-a-scraper';

describe('a gateway with METRICS_PORT', () => {
  let database: TestDatabase;
  let tollgate: Tollgate;
  let client: Client;
  let address: string;
  let secret: string;

  beforeAll(async () => {
    database = await createDatabase();
    tollgate = await startTollgate({
      DATABASE_URL: database.url,
      LOG_LEVEL: 'info',
      METRICS_PORT: '0',
      METRICS_TOKEN: TOKEN,
      METRICS_OPERATIONS: 'Track, Look',
      SWEEP: 'on',
    });
    address = await addressOf(tollgate);
    secret = await createProject(database.url);
    client = patient(createClient(tollgate.origin, secret));
    await operations.createFeature(client, { id: 'messages', type: 'CONSUMABLE' });
    await operations.createCustomer(client, 'c1');
    await operations.grant(client, 'c1', oneOff('messages', 100));
  });

  afterAll(async () => {
    await tollgate.kill();
    await database.drop();
  });

  const scraped = (): Promise<Scraped> => scrape(address, TOKEN);

  it('counts the operations that it was told to by name, and the others together', async () => {
    const before = await scraped();
    await operations.track(client, 'c1', { featureId: 'messages', value: 1 });
    await operations.track(client, 'c1', { featureId: 'messages', value: 1 });
    await operations.look(client, 'c1', 'messages', null);
    const after = await scraped();
    const grown = (labels: Record<string, string>) =>
      after.value('tollgate_operations_total', labels) -
      before.value('tollgate_operations_total', labels);
    expect(grown({ operation: 'Track', kind: 'mutation', result: 'OK' })).toBe(2);
    const seconds = 'tollgate_operation_duration_seconds_count';
    const track = { operation: 'Track', kind: 'mutation' };
    expect(after.value(seconds, track) - before.value(seconds, track)).toBe(2);
  });
});

async function addressOf(tollgate: Tollgate): Promise<string> {
  const line = await tollgate.said(/"address":"[^"]+\/metrics"/);
  return line.slice('"address":"'.length, -1);
}
