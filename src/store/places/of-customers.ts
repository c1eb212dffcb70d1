import { present } from '../../domain/assert.js';
import { placeOf } from '../../domain/place.js';
import type { TokenSecrets } from '../../meter/access/token-secrets.js';
import type { CustomerScope, Nouns } from '../../meter/store.js';

/** What is about one customer, besides usage. */
export type OfCustomers = Pick<
  Nouns,
  'createCustomer' | 'updateCustomer' | 'eraseCustomer' | 'entity' | 'updateEntity'
> &
  Pick<TokenSecrets, 'isDeleted'>;

/** Each call goes to the place of its customer. */
export function ofCustomers(places: readonly OfCustomers[]): OfCustomers {
  const of = ({ customerKey }: CustomerScope) =>
    present(places[placeOf(customerKey, places.length)], 'one for each place');
  return {
    createCustomer: (scope, draft) => of(scope).createCustomer(scope, draft),
    updateCustomer: (scope, changes) => of(scope).updateCustomer(scope, changes),
    eraseCustomer: (scope) => of(scope).eraseCustomer(scope),
    entity: (scope, entityId) => of(scope).entity(scope, entityId),
    updateEntity: (scope, entityId, changes) => of(scope).updateEntity(scope, entityId, changes),
    isDeleted: (scope) => of(scope).isDeleted(scope),
  };
}
