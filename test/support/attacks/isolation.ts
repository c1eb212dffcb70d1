import type { Attacks } from './attack.js';
import { post } from './requests.js';
import { type Site, theirsOf } from './site.js';

const NODES = ['Customer', 'CustomerEntity', 'Feature', 'Balance', 'UsageEvent', 'LedgerEntry'];

const REFUSAL = '{ __typename ... on Error { code } }';

const CURSORS: readonly (readonly [string, string, (page: string) => string])[] = [
  ['CustomerCursor', 'customers', (page) => `{ customers(${page}) { edges { node { id } } } }`],
  ['FeatureCursor', 'features', (page) => `{ features(${page}) { edges { node { id } } } }`],
  ['EventCursor', 'events', (page) => `{ events(${page}) { edges { node { id } } } }`],
  [
    'EntityCursor',
    'entities',
    (page) => `{ customer(customerId: "acme") { entities(${page}) { edges { node { id } } } } }`,
  ],
];

/** With a valid key, and knowing everything that the owner sees. */
export const ISOLATION: Attacks = {
  kind: 'what belongs to another project',
  attacks: [
    {
      name: 'by its global id',
      sends: (site) =>
        NODES.map((type) =>
          post(site, {
            query: 'query ($id: ID!) { node(id: $id) { __typename id } }',
            variables: { id: theirsOf(site, type) },
          }),
        ),
      answers: '200 OK',
    },
    {
      name: 'by all global ids at once',
      sends: (site) => [
        post(site, {
          query: `{ ${NODES.map((type) => `${type}: node(id: "${theirsOf(site, type)}") { __typename }`).join(' ')} }`,
        }),
      ],
      answers: '200 OK',
      // One for each type, and the key's.
      bounds: { statements: NODES.length + 1 },
    },
    {
      name: 'by its global id as another type',
      sends: (site) =>
        NODES.flatMap((type) =>
          NODES.filter((other) => other !== type).map((other) =>
            post(site, {
              query: 'query ($id: ID!) { node(id: $id) { __typename } }',
              variables: {
                id: btoa(atob(theirsOf(site, type)).replace(/^\w+/, other)),
              },
            }),
          ),
        ),
      answers: ['200 BAD_USER_INPUT', '200 OK'],
    },
    {
      name: 'by the ids that its owner chose',
      sends: (site) =>
        [
          '{ customer(customerId: "theirs") { id } }',
          '{ feature(featureId: "their-feature") { id } }',
          '{ events(customerId: "theirs") { edges { cursor } } }',
          '{ events(featureId: "their-feature") { edges { cursor } } }',
          '{ customer(customerId: "acme") { balance(featureId: "their-feature") { remaining } } }',
          '{ events(customerId: "acme", featureId: "their-feature") { edges { cursor } } }',
        ].map((query) => post(site, { query })),
      answers: '200 OK',
    },
    {
      name: 'by writing to it',
      sends: (site) =>
        [
          `trackBalance(input: { customerId: "theirs", featureId: "messages" }) ${REFUSAL}`,
          `trackBalance(input: { customerId: "theirs", featureId: "their-feature", idempotencyKey: "used" }) ${REFUSAL}`,
          `trackBalances(inputs: [{ customerId: "theirs", featureId: "their-feature" }]) ${REFUSAL}`,
          `createBalance(input: { customerId: "theirs", featureId: "messages", granted: 1 }) ${REFUSAL}`,
          `reserveBalance(input: { customerId: "theirs", featureId: "messages" }) ${REFUSAL}`,
          `captureReservation(input: { customerId: "theirs", reservationId: "held" }) ${REFUSAL}`,
          `extendReservation(input: { customerId: "theirs", reservationId: "held" }) ${REFUSAL}`,
          `releaseReservation(input: { customerId: "theirs", reservationId: "held" }) ${REFUSAL}`,
          `reserveBalances(inputs: [{ customerId: "theirs", featureId: "messages" }]) ${REFUSAL}`,
          `captureReservations(inputs: [{ customerId: "theirs", reservationId: "held" }]) ${REFUSAL}`,
          `extendReservations(inputs: [{ customerId: "theirs", reservationId: "held" }]) ${REFUSAL}`,
          `releaseReservations(inputs: [{ customerId: "theirs", reservationId: "held" }]) ${REFUSAL}`,
          `updateBalance(input: { customerId: "theirs", id: "x", usage: 0 }) ${REFUSAL}`,
          `deleteBalance(input: { customerId: "theirs", id: "x" }) ${REFUSAL}`,
          `deleteBalance(input: { customerId: "theirs", balanceId: "x" }) ${REFUSAL}`,
          `createEntity(input: { customerId: "theirs", entityId: "seat" }) ${REFUSAL}`,
          `updateCustomer(input: { customerId: "theirs", name: "Mine" }) ${REFUSAL}`,
          `deleteCustomer(input: { customerId: "theirs" }) ${REFUSAL}`,
          `updateEntity(input: { customerId: "theirs", entityId: "seat", name: "Mine" }) ${REFUSAL}`,
          `deleteEntity(input: { customerId: "theirs", entityId: "seat" }) ${REFUSAL}`,
        ].map((field) => post(site, { query: `mutation { ${field} }` })),
      answers: '200 CUSTOMER_NOT_FOUND',
    },
    {
      name: 'by undoing or amending its usage',
      sends: (site) =>
        ['voidEvent', 'amendEvent'].map((field) =>
          post(site, {
            query: `mutation { ${field}(input: { eventId: "${theirsOf(site, 'UsageEvent')}" }) ${REFUSAL} }`,
          }),
        ),
      answers: '200 EVENT_NOT_FOUND',
    },
    {
      name: 'by undoing all of its usage',
      sends: (site) =>
        ['customerId: "theirs"', 'featureId: "their-feature"'].flatMap((filter) =>
          ['', `after: "${theirsOf(site, 'EventCursor')}"`].map((after) =>
            post(site, {
              query: `mutation { voidEvents(input: { filter: { ${filter} }, dryRun: false ${after} }) ${REFUSAL} }`,
            }),
          ),
        ),
      answers: '200 OK',
    },
    {
      name: 'by writing with its features',
      sends: (site) =>
        [
          `trackBalance(input: { customerId: "acme", featureId: "their-feature" }) ${REFUSAL}`,
          `createBalance(input: { customerId: "acme", featureId: "their-feature", granted: 1 }) ${REFUSAL}`,
          `updateFeature(input: { featureId: "their-feature", name: "Mine" }) ${REFUSAL}`,
          `archiveFeature(input: { featureId: "their-feature" }) ${REFUSAL}`,
          `deleteFeature(input: { featureId: "their-feature" }) ${REFUSAL}`,
        ].map((field) => post(site, { query: `mutation { ${field} }` })),
      answers: '200 FEATURE_NOT_FOUND',
    },
    ...CURSORS.map(([cursor, list, query]) => ({
      name: `by a cursor of its ${list}`,
      sends: (site: Site) =>
        ['after', 'before'].map((side) =>
          post(site, { query: query(`${side}: "${theirsOf(site, cursor)}"`) }),
        ),
      answers: '200 OK',
    })),
    {
      name: 'by a cursor of another list',
      sends: (site) =>
        CURSORS.flatMap(([cursor], index) =>
          CURSORS.filter((_, other) => other !== index).map(([, , query]) =>
            post(site, { query: query(`after: "${theirsOf(site, cursor)}"`) }),
          ),
        ),
      answers: '200 BAD_USER_INPUT',
    },
    {
      name: 'by SQL in ids, names, filters and cursors',
      sends: (site) => {
        const text = `x' OR '1'='1'; DROP TABLE customers; --`;
        return [
          {
            query: 'query ($t: String!) { customer(customerId: $t) { id } }',
            variables: { t: text },
          },
          {
            query: 'query ($t: String!) { events(customerId: $t) { edges { cursor } } }',
            variables: { t: text },
          },
          {
            query: 'query ($t: String!) { events(after: $t) { edges { cursor } } }',
            variables: { t: btoa(`events:${text}`) },
          },
          {
            query: 'query ($t: ID!) { node(id: $t) { id } }',
            variables: { t: btoa(`Customer:${text}`) },
          },
        ].map((given) => post(site, given));
      },
      answers: '200 BAD_USER_INPUT',
    },
  ],
};
