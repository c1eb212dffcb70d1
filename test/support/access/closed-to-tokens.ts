/** Mutations that no customer token opens, with their arguments. */
import { ACME } from './token-gateway.js';

const reservation = '{ customerId: "beta", reservationId: "x" }';

export const CLOSED_TO_TOKENS: readonly (readonly [name: string, args: string])[] = [
  ['createCustomer', `(input: { customerId: "${ACME}" })`],
  ['updateCustomer', '(input: { customerId: "beta", name: "x" })'],
  ['createEntity', '(input: { customerId: "beta", entityId: "x" })'],
  ['deleteCustomer', '(input: { customerId: "beta" })'],
  ['deleteEntity', '(input: { customerId: "beta", entityId: "seat-hidden" })'],
  ['createBalance', '(input: { customerId: "beta", featureId: "messages-hidden", granted: 1 })'],
  ['amendEvent', '(input: { eventId: "x" })'],
  ['voidEvent', '(input: { eventId: "x" })'],
  ['voidEvents', '(input: { filter: { customerId: "beta" }, dryRun: false })'],
  ['createFeature', '(input: { featureId: "x", name: "x", type: CONSUMABLE })'],
  ['archiveFeature', '(input: { featureId: "messages-hidden" })'],
  ['deleteFeature', '(input: { featureId: "messages-hidden" })'],
  ['updateFeature', '(input: { featureId: "messages-hidden", name: "x" })'],
  ['reserveBalance', '(input: { customerId: "beta", featureId: "messages-hidden" })'],
  ['reserveBalances', '(inputs: [{ customerId: "beta", featureId: "messages-hidden" }])'],
  ['captureReservation', `(input: ${reservation})`],
  ['captureReservations', `(inputs: [${reservation}])`],
  ['extendReservation', `(input: ${reservation})`],
  ['extendReservations', `(inputs: [${reservation}])`],
  ['releaseReservation', `(input: ${reservation})`],
  ['releaseReservations', `(inputs: [${reservation}])`],
];
