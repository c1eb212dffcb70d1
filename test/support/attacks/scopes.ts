import { NO_EVENT } from '../client/no-event.js';
import type { Attacks } from './attack.js';
import { get, post, postToSubgraph } from './requests.js';
import { type Site, theirsOf } from './site.js';

const reading = ({ reader }: Site) => ({ Authorization: `Bearer ${reader}` });

const WRITES = [
  'trackBalance(input: { customerId: "acme", featureId: "messages" }) { __typename }',
  'trackBalances(inputs: [{ customerId: "acme", featureId: "messages" }]) { __typename }',
  'createBalance(input: { customerId: "acme", featureId: "messages", granted: 1 }) { __typename }',
  'updateBalance(input: { customerId: "acme", id: "x", usage: 0 }) { __typename }',
  'deleteBalance(input: { customerId: "acme", id: "x" }) { __typename }',
  'createCustomer(input: { customerId: "new" }) { __typename }',
  'updateCustomer(input: { customerId: "acme", name: "x" }) { __typename }',
  'createEntity(input: { customerId: "acme", entityId: "new" }) { __typename }',
  'deleteCustomer(input: { customerId: "acme" }) { __typename }',
  'updateEntity(input: { customerId: "acme", entityId: "seat", name: "x" }) { __typename }',
  'deleteEntity(input: { customerId: "acme", entityId: "seat" }) { __typename }',
  `amendEvent(input: { eventId: "${NO_EVENT}" }) { __typename }`,
  `voidEvent(input: { eventId: "${NO_EVENT}" }) { __typename }`,
  'voidEvents(input: { filter: { customerId: "acme" }, dryRun: false }) { __typename }',
  'createFeature(input: { featureId: "new", name: "x", type: CONSUMABLE }) { __typename }',
  'archiveFeature(input: { featureId: "messages" }) { __typename }',
  'deleteFeature(input: { featureId: "messages" }) { __typename }',
  'updateFeature(input: { featureId: "messages", name: "x" }) { __typename }',
  'reserveBalance(input: { customerId: "acme", featureId: "messages" }) { __typename }',
  'captureReservation(input: { customerId: "acme", reservationId: "x" }) { __typename }',
  'extendReservation(input: { customerId: "acme", reservationId: "x" }) { __typename }',
  'releaseReservation(input: { customerId: "acme", reservationId: "x" }) { __typename }',
  'reserveBalances(inputs: [{ customerId: "acme", featureId: "messages" }]) { __typename }',
  'captureReservations(inputs: [{ customerId: "acme", reservationId: "x" }]) { __typename }',
  'extendReservations(inputs: [{ customerId: "acme", reservationId: "x" }]) { __typename }',
  'releaseReservations(inputs: [{ customerId: "acme", reservationId: "x" }]) { __typename }',
];

/** With a key that may only read balances. */
export const SCOPE_ATTACKS: Attacks = {
  kind: 'a key with too few scopes',
  attacks: [
    {
      name: 'that writes',
      sends: (site) =>
        WRITES.map((field) => post(site, { query: `mutation { ${field} }` }, reading(site))),
      answers: '403 FORBIDDEN',
    },
    {
      name: 'that writes through the entrance for gateways',
      sends: (site) =>
        WRITES.map((field) =>
          postToSubgraph(site, { query: `mutation { ${field} }` }, reading(site)),
        ),
      answers: '403 FORBIDDEN',
    },
    {
      name: 'that hides a write in fragments, behind an alias, or behind a condition',
      sends: (site) =>
        [
          `mutation { ...F } fragment F on Mutation { ... on Mutation { a: ${WRITES[0]} } }`,
          `mutation ($no: Boolean = false) { __typename ...F @include(if: $no) } fragment F on Mutation { customer: ${WRITES[3]} }`,
          `mutation { __typename ... @skip(if: true) { ${WRITES[4]} } }`,
        ].map((query) => post(site, { query }, reading(site))),
      answers: '403 FORBIDDEN',
    },
    {
      name: 'that writes beside a query, chosen by its name',
      sends: (site) => [
        post(
          site,
          { query: `query A { __typename } mutation B { ${WRITES[0]} }`, operationName: 'B' },
          reading(site),
        ),
      ],
      answers: '403 FORBIDDEN',
    },
    {
      name: 'that reads events, by each path that leads to one',
      sends: (site) =>
        [
          '{ events { edges { cursor } } }',
          '{ customer(customerId: "acme") { events { edges { cursor } } } }',
        ].flatMap((query) => [
          post(site, { query }, reading(site)),
          get(site, { query }, reading(site)),
        ]),
      answers: '403 FORBIDDEN',
    },
    {
      name: 'that reads an event by its global id',
      sends: (site) => [
        post(
          site,
          { query: `{ node(id: "${theirsOf(site, 'UsageEvent')}") { __typename id } }` },
          reading(site),
        ),
      ],
      answers: '403 FORBIDDEN',
    },
    {
      name: 'that names its scopes itself',
      sends: (site) =>
        ['X-Scopes', 'X-Hasura-Role', 'X-Tollgate-Scopes', 'Scope'].map((name) =>
          post(
            site,
            { query: `mutation { ${WRITES[3]} }` },
            { ...reading(site), [name]: 'track:write' },
          ),
        ),
      answers: '403 FORBIDDEN',
    },
  ],
};
