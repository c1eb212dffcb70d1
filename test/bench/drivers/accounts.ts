/** What drivers that write without a gateway must know about the customers: their keys, balances and versions. */

import { customerScope } from '../../../src/meter/customer-key.js';
import { connect } from '../../support/database/connections.js';
import type { DriverOrder } from '../protocol.js';
import { customerId } from '../requests.js';

/** A plain customer with its only balance. */
export interface PlainAccount {
  readonly customerKey: string;
  readonly balanceId: string;
  used: number;
  ledgerSeq: number;
}

const CHUNK = 10_000;

/** The plain customers of the order, by number. Each has exactly one balance, used in whole units. */
export async function plainAccounts(order: DriverOrder): Promise<PlainAccount[]> {
  const { databaseUrl, projectId, customers } = order;
  const client = await connect(databaseUrl);
  try {
    const accounts: PlainAccount[] = [];
    for (let from = 0; from < customers.count; from += CHUNK) {
      const keys = Array.from({ length: Math.min(CHUNK, customers.count - from) }, (_, index) => {
        const id = customerId('plain', (from + index) * customers.stride);
        return customerScope(projectId, id).customerKey;
      });
      const { rows } = await client.query<PlainAccount>(
        `SELECT customer_key AS "customerKey", b.id AS "balanceId", used::float8 AS used,
           ledger_seq::float8 AS "ledgerSeq"
         FROM unnest($1::uuid[]) WITH ORDINALITY AS t(customer_key, place)
         JOIN balances b USING (customer_key) ORDER BY place`,
        [keys],
      );
      accounts.push(...rows);
    }
    if (accounts.length !== customers.count) throw new Error('each customer has one balance');
    return accounts;
  } finally {
    await client.end();
  }
}
