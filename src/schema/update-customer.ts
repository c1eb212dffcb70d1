import type { CustomerChanges } from '../meter/store.js';
import { updateCustomer } from '../meter/update-customer.js';
import { builder } from './builder.js';
import { resultUnion, settle } from './errors.js';
import { type CustomerNode, CustomerRef } from './nouns.js';
import * as rules from './rules.js';
import { toJsonObject } from './values.js';

const CustomersUpdateInput = builder.inputType('CustomersUpdateInput', {
  description: 'Changes to a customer; a field that is left out stays, null empties it.',
  fields: (t) => ({
    customerId: t.string({
      required: true,
      validate: rules.id,
      description: 'The customer to change.',
    }),
    name: t.string({ validate: rules.name, description: 'Its new name.' }),
    email: t.string({ validate: rules.email, description: 'Its new e-mail address.' }),
    metadata: t.field({
      type: 'JSON',
      validate: rules.metadata,
      description: 'An object that takes the place of the former one, at most 16 KiB.',
    }),
  }),
});

const UpdateCustomerPayload = builder.objectRef<CustomerNode>('UpdateCustomerPayload').implement({
  description: 'Answers a customer that was changed.',
  fields: (t) => ({
    customer: t.field({
      type: CustomerRef,
      description: 'The customer as it is now.',
      resolve: (customer) => customer,
    }),
  }),
});

const UpdateCustomerResult = resultUnion('UpdateCustomerResult', {
  description: 'What updateCustomer answers.',
  payload: UpdateCustomerPayload,
  refusals: ['CUSTOMER_NOT_FOUND'],
});

builder.mutationField('updateCustomer', (t) =>
  t.field({
    type: UpdateCustomerResult,
    description: 'Changes a customer; its id stays for ever.',
    args: {
      input: t.arg({ type: CustomersUpdateInput, required: true, description: 'The changes.' }),
    },
    resolve: async (_root, { input }, context) =>
      settle(
        await updateCustomer(context, { customerId: input.customerId, changes: toChanges(input) }),
      ),
  }),
);

function toChanges(input: typeof CustomersUpdateInput.$inferInput): CustomerChanges {
  const { name, email, metadata } = input;
  return {
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email }),
    ...(metadata !== undefined && { metadata: toJsonObject(metadata) ?? {} }),
  };
}
