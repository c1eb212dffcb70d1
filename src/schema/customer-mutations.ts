import { createCustomer, updateCustomer } from '../meter/customer.js';
import type { Customer, CustomerChanges, CustomerDraft } from '../meter/store.js';
import { builder } from './builder.js';
import { resultUnion, unionValue } from './errors.js';
import * as rules from './input/rules.js';
import { toJsonObject } from './input/values.js';
import { type CustomerNode, CustomerRef } from './nouns.js';

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
      unionValue(await createCustomer(context, toDraft(input))),
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
      unionValue(
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
