import { createCustomer, updateCustomer } from '../meter/customer.js';
import type { Customer, CustomerChanges, CustomerDraft } from '../meter/store.js';
import { builder } from './builder.js';
import { resultUnion, unionValue } from './errors.js';
import * as rules from './input/rules.js';
import { toJsonObject } from './input/values.js';
import { type CustomerNode, CustomerRef } from './nouns.js';

const CustomersCreateInput = builder.inputType('CustomersCreateInput', {
  description: 'The customer to create.',
  fields: (t) => ({
    customerId: t.string({
      required: true,
      validate: rules.newId,
      description:
        'An id of your own, such as `acme` or `auth0|5f`: 1 to 255 printable ASCII characters ' +
        'without spaces, unique within the project.',
    }),
    name: t.string({
      validate: rules.name,
      description: 'Display name, of at most 256 characters.',
    }),
    email: t.string({ validate: rules.email, description: 'E-mail address.' }),
    metadata: t.field({
      type: 'JSON',
      validate: rules.metadata,
      description: 'Anything you want to keep with it, as a JSON object of at most 16 KiB.',
    }),
  }),
});

interface Created {
  readonly customer: Customer;
  readonly created: boolean;
}

const CreateCustomerPayload = builder.objectRef<Created>('CreateCustomerPayload').implement({
  description: 'The customer exists now.',
  fields: (t) => ({
    customer: t.expose('customer', {
      type: CustomerRef,
      description: 'The customer. One that existed before is unchanged.',
    }),
    created: t.exposeBoolean('created', {
      description:
        'Whether this call created the customer. If false, it existed before and was not ' +
        'changed.',
    }),
  }),
});

const CreateCustomerResult = resultUnion('CreateCustomerResult', {
  description: 'The result of `createCustomer`.',
  payload: CreateCustomerPayload,
  refusals: ['ALREADY_EXISTS'],
});

builder.mutationField('createCustomer', (t) =>
  t.field({
    type: CreateCustomerResult,
    scopes: ['customers:write'],
    description:
      'Creates a customer, or returns the one that has the id, unchanged. It is safe to ' +
      'repeat. The id of a customer that was deleted is refused with ALREADY_EXISTS.',
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
  description:
    'What to change about a customer. Fields that are omitted stay as they are; null clears ' +
    'a field.',
  fields: (t) => ({
    customerId: t.string({
      required: true,
      validate: rules.id,
      description: 'The id of the customer to change.',
    }),
    name: t.string({ validate: rules.name, description: 'New display name. Null removes it.' }),
    email: t.string({ validate: rules.email, description: 'New e-mail address. Null removes it.' }),
    metadata: t.field({
      type: 'JSON',
      validate: rules.metadata,
      description: 'A JSON object of at most 16 KiB that replaces the present one.',
    }),
  }),
});

const UpdateCustomerPayload = builder.objectRef<CustomerNode>('UpdateCustomerPayload').implement({
  description: 'The customer was changed.',
  fields: (t) => ({
    customer: t.field({
      type: CustomerRef,
      description: 'The customer, as it is now.',
      resolve: (customer) => customer,
    }),
  }),
});

const UpdateCustomerResult = resultUnion('UpdateCustomerResult', {
  description: 'The result of `updateCustomer`.',
  payload: UpdateCustomerPayload,
  refusals: ['CUSTOMER_NOT_FOUND'],
});

builder.mutationField('updateCustomer', (t) =>
  t.field({
    type: UpdateCustomerResult,
    scopes: ['customers:write'],
    description: 'Changes a customer. Its id cannot be changed.',
    args: {
      input: t.arg({ type: CustomersUpdateInput, required: true, description: 'What to change.' }),
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
