import type { CustomerScope } from '../meter/store.js';
import { Columns } from './columns.js';

/** The customers that a statement is about, each with the project in which alone it is looked for: $1 and $2. */
export const WANTED = 'SELECT * FROM unnest($1::uuid[], $2::uuid[]) AS t(customer_key, project_id)';

export function wanted(scopes: readonly CustomerScope[]): string[] {
  const columns = new Columns(2);
  for (const { customerKey, projectId } of scopes) columns.add(customerKey, projectId);
  return columns.arrays();
}
