import { createCustomer } from '../meter/create-customer.js';
import type { Customer, CustomerDraft } from '../meter/store.js';
import { builder } from './builder.js';
import { resultUnion, settle } from './errors.js';
import { CustomerRef } from './nouns.js';
import * as rules from './rules.js';
import { toJsonObject } from './values.js';

const CustomersCreateInput = builder.inputType('CustomersCreateInput', {
  description: 'A customer to create, unless it is there.',
  fields: (t) => ({
    customerId: t.string({
      required: true,
      validate: rules.id,
      description: 'The id to give it.',
    }),
    name: t.string({ validate: rules.name, description: 'Its name, for people.' }),
    email: t.string({ validate: rules.email, description: 'Its e-mail address.' }),
    metadata: t.field({
      type: 'JSON',
      validate: rules.metadata,
      description: 'An object with what the caller wants to note about it, at most 16 KiB.',
    }),
  }),
});

interface Created {
  readonly customer: Customer;
  readonly created: boolean;
}

const CreateCustomerPayload = builder.objectRef<Created>('CreateCustomerPayload').implement({
  description: 'Answers a customer that exists now.',
  fields: (t) => ({
    customer: t.expose('customer', {
      type: CustomerRef,
      description: 'The customer, as it was where it was there before.',
    }),
    created: t.exposeBoolean('created', {
      description: 'Whether this call created it; else it was there and nothing was changed.',
    }),
  }),
});

const CreateCustomerResult = resultUnion('CreateCustomerResult', {
  description: 'What createCustomer answers.',
  payload: CreateCustomerPayload,
  refusals: [],
});

builder.mutationField('createCustomer', (t) =>
  t.field({
    type: CreateCustomerResult,
    description: 'Creates a customer, or gets the one that has the id.',
    args: {
      input: t.arg({ type: CustomersCreateInput, required: true, description: 'The customer.' }),
    },
    resolve: async (_root, { input }, context) =>
      settle(await createCustomer(context, toDraft(input))),
  }),
);

function toDraft(input: typeof CustomersCreateInput.$inferInput): CustomerDraft {
  return {
    id: input.customerId,
    name: input.name ?? null,
    email: input.email ?? null,
    metadata: toJsonObject(input.metadata) ?? {},
  };
}
