import { getIntrospectionQuery } from 'graphql';
import { type Attacks, LARGE } from './attack.js';
import { post, times } from './requests.js';

const circle = (levels: number): string =>
  levels === 0 ? 'name' : `fields { type { ${circle(levels - 1)} } }`;

const names = (count: number) => times(count, (n) => `custmer${n}`).join(' ');

export const INTROSPECTION: Attacks = {
  kind: 'introspection and suggestions',
  attacks: [
    {
      name: 'without a key, of all or of one type',
      sends: (site) => [
        post(site, { query: getIntrospectionQuery() }, { Authorization: '' }),
        post(site, { query: '{ __type(name: "Query") { name } }' }, { Authorization: '' }),
        post(site, { query: '{ __typename }' }, { Authorization: '' }),
      ],
      answers: '401 UNAUTHENTICATED',
    },
    {
      name: 'without a key, by the suggestions for a misspelled field',
      sends: (site) => [
        post(site, { query: '{ custmers { id } }' }, { Authorization: '' }),
        post(site, { query: 'mutation { trackBalanc }' }, { Authorization: '' }),
        post(site, { query: '{' }, { Authorization: '' }),
      ],
      answers: '401 UNAUTHENTICATED',
    },
    {
      name: 'that goes round in circles',
      sends: (site) => [
        post(site, { query: `{ __schema { types { ${circle(6)} } } }` }),
        post(site, { query: `{ __schema { types { ${circle(3)} } } }` }),
      ],
      answers: '400 GRAPHQL_VALIDATION_FAILED',
      bounds: LARGE,
    },
    {
      name: 'under twenty names',
      sends: (site) => [
        post(site, {
          query: `{ ${times(20, (n) => `a${n}: __schema { types { ...T } }`).join(' ')} }
            fragment T on __Type { name description fields { name description args { name description } } }`,
        }),
      ],
      answers: '400 QUERY_TOO_COMPLEX',
      bounds: LARGE,
    },
    {
      name: 'of all, ten times at once, each written differently',
      sends: (site) => times(10, () => post(site, { query: getIntrospectionQuery() })),
      answers: '200 OK',
      bounds: { ...LARGE, work: 2_000 },
    },
    {
      name: 'by the suggestions for hundreds of misspelled fields',
      sends: (site) => [
        post(site, { query: `{ ${names(19)} }` }),
        post(site, { query: `{ customer(customerId: "acme") { ${names(1_900)} } }` }),
        post(site, {
          query: `{ __typename ${times(19, (n) => `a${n}: ${'customer'.repeat(12)}`).join(' ')} }`,
        }),
      ],
      answers: '400 GRAPHQL_VALIDATION_FAILED',
      bounds: LARGE,
    },
    {
      name: 'by misspelled names of thousands of characters',
      sends: (site) => [
        post(site, { query: `{ ${'customers'.repeat(10_000)} }` }),
        post(site, { query: `{ customers(${'first'.repeat(10_000)}: 1) { edges { cursor } } }` }),
      ],
      answers: '400 QUERY_TOO_COMPLEX',
      bounds: LARGE,
    },
    {
      name: 'of a type that is a property of every object',
      sends: (site) => [
        post(site, {
          query:
            '{ a: __type(name: "__proto__") { name } b: __type(name: "constructor") { name } }',
        }),
      ],
      answers: '200 OK',
    },
  ],
};
