/**
 * The tables of what belongs to customers, in the order in which a commit writes them. Their rows begin with the customer's key;
 * all other tables are the catalogue's.
 */
export const CUSTOMER_TABLES = [
  'customers',
  'events',
  'ledger_entries',
  'balances',
  'reservations',
  'idempotency_keys',
  'entities',
  'event_voids',
] as const;
