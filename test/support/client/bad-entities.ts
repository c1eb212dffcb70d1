/** Bad input to the mutations of entities: what is wrong with it, and the refusal. */

type Row = readonly [what: string, input: object, expected: string];

const seat = { customerId: 'acme', entityId: 'new' };
const half = '\ud83d';

export const BAD_ENTITIES: Readonly<
  Record<string, { readonly input: string; readonly rows: readonly Row[] }>
> = {
  createEntity: {
    input: 'EntitiesCreateInput',
    rows: [
      ['an unknown customer', { ...seat, customerId: 'x' }, 'CUSTOMER_NOT_FOUND'],
      ['an empty id', { ...seat, entityId: '' }, 'entityId id'],
      [
        'a lone surrogate in metadata',
        { ...seat, metadata: { [half]: 1 } },
        'metadata.\ufffd well_formed',
      ],
    ],
  },
  updateEntity: {
    input: 'EntitiesUpdateInput',
    rows: [
      ['an unknown customer', { ...seat, customerId: 'x' }, 'CUSTOMER_NOT_FOUND'],
      ['an unknown entity', { ...seat, name: 'X' }, 'ENTITY_NOT_FOUND'],
      ['an empty name', { ...seat, name: '' }, 'name length'],
      ['a list as metadata', { ...seat, metadata: [] }, 'metadata object'],
    ],
  },
  deleteEntity: {
    input: 'EntitiesDeleteInput',
    rows: [
      ['an unknown customer', { ...seat, customerId: 'x' }, 'CUSTOMER_NOT_FOUND'],
      ['an unknown entity', seat, 'ENTITY_NOT_FOUND'],
      ['an empty id', { ...seat, entityId: '' }, 'entityId id'],
    ],
  },
};
