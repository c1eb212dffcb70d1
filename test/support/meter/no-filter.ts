import type { EventFilter } from '../../../src/meter/store.js';

/** All events of a project. */
export const NO_FILTER: EventFilter = {
  customerKey: null,
  entityId: null,
  featureId: null,
  eventName: null,
  occurredFrom: null,
  occurredBefore: null,
};
