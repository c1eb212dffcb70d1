import type { Balance } from '../domain/balance.js';
import type { BalancesAt, CustomerScope, Nouns } from '../meter/store.js';
import { BALANCE_JSON, type BalanceJson, balanceFromJson } from './account-rows.js';
import { isUuid } from './codec.js';
import type { StoreContext } from './context.js';
import { gather } from './gather.js';
import { rawClient } from './raw.js';
import { WANTED, wanted } from './wanted.js';

/** The clock is read in the statement that reads the balances, which are advanced to it. */
const NOW = 'floor(extract(epoch FROM clock_timestamp()) * 1000)::float8 + $3::float8 AS now';

const LIVE = `WITH wanted AS MATERIALIZED (${WANTED})
SELECT ${NOW}, (SELECT json_agg(${BALANCE_JSON} ORDER BY b.customer_key, b.id)
  FROM wanted JOIN balances b
    ON b.customer_key = wanted.customer_key AND b.project_id = wanted.project_id
  WHERE b.expired_at IS NULL)::text AS balances`;

const ONE = `WITH wanted AS MATERIALIZED (${WANTED})
SELECT ${NOW}, (SELECT json_agg(${BALANCE_JSON})
  FROM wanted JOIN balances b ON b.customer_key = wanted.customer_key
    AND b.id = $4::uuid AND b.project_id = wanted.project_id)::text AS balances`;

interface Row {
  readonly now: number;
  readonly balances: string | null;
}

export function balances(context: StoreContext): Pick<Nouns, 'balances' | 'balance'> {
  const { prisma, clockOffsetMs, read } = context;
  const client = rawClient(prisma);
  return {
    balances: gather((scopes) =>
      read(async () => {
        const { now, balances } = await client.row<Row>(LIVE, ...wanted(scopes), clockOffsetMs());
        return byCustomer(scopes, now, rowsOf(balances));
      }),
    ),
    balance: async (scope, balanceId) => {
      if (!isUuid(balanceId)) return null;
      return read(async () => {
        const parameters = [...wanted([scope]), clockOffsetMs(), balanceId];
        const { now, balances } = await client.row<Row>(ONE, ...parameters);
        const [row] = rowsOf(balances);
        return row === undefined ? null : { now, balance: balanceFromJson(row) };
      });
    },
  };
}

/** What `BALANCE_JSON` builds, aggregated; null where there is no row. */
function rowsOf(json: string | null): readonly BalanceJson[] {
  return json === null ? [] : JSON.parse(json);
}

function byCustomer(
  scopes: readonly CustomerScope[],
  now: number,
  rows: readonly BalanceJson[],
): Map<string, BalancesAt> {
  const found = new Map<string, { now: number; balances: Balance[] }>();
  for (const { customerKey } of scopes) found.set(customerKey, { now, balances: [] });
  for (const row of rows) found.get(row[0])?.balances.push(balanceFromJson(row));
  return found;
}
