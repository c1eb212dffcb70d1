import {
  boundsOf,
  type CustomerOrder,
  folded,
  isBefore,
  type Position,
  positionOf,
} from '../../domain/customer-order.js';
import { isEntityWithin, keyWithin } from '../access/only-customer.js';
import { keyOfPosition, positionFromKey } from '../customer-cursor.js';
import type { Customer } from '../store.js';
import type { ReadContext } from '../verb.js';
import { pageWithin } from './page-within.js';
import {
  lengthOf,
  noneOf,
  ofAllCustomers,
  pageKind,
  pageOfOne,
  readOne,
  rowKind,
} from './read-kind.js';
import type { CustomerSearchPage, Page } from './read-path.js';

/** Metadata takes up to 16 KiB, so 1,666 customers, which make a statement, take up to 27 MiB. */
const TIMES_AS_LARGE = 3;

const ONE = rowKind<string, Customer | null>({
  timesAsLarge: TIMES_AS_LARGE,
  textOf: (customerKey) => customerKey,
  within: keyWithin,
  customerKeyOf: (customerKey) => customerKey,
  load: (path, projectId, keys) => path.customers(projectId, keys),
});

const PAGE = pageKind<Page, readonly Customer[]>({
  timesAsLarge: TIMES_AS_LARGE,
  listOf: () => '',
  within: noneOf,
  customerKeyOf: ofAllCustomers,
  load: (path, projectId, pages) => path.customerPages(projectId, pages),
  rowsFound: lengthOf,
});

/** A customer by its key, even if it is deleted; null if there never was one. */
export function readCustomer(ctx: ReadContext, customerKey: string): Promise<Customer | null> {
  return readOne(ctx, ONE, customerKey);
}

const SEARCH_PAGE = pageKind<CustomerSearchPage, readonly Customer[]>({
  timesAsLarge: TIMES_AS_LARGE,
  listOf: ({ by }) => by,
  within: noneOf,
  customerKeyOf: ofAllCustomers,
  load: (path, projectId, pages) => path.customerSearchPages(projectId, pages),
  rowsFound: lengthOf,
});

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

/** Customers in another order; only those whose name, or e-mail address, begins with the prefix, if there is one. */
export async function searchCustomers(
  ctx: ReadContext,
  wanted: CustomerSearchPage,
  prefix: string | null,
): Promise<readonly Customer[]> {
  const page = prefix === null ? wanted : searchWithin(wanted, folded(prefix));
  const { only } = ctx.caller;
  if (only === undefined) return readOne(ctx, SEARCH_PAGE, page);
  // One entity of a customer is not shown its name and its e-mail address.
  if (!isEntityWithin(null, only) && page.by !== 'NEWEST') return [];
  const customer = await readCustomer(ctx, only.customerKey);
  if (customer?.deletedAt !== null || page.limit < 1) return [];
  const place = positionOf(customer, page.by);
  return place !== null && isOnPage(place, page) ? [customer] : [];
}

/** The part of a page in the range of texts that begin with the prefix. */
function searchWithin(page: CustomerSearchPage, prefix: string): CustomerSearchPage {
  const { by } = page;
  const [low, high] = boundsOf(prefix);
  const after = page.after === null ? low : positionFromKey(page.after, by);
  const before = page.before === null ? high : positionFromKey(page.before, by);
  const isAbove = before !== null && high !== null && isBefore(high, before);
  const end = isAbove ? high : before;
  return {
    ...page,
    after: keyOfPosition(isBefore(after, low) ? low : after, by),
    before: end === null ? null : keyOfPosition(end, by),
  };
}

function isOnPage(place: Position, { by, after, before }: CustomerSearchPage): boolean {
  const lower = after === null || isOrdered(positionFromKey(after, by), place, by);
  return lower && (before === null || isOrdered(place, positionFromKey(before, by), by));
}

/** Whether the first comes before the second in the list. */
function isOrdered(first: Position, second: Position, by: CustomerOrder): boolean {
  if (by !== 'NEWEST') return isBefore(first, second);
  const difference = Number(first.value) - Number(second.value);
  return difference > 0 || (difference === 0 && first.id > second.id);
}
