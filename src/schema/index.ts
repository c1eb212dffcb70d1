/** Loads every type for its effect on the builder, and builds the schema. */
import './feature.js';
import './customer.js';
import './track-balance.js';
import './track-balances.js';
import './create-balance.js';
import './create-customer.js';
import './update-customer.js';
import './create-entity.js';
import './delete-entity.js';
import './create-feature.js';
import './update-feature.js';
import { builder } from './builder.js';
import { withPlainIds } from './plain-ids.js';
import { withOwnFloat } from './scalars.js';

export const schema = withPlainIds(withOwnFloat(builder.toSchema({ sortSchema: false })));
