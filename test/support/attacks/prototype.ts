import type { Attacks } from './attack.js';
import { post, postText } from './requests.js';

const POLLUTION = '{"polluted":1}';
const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '__defineGetter__',
];

const TRACK = `mutation ($input: BalancesTrackInput!) {
  trackBalance(input: $input) { __typename ... on Error { code } }
}`;

export const PROTOTYPE: Attacks = {
  kind: 'prototypes',
  attacks: [
    {
      name: 'as members of a body',
      sends: (site) =>
        NAMES.map((name) => postText(site, `{"query":"{ __typename }","${name}":${POLLUTION}}`)),
      answers: '400 BAD_REQUEST',
    },
    {
      name: 'as variables and extensions that are not used',
      sends: (site) =>
        NAMES.flatMap((name) => [
          postText(site, `{"query":"{ __typename }","variables":{"${name}":${POLLUTION}}}`),
          postText(site, `{"query":"{ __typename }","extensions":{"${name}":${POLLUTION}}}`),
          postText(
            site,
            `{"query":"{ __typename }","extensions":{"constructor":{"prototype":${POLLUTION}}}}`,
          ),
        ]),
      answers: '200 OK',
    },
    {
      name: 'as fields of an input',
      sends: (site) =>
        NAMES.map((name) =>
          postText(
            site,
            `{"query":${JSON.stringify(TRACK)},"variables":{"input":{"customerId":"acme","featureId":"messages","${name}":${POLLUTION}}}}`,
          ),
        ),
      answers: '400 BAD_USER_INPUT',
    },
    {
      name: 'as the whole input',
      sends: (site) => [
        postText(
          site,
          `{"query":${JSON.stringify(TRACK)},"variables":{"__proto__":{"input":{"customerId":"acme"}}}}`,
        ),
        postText(
          site,
          `{"query":${JSON.stringify(TRACK)},"variables":{"input":{"__proto__":{"customerId":"acme","featureId":"messages"}}}}`,
        ),
      ],
      answers: '400 BAD_USER_INPUT',
    },
    {
      name: 'as variables that are declared but not sent',
      sends: (site) =>
        NAMES.map((name) =>
          post(site, {
            query: `query ($${name}: String!) { customer(customerId: $${name}) { id } }`,
            variables: {},
          }),
        ),
      answers: '400 BAD_USER_INPUT',
    },
    {
      name: 'as fields, arguments, directives, types and values of an enum',
      sends: (site) =>
        NAMES.flatMap((name) =>
          [
            `{ ${name} }`,
            `{ customers(${name}: 1) { edges { cursor } } }`,
            `{ __typename @${name} }`,
            `query ($a: ${name}) { __typename }`,
            `{ ... on ${name} { a } }`,
            `mutation { trackBalance(input: { customerId: "a", featureId: "b", overageBehavior: ${name} }) { __typename } }`,
          ].map((query) => post(site, { query })),
        ),
      answers: '400 GRAPHQL_VALIDATION_FAILED',
    },
    {
      name: 'as ids of what does not exist',
      sends: (site) =>
        NAMES.map((customerId) =>
          post(site, {
            query: TRACK,
            variables: { input: { customerId, featureId: 'messages', entityId: customerId } },
          }),
        ),
      answers: '200 CUSTOMER_NOT_FOUND',
    },
    {
      name: 'as the type in a global id',
      sends: (site) =>
        NAMES.map((name) =>
          post(site, {
            query: 'query ($id: ID!) { node(id: $id) { id } }',
            variables: { id: btoa(`${name}:1`) },
          }),
        ),
      answers: '200 BAD_USER_INPUT',
    },
    {
      name: 'as JSON that is stored and returned',
      sends: (site) => [
        postText(
          site,
          `{"query":"mutation ($m: JSON) { updateCustomer(input: { customerId: \\"acme\\", metadata: $m }) { ... on UpdateCustomerPayload { customer { metadata } } } }",
            "variables":{"m":{"__proto__":${POLLUTION},"constructor":{"prototype":${POLLUTION}},"toJSON":"x","then":"x","length":-1}}}`,
        ),
      ],
      answers: '200 OK',
      writes: ['customers'],
    },
  ],
};
