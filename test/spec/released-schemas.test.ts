/**
 * What a release offers, later ones keep: clients and supergraphs are not built anew because Tollgate is. `test/released` has both
 * schemas as they were last released, without descriptions; releasing replaces them.
 */
import { readFileSync } from 'node:fs';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema, type GraphQLSchema, Kind, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { tollgateSubgraph } from '../../src/schema/federation.js';
import { sdl } from '../../src/schema/sdl.js';
import { DEFAULT_PREFIXES } from '../../src/schema/subgraph/names.js';

const NOW = {
  'schema.graphql': sdl,
  'subgraph.graphql': tollgateSubgraph(DEFAULT_PREFIXES).sdl,
};

const released = (file: string) =>
  readFileSync(new URL(`../released/${file}`, import.meta.url), 'utf8');

/** Directives of specifications that a subgraph only links are not defined in it. */
const schemaOf = (text: string): GraphQLSchema => buildSchema(text, { assumeValidSDL: true });

async function broken(before: string, after: string): Promise<string[]> {
  const changes = await diff(schemaOf(before), schemaOf(after));
  const breaking = changes.filter(
    ({ criticality }) => criticality.level === CriticalityLevel.Breaking,
  );
  const keys = new Set(keysOf(after));
  return [
    ...breaking.map(({ message }) => message),
    ...keysOf(before).filter((key) => !keys.has(key)),
  ];
}

/** Such as `Customer @key(fields: "id")`: other subgraphs refer to it by them. */
function keysOf(text: string): string[] {
  return parse(text).definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) return [];
    const keys = (definition.directives ?? []).filter(({ name }) => name.value === 'key');
    return keys.flatMap(({ arguments: args = [] }) =>
      args.flatMap(({ name, value }) =>
        name.value === 'fields' && value.kind === Kind.STRING
          ? [`${definition.name.value} @key(fields: "${value.value}")`]
          : [],
      ),
    );
  });
}

describe.each(Object.entries(NOW))('%s', (file, now) => {
  it('has all that was released', async () => {
    expect(await broken(released(file), now)).toEqual([]);
  });

  it.each([
    ['a field', 'extend type Customer { gone: String }'],
    [
      'a field of an input',
      `extend input ${/input (\w*BalancesTrackInput) /.exec(now)?.[1]} { gone: String }`,
    ],
    ['a value of an enum', `extend enum ${/enum (\w*ErrorCode) /.exec(now)?.[1]} { GONE }`],
    ['a type', 'type Gone { id: ID }'],
  ])('would not be the same to clients without %s', async (_what, more) => {
    expect(await broken(`${released(file)}\n${more}`, now)).not.toEqual([]);
  });
});

it('a key of an entity cannot be taken away', async () => {
  const now = NOW['subgraph.graphql'];
  const less = now.replace(' @key(fields: "customerId")', '');
  expect(await broken(now, less)).toEqual(['Customer @key(fields: "customerId")']);
});
