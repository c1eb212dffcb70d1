import { type Attacks, LARGE } from './attack.js';
import { post, times } from './requests.js';

const EVENTS = 'events(first: 100) { edges { node { id } } }';

/** Where an operation may cost 1,000, and a key 600 in a minute. */
export const COST_ATTACKS: Attacks = {
  kind: 'cost',
  attacks: [
    {
      name: 'of one operation, in pages, under aliases and through fragments',
      sends: (site) =>
        [
          `{ ${times(20, (n) => `a${n}: ${EVENTS}`).join(' ')} }`,
          `{ customers(first: 100) { edges { node { ${EVENTS} } } } }`,
          `{ customers(first: 100) { edges { node { ...F } } } } fragment F on Customer { ...G a: ${EVENTS} } fragment G on Customer { b: ${EVENTS} }`,
          'query ($n: Int = 100) { customers(first: $n) { edges { node { events(first: $n) { edges { cursor } } } } } }',
        ].map((query) => post(site, { query })),
      answers: '400 OPERATION_COST_EXCEEDED',
      at: 'STRICT',
    },
    {
      name: 'hidden behind a condition, a variable or the last of two pages',
      sends: (site) =>
        [
          `query ($yes: Boolean!, $n: Int!) { customers(first: $n) @include(if: $yes) { edges { node { ${EVENTS} } } } }`,
          `query ($yes: Boolean!, $n: Int!) { ... @include(if: $yes) { customers(last: $n) { edges { node { ${EVENTS} } } } } }`,
        ].map((query) => post(site, { query, variables: { yes: true, n: 100 } })),
      answers: '400 OPERATION_COST_EXCEEDED',
      at: 'STRICT',
    },
    {
      name: 'of hundreds of operations at once, beyond the budget of a key',
      sends: (site) =>
        times(100, () =>
          post(
            site,
            { query: `{ ${times(4, (n) => `a${n}: ${EVENTS}`).join(' ')} }` },
            { Authorization: `Bearer ${site.spender}` },
          ),
        ),
      answers: ['200 OK', '429 COST_BUDGET_EXCEEDED'],
      at: 'STRICT',
      bounds: LARGE,
    },
    {
      name: 'whose report is requested by a header of another form',
      sends: (site) =>
        ['1', 'true', 'yes', '1, 1', '\u00e9', '{"a":1}', 'x'.repeat(10_000)].map((value) =>
          post(site, { query: '{ __typename }' }, { 'Tollgate-Cost': value }),
        ),
      answers: '200 OK',
      at: 'STRICT',
    },
  ],
};
