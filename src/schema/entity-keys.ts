/** The keys by which other subgraphs refer to our nodes. */
import { customerScope } from '../meter/customer-key.js';
import type { Context } from './context.js';
import { type NodeType, partsOf, readGlobalId } from './global-id.js';
import { ID, pattern } from './input/patterns.js';
import { type EntityKey, entity } from './subgraph/entity.js';

type Load = (parts: readonly string[], context: Context) => Promise<object | null>;

/** The `extensions` of a node that is an entity, with `id` as its last key. */
export function nodeEntity(type: NodeType, load: Load, keys: readonly EntityKey[] = []) {
  return entity({
    keys: [...keys, globalId(type)],
    load: (address, context) => load(partsOf(type, address), context),
  });
}

function globalId(type: NodeType): EntityKey {
  return {
    fields: 'id',
    addressOf: ([id = '']) => {
      const decoded = readGlobalId(id);
      return decoded?.typename === type ? decoded.id : null;
    },
  };
}

const VALID_ID = pattern(ID);

export const BY_CUSTOMER_ID: EntityKey = {
  fields: 'customerId',
  addressOf: ([customerId = ''], context) => customerKeyOf(customerId, context),
};

export const BY_ENTITY_ID: EntityKey = {
  fields: 'customer { customerId } entityId',
  addressOf: ([customerId = '', entityId = ''], context) => {
    const customerKey = customerKeyOf(customerId, context);
    return customerKey !== null && VALID_ID.test(entityId) ? `${customerKey}:${entityId}` : null;
  },
};

export const BY_FEATURE_ID: EntityKey = {
  fields: 'featureId',
  addressOf: ([featureId = '']) => (VALID_ID.test(featureId) ? featureId : null),
};

function customerKeyOf(customerId: string, { caller }: Context): string | null {
  return VALID_ID.test(customerId) ? customerScope(caller.projectId, customerId).customerKey : null;
}
