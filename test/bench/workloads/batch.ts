/** Batches, compared with what the database can record at all. */
import { CUSTOMERS } from '../bench.js';
import { API_CALLS } from '../fill/families.js';
import { driverGroup, gateways, httpGroup, linesAt, measured, over } from '../lines.js';
import { trackBatch } from '../requests.js';
import { measureRounds } from '../rounds.js';
import { schemaHas } from '../servers/stock-schema.js';
import type { Line, Workload } from '../workload.js';

const ITEMS = 1_000;
/** Enough to keep the gateway busy; with more, items only wait longer. */
const CONNECTIONS = [3, 2, 1] as const;
const DATABASE_CONNECTIONS = [1, 2, 3, 4] as const;

const customers = { count: CUSTOMERS, stride: 1 } as const;

export const batch: Workload = {
  name: 'batch',
  about: 'trackBalances with 1,000 items per request, beside the database limit',
  async run(bench) {
    if (!schemaHas('trackBalances')) {
      return { kind: 'SKIPPED', reason: 'schema.graphql has no trackBalances.' };
    }
    const data = await bench.smallDatabase();
    const load = { ...trackBatch('plain', { featureId: API_CALLS }, ITEMS), customers };
    const head = { id: 'tollgate', label: 'Tollgate', unit: 'events' } as const;
    const rounds = await measureRounds(bench, [
      driverGroup('drivers/database.ts', data, DATABASE_CONNECTIONS.map(databaseLine)),
      httpGroup(gateways(data), data, linesAt(CONNECTIONS, head, load)),
    ]);
    const best = rounds.rows
      .filter(({ id }) => id.startsWith('database'))
      .reduce((best, row) => (row.perSecond > best.perSecond ? row : best));
    const ids = CONNECTIONS.map((count) => `tollgate-${count}`);
    return measured(rounds, [over(ids, best.id, '÷ database limit')]);
  },
};

function databaseLine(connections: number): Line {
  return {
    id: `database-${connections}`,
    label: `database limit, ${connections} connection${connections === 1 ? '' : 's'}`,
    unit: 'events',
    load: { kind: 'DRIVER', connections, customers },
  };
}
