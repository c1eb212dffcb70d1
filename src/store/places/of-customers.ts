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

/** Does something with what serves a place. */
type InPlace = <Result>(work: (place: OfCustomers) => Promise<Result>) => Promise<Result>;

/** Each call goes to the place of its customer. */
export function ofCustomers(places: readonly InPlace[]): OfCustomers {
  const of = ({ customerKey }: CustomerScope) =>
    present(places[placeOf(customerKey, places.length)], 'one for each place');
  return {
    createCustomer: (scope, draft) => of(scope)((place) => place.createCustomer(scope, draft)),
    updateCustomer: (scope, changes) => of(scope)((place) => place.updateCustomer(scope, changes)),
    eraseCustomer: (scope) => of(scope)((place) => place.eraseCustomer(scope)),
    entity: (scope, entityId) => of(scope)((place) => place.entity(scope, entityId)),
    updateEntity: (scope, entityId, changes) =>
      of(scope)((place) => place.updateEntity(scope, entityId, changes)),
    isDeleted: (scope) => of(scope)((place) => place.isDeleted(scope)),
  };
}
