/** The documented `--import`, the program with its workers, and a collector. */
import { expect, it } from 'vitest';
import { createDatabase } from '../support/database/database.js';
import { createProject } from '../support/database/project.js';
import { startWorkers } from '../support/gateway/workers.js';
import { startCollector } from '../support/tracing/collector.js';

const SDK = new URL('../../examples/tracing/tracing.js', import.meta.url);
const CALLS = 8;

it('the spans of all workers are exported, the last ones when they end', async () => {
  const database = await createDatabase();
  const secret = await createProject(database.url);
  const collector = await startCollector();
  const tollgate = await startWorkers({
    DATABASE_URL: database.url,
    NODE_OPTIONS: `--import=${SDK}`,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin,
    // Longer than this test: nothing is exported before the end.
    OTEL_BSP_SCHEDULE_DELAY: '600000',
  });
  const query = 'mutation { createCustomer(input: { customerId: "acme" }) { __typename } }';
  const track =
    'mutation { trackBalance(input: { customerId: "acme", featureId: "none" }) { __typename } }';
  for (const document of [query, ...Array.from({ length: CALLS - 1 }, () => track)]) {
    const { status } = await fetch(`${tollgate.origin}/graphql`, {
      method: 'POST',
      // A connection for each, because they are distributed to the workers.
      headers: {
        authorization: `Bearer ${secret}`,
        'content-type': 'application/json',
        connection: 'close',
      },
      body: JSON.stringify({ query: document }),
    });
    expect(status).toBe(200);
  }
  expect(collector.spans).toEqual([]);
  expect(await tollgate.stop()).toBe(0);
  const { spans } = collector;
  const named = (name: string) => spans.filter((span) => span.name === name);
  expect(named('POST /graphql')).toHaveLength(CALLS);
  expect(new Set(spans.map(({ pid }) => pid))).toEqual(new Set(tollgate.served()));
  const operations = named('mutation');
  expect(operations).toHaveLength(CALLS);
  const batches = new Map(named('write batch').map((batch) => [batch.spanId, batch]));
  expect(batches.size).toBe(CALLS - 1);
  // Whichever worker has carried them.
  const carried = operations.filter((operation) => operation.links.length > 0);
  expect(carried).toHaveLength(CALLS - 1);
  for (const { links, spanId } of carried) {
    expect(links.map((id) => batches.get(id)?.links)).toEqual([[spanId]]);
  }
  await collector.close();
  await database.drop();
});
