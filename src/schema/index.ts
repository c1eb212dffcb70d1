/** Loads every type for its effect on the builder, and builds the schema. */
import './feature.js';
import './customer.js';
import './customer-search.js';
import './customer-ledger.js';
import './track-balance.js';
import './reservation.js';
import './reservation-mutations.js';
import './check-balance.js';
import './explain-track.js';
import './void-event.js';
import './voided-event.js';
import './amend-event.js';
import './void-events.js';
import './balance-mutations.js';
import './update-balance.js';
import './delete-balance.js';
import './customer-mutations.js';
import './delete-customer.js';
import './entity-mutations.js';
import './feature-mutations.js';
import './retire-feature.js';
import './project.js';
import './project-mutations.js';
import './api-key-mutations.js';
import './rotate-token-secret.js';
import { specifiedDirectives } from 'graphql';
import { builder } from './builder.js';
import { COST_DIRECTIVES, withCosts } from './cost.js';
import { withExecution } from './execution.js';
import { withPlainIds } from './plain-ids.js';
import { withOwnScalars } from './scalars.js';

const built = builder.toSchema({
  sortSchema: false,
  directives: [...specifiedDirectives, ...COST_DIRECTIVES],
});

export const schema = withExecution(withPlainIds(withOwnScalars(withCosts(built))));
