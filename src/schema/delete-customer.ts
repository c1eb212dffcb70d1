import { deleteCustomer } from '../meter/delete-customer.js';
import type { Erased } from '../meter/store.js';
import { builder } from './builder.js';
import { resultUnion, unionValue } from './errors.js';
import * as rules from './input/rules.js';
import { CustomerRef } from './nouns.js';

const CustomersDeleteInput = builder.inputType('CustomersDeleteInput', {
  description: 'The customer to delete.',
  fields: (t) => ({
    customerId: t.string({
      required: true,
      validate: rules.id,
      description: 'The id of the customer to delete.',
    }),
  }),
});

const DeleteCustomerPayload = builder.objectRef<Erased>('DeleteCustomerPayload').implement({
  description: 'The customer was deleted.',
  fields: (t) => ({
    customer: t.expose('customer', {
      type: CustomerRef,
      description:
        'What is left of the customer, under an id that says nothing, `deleted:` and a UUID. Its events and its ledger refer ' +
        'to it.',
    }),
    complete: t.exposeBoolean('complete', {
      description:
        'Whether everything that tells of the person has been erased. A call erases up to 20,000 rows. If ' +
        'this is false, repeat the call with the same `customerId`: it goes on where it was.',
    }),
  }),
});

const DeleteCustomerResult = resultUnion('DeleteCustomerResult', {
  description: 'The result of `deleteCustomer`.',
  payload: DeleteCustomerPayload,
  refusals: ['CUSTOMER_NOT_FOUND'],
});

builder.mutationField('deleteCustomer', (t) =>
  t.field({
    type: DeleteCustomerResult,
    scopes: ['customers:write'],
    description:
      'Deletes a customer and erases the person: name, e-mail address and metadata, names, metadata and ids of its entities, ' +
      'properties and idempotency keys of its events, and stored results. Its balances end; amounts and ledger stay, ' +
      'under an id that says nothing. This cannot be undone, and the id cannot be used again. It is safe to repeat.',
    args: {
      input: t.arg({ type: CustomersDeleteInput, required: true, description: 'The customer.' }),
    },
    resolve: async (_root, { input }, context) => unionValue(await deleteCustomer(context, input)),
  }),
);
