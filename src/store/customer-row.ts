/**
 * Conditions that find one customer. Only its key is written so that an index can serve it: while the table is small, the indexes of a
 * project's customers seem as good to PostgreSQL, and a connection keeps its plans while the table grows.
 */
import { Prisma } from '../generated/prisma/client.js';
import type { CustomerScope } from '../meter/store.js';
import { type Place, table } from './placed.js';

export const CUSTOMERS = table('customers');

/** Deleted or not. */
export const isCustomer = ({ customerKey, projectId }: CustomerScope) =>
  Prisma.sql`customer_key = ${customerKey}::uuid AND project_id IS NOT DISTINCT FROM ${projectId}::uuid`;

export const IS_LIVING = Prisma.sql`num_nulls(deleted_at) = 1`;

/** One row if there is such a customer. */
export const livingCustomer = (scope: CustomerScope, place: Place) =>
  Prisma.sql`SELECT 1 FROM ${CUSTOMERS.raw(place)} WHERE ${isCustomer(scope)} AND ${IS_LIVING}`;
