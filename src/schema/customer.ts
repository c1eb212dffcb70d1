import { present } from '../domain/assert.js';
import { isEntityWithin } from '../meter/access/only-customer.js';
import { customerScope } from '../meter/customer-key.js';
import { readCustomer } from '../meter/read/customer.js';
import { listEntities, readEntity } from '../meter/read/entity.js';
import type { Customer } from '../meter/store.js';
import { builder } from './builder.js';
import { resolvePage } from './connection.js';
import type { Context } from './context.js';
import { EntityConnection, entityCursors } from './entity.js';
import { BY_CUSTOMER_ID, nodeEntity } from './entity-keys.js';
import { EventConnection, NO_FILTER, resolveEvents } from './event.js';
import { allFeatureBalances, oneFeatureBalance } from './feature-balance.js';
import { partsOf } from './global-id.js';
import * as rules from './input/rules.js';
import { BALANCES_BY_FEATURE, ONE_OF_BALANCES } from './list-size.js';
import { fieldOf } from './loaded.js';
import { type CustomerNode, CustomerRef, EntityRef, EventRef, FeatureBalanceRef } from './nouns.js';
import { OWNER_SCOPES, PROFILE_SCOPES } from './scopes.js';

function loadCustomer(customer: CustomerNode, context: Context): Customer | Promise<Customer> {
  if ('createdAt' in customer) return customer;
  return readCustomer(context, customer.customerKey).then((found) =>
    present(found, 'a deleted customer keeps its row'),
  );
}

const ofCustomer = <Value>(pick: (customer: Customer) => Value) => fieldOf(loadCustomer, pick);

/** What the customer is called, and what is kept with it: not for one of its entities alone. */
const ofProfile = <Value>(pick: (customer: Customer) => Value, none: Value) => {
  const resolve = ofCustomer(pick);
  return (customer: CustomerNode, args: object, context: Context) =>
    isEntityWithin(null, context.caller.only) ? resolve(customer, args, context) : none;
};

const loadNode = ([customerKey = '']: readonly string[], context: Context) =>
  ifNotDeleted(readCustomer(context, customerKey));

/** A deleted one can no longer be found, but what is left of it still refers to it. */
async function ifNotDeleted(found: Promise<Customer | null>): Promise<Customer | null> {
  const customer = await found;
  return customer?.deletedAt === null ? customer : null;
}

builder.node(CustomerRef, {
  extensions: nodeEntity('Customer', loadNode, [BY_CUSTOMER_ID]),
  scopes: OWNER_SCOPES,
  description: 'A user of your product: an account, an organization, a person.',
  id: { resolve: ({ customerKey }) => customerKey, parse: (id) => partsOf('Customer', id) },
  loadOne: loadNode,
  fields: (t) => ({
    customerId: t.string({
      description: 'The id of the customer, as you chose it.',
      resolve: (customer, args, context) =>
        customer.id ?? ofCustomer(({ id }) => id)(customer, args, context),
    }),
    name: t.string({
      nullable: true,
      scopes: PROFILE_SCOPES,
      description: 'Display name.',
      resolve: ofProfile(({ name }) => name, null),
    }),
    email: t.string({
      nullable: true,
      scopes: PROFILE_SCOPES,
      description: 'E-mail address.',
      resolve: ofProfile(({ email }) => email, null),
    }),
    metadata: t.field({
      type: 'JSON',
      scopes: PROFILE_SCOPES,
      description: 'Anything you keep with it, as a JSON object.',
      resolve: ofProfile<unknown>(({ metadata }) => metadata, {}),
    }),
    createdAt: t.field({
      type: 'DateTime',
      scopes: PROFILE_SCOPES,
      description: 'When the customer was created.',
      resolve: ofCustomer(({ createdAt }) => createdAt),
    }),
    updatedAt: t.field({
      type: 'DateTime',
      scopes: PROFILE_SCOPES,
      description: 'When it was last updated.',
      resolve: ofCustomer(({ updatedAt }) => updatedAt),
    }),
    deletedAt: t.field({
      type: 'DateTime',
      nullable: true,
      scopes: PROFILE_SCOPES,
      description:
        'When it was deleted, or null if it was not. Only events, balances and entities refer to a deleted customer.',
      resolve: ofCustomer(({ deletedAt }) => deletedAt),
    }),
  }),
});

/** What belongs to a customer. */
builder.objectFields(CustomerRef, (t) => ({
  entity: t.field({
    type: EntityRef,
    nullable: true,
    scopes: OWNER_SCOPES,
    description: "One of the customer's entities, or null if it does not exist.",
    args: {
      entityId: t.arg.string({
        required: true,
        validate: rules.id,
        description: 'The id of the entity, as you chose it.',
      }),
    },
    resolve: ({ customerKey }, { entityId }, context) =>
      readEntity(context, { customerKey, id: entityId }),
  }),
  entities: t.connection(
    {
      type: EntityRef,
      scopes: PROFILE_SCOPES,
      description: "The customer's entities, ordered by id.",
      resolve: ({ customerKey }, args, context) =>
        resolvePage(args, entityCursors, (page) => listEntities(context, { ...page, customerKey })),
    },
    EntityConnection,
  ),
  balances: t.field({
    type: [FeatureBalanceRef],
    extensions: BALANCES_BY_FEATURE,
    scopes: ['balances:read'],
    description:
      "The customer's balance of each feature, its own and its entities' together. Usage without an `entityId` " +
      "cannot use the entities' part.",
    resolve: (customer, _args, context) => allFeatureBalances(context, customer, null),
  }),
  balance: t.field({
    type: FeatureBalanceRef,
    extensions: ONE_OF_BALANCES,
    nullable: true,
    scopes: ['check:read', 'balances:read'],
    description:
      "The customer's balance of one feature, all its own and its entities' together, or null " +
      'if there is none.',
    args: {
      featureId: t.arg.string({
        required: true,
        validate: rules.id,
        description: 'The feature.',
      }),
    },
    resolve: (customer, { featureId }, context) =>
      oneFeatureBalance(context, customer, null, featureId),
  }),
  events: t.connection(
    {
      type: EventRef,
      scopes: ['events:read'],
      description: "The customer's usage events, newest first by the time at which they occurred.",
      resolve: ({ customerKey }, args, context, info) =>
        resolveEvents(context, info, args, { ...NO_FILTER, customerKey }),
    },
    EventConnection,
  ),
}));

builder.queryField('customer', (t) =>
  t.field({
    type: CustomerRef,
    nullable: true,
    scopes: OWNER_SCOPES,
    description: 'A customer by its id, or null if it does not exist.',
    args: {
      customerId: t.arg.string({
        required: true,
        validate: rules.id,
        description: 'The id of the customer, as you chose it.',
      }),
    },
    resolve: (_root, { customerId }, context) =>
      loadNode([customerScope(context.caller.projectId, customerId).customerKey], context),
  }),
);
