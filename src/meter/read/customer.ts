import { keyWithin } from '../access/only-customer.js';
import type { Customer } from '../store.js';
import type { ReadContext } from '../verb.js';
import { pageWithin } from './page-within.js';
import { lengthOf, noneOf, pageKind, pageOfOne, readOne, rowKind } from './read-kind.js';
import type { Page } from './read-path.js';

/** Metadata takes up to 16 KiB, so 1,666 customers, which make a statement, take up to 27 MiB. */
const TIMES_AS_LARGE = 3;

const ONE = rowKind<string, Customer | null>({
  timesAsLarge: TIMES_AS_LARGE,
  textOf: (customerKey) => customerKey,
  within: keyWithin,
  load: (path, projectId, keys) => path.customers(projectId, keys),
});

const PAGE = pageKind<Page, readonly Customer[]>({
  timesAsLarge: TIMES_AS_LARGE,
  listOf: () => '',
  within: noneOf,
  load: (path, projectId, pages) => path.customerPages(projectId, pages),
  rowsFound: lengthOf,
});

/** A customer by its key, even if it is deleted; null if there never was one. */
export function readCustomer(ctx: ReadContext, customerKey: string): Promise<Customer | null> {
  return readOne(ctx, ONE, customerKey);
}

/** Customers of the project, by id; only those whose id begins with the prefix, if there is one. */
export async function listCustomers(
  ctx: ReadContext,
  wanted: Page,
  prefix: string | null = null,
): Promise<readonly Customer[]> {
  const { only } = ctx.caller;
  const page = prefix === null ? wanted : pageWithin(wanted, prefix);
  if (only === undefined) return readOne(ctx, PAGE, page);
  const customer = await readCustomer(ctx, only.customerKey);
  return pageOfOne(customer?.deletedAt === null ? customer : null, page);
}
