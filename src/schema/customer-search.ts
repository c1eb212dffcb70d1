/** The list of a project's customers. */
import { present } from '../domain/assert.js';
import { type CustomerOrder, positionOf } from '../domain/customer-order.js';
import { keyOfPosition } from '../meter/customer-cursor.js';
import { listCustomers, searchCustomers } from '../meter/read/customer.js';
import type { Customer } from '../meter/store.js';
import { builder } from './builder.js';
import { type Cursors, resolvePage } from './connection.js';
import { invalidArgument } from './input/invalid-input.js';
import { ID, pattern } from './input/patterns.js';
import * as rules from './input/rules.js';
import { CustomerRef } from './nouns.js';
import { PROFILE_SCOPES } from './scopes.js';

const FOLDING =
  'The letters A to Z match a to z; all other characters are compared as they are. 1 to 64 characters.';

const CustomerConnection = builder.connectionObject(
  { type: CustomerRef, name: 'CustomerConnection', description: 'A page of customers.' },
  { name: 'CustomerEdge', description: 'A customer with its cursor.' },
);

const OrderEnum = builder.enumType('CustomerOrder', {
  description: 'An order of customers.',
  values: {
    CUSTOMER_ID: { description: 'By their ids, compared byte for byte.' },
    NEWEST_FIRST: {
      description: 'By when they were created, those created last first.',
    },
  },
});

const byId: Cursors<Customer> = {
  list: 'Customer',
  keyForm: pattern(ID),
  keyOf: ({ id }) => id,
};

/** Milliseconds since 1970, or the text in base64. */
const VALUES = { NEWEST: '[0-9]{1,15}', NAME: '[\\w-]{1,342}', EMAIL: '[\\w-]{1,342}' };

const cursorsOf = (by: CustomerOrder): Cursors<Customer> => ({
  list: `CustomerBy${by}`,
  keyForm: pattern(VALUES[by], ID),
  keyOf: (customer) =>
    keyOfPosition(present(positionOf(customer, by), 'what is found has a place'), by),
});

const CURSORS = {
  NAME: cursorsOf('NAME'),
  EMAIL: cursorsOf('EMAIL'),
  NEWEST: cursorsOf('NEWEST'),
} satisfies Record<CustomerOrder, Cursors<Customer>>;

interface Choice {
  readonly customerIdPrefix?: string | null | undefined;
  readonly namePrefix?: string | null | undefined;
  readonly emailPrefix?: string | null | undefined;
  readonly orderBy?: 'CUSTOMER_ID' | 'NEWEST_FIRST' | null | undefined;
}

interface Chosen {
  readonly by: CustomerOrder | 'ID';
  readonly prefix: string | null;
}

const SEARCHES = [
  ['customerIdPrefix', 'ID'],
  ['namePrefix', 'NAME'],
  ['emailPrefix', 'EMAIL'],
] as const;

/** Each search has the order of its index, so one can be made at a time, and in no other order. */
function chosen(choice: Choice): Chosen {
  const order = choice.orderBy ?? null;
  const [search, second] = SEARCHES.flatMap(([name, by]) => {
    const prefix = choice[name] ?? null;
    return prefix === null ? [] : [{ name, by, prefix }];
  });
  if (search === undefined) return { by: order === 'NEWEST_FIRST' ? 'NEWEST' : 'ID', prefix: null };
  const together = `must not be given together with ${search.name}`;
  if (second !== undefined) {
    throw invalidArgument(second.name, second.prefix, 'exclusive', together);
  }
  if (order !== null && (order !== 'CUSTOMER_ID' || search.by !== 'ID')) {
    const why = `${together}, which finds customers in an order of its own`;
    throw invalidArgument('orderBy', order, 'exclusive', why);
  }
  return search;
}

builder.queryField('customers', (t) =>
  t.connection(
    {
      type: CustomerRef,
      scopes: PROFILE_SCOPES,
      description:
        'The customers of the project, ordered by id, or newest first. With a `namePrefix` or an `emailPrefix`, they are ordered by ' +
        'name or e-mail address. At most one prefix can be given.',
      args: {
        customerIdPrefix: t.arg.string({
          validate: rules.id,
          description:
            'Only customers whose id begins with this, such as `auth0|`. Capital and small letters differ.',
        }),
        namePrefix: t.arg.string({
          validate: rules.searchPrefix,
          description: `Only customers whose name begins with this. ${FOLDING}`,
        }),
        emailPrefix: t.arg.string({
          validate: rules.searchPrefix,
          description: `Only customers whose e-mail address begins with this. ${FOLDING}`,
        }),
        orderBy: t.arg({
          type: OrderEnum,
          description: 'The order, without a prefix; by default, that of their ids.',
        }),
      },
      resolve: (
        _root,
        { customerIdPrefix, namePrefix, emailPrefix, orderBy, ...args },
        context,
      ) => {
        const { by, prefix } = chosen({ customerIdPrefix, namePrefix, emailPrefix, orderBy });
        return by === 'ID'
          ? resolvePage(args, byId, (page) => listCustomers(context, page, prefix))
          : resolvePage(args, CURSORS[by], (page) =>
              searchCustomers(context, { ...page, by }, prefix),
            );
      },
    },
    CustomerConnection,
  ),
);
