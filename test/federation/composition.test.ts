/** Tollgate's subgraph beside those of other teams, with the composers of Apollo, The Guild and WunderGraph. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tollgateSubgraph } from '../../src/schema/federation.js';
import { DEFAULT_PREFIXES } from '../../src/schema/subgraph/names.js';
import { COMPOSERS, compose, type NamedSubgraph } from '../support/federation/programs.js';

const sdlIn = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const urlOf = (name: string) => `http://${name}.internal/graphql`;
const other = (name: string, path: string): NamedSubgraph => ({
  name,
  url: urlOf(name),
  sdl: sdlIn(path),
});

const ACCOUNTS = other('accounts', 'examples/supergraph/accounts.graphql');
const HOSTILE = other('hostile', 'test/federation/subgraphs/hostile.graphql');
const HOSTILE_FIELDS = other('fields', 'test/federation/subgraphs/hostile-fields.graphql');

/** As it is checked in. */
const TOLLGATE: NamedSubgraph = {
  name: 'tollgate',
  url: 'http://tollgate.internal:4000/subgraph',
  sdl: sdlIn('subgraph.graphql'),
};
const PREFIXED: NamedSubgraph = {
  ...TOLLGATE,
  sdl: tollgateSubgraph({ ...DEFAULT_PREFIXES, fieldPrefix: 'tollgate_' }).sdl,
};
const AUTHORIZED: NamedSubgraph = {
  ...TOLLGATE,
  sdl: tollgateSubgraph({ ...DEFAULT_PREFIXES, authorization: true }).sdl,
};

const GRAPHS = [
  { others: 'an accounts subgraph', subgraphs: [ACCOUNTS, TOLLGATE] },
  { others: 'one that has the names of our types', subgraphs: [HOSTILE, TOLLGATE] },
  { others: 'both, with scopes for routers', subgraphs: [ACCOUNTS, HOSTILE, AUTHORIZED] },
  { others: 'both', subgraphs: [ACCOUNTS, HOSTILE, TOLLGATE] },
  {
    others: 'one that has the names of our root fields, which are given a prefix',
    subgraphs: [ACCOUNTS, HOSTILE, HOSTILE_FIELDS, PREFIXED],
  },
];

describe.each(COMPOSERS)('%s', (composer) => {
  it.each(GRAPHS)('composes it beside $others, without hints', async ({ subgraphs }) => {
    const { errors, hints, supergraph } = await compose(composer, subgraphs);
    expect({ errors, hints }).toEqual({ errors: [], hints: [] });
    expect(supergraph).toMatch(/\n {2}usage: Customer|type Event implements Node/);
  });

  it('refuses root fields of the same name: the prefix is needed', async () => {
    const { errors } = await compose(composer, [HOSTILE_FIELDS, TOLLGATE]);
    expect(errors.join('\n')).toMatch(/features/);
  });
});

it('without a prefix, its types are those of others: that is what the hostile subgraph is for', async () => {
  const { sdl } = tollgateSubgraph({ typePrefix: '', fieldPrefix: '' });
  const { errors } = await compose('@apollo/composition', [HOSTILE, { ...TOLLGATE, sdl }]);
  expect(errors.join('\n')).toMatch(/Feature/);
});
