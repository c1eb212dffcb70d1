import { buildSchema, validateSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { tollgateSubgraph } from '../../src/schema/federation.js';
import { schema } from '../../src/schema/index.js';
import { sdl } from '../../src/schema/sdl.js';
import { DEFAULT_PREFIXES } from '../../src/schema/subgraph/names.js';

describe('the schema', () => {
  it('is the one in schema.graphql', async () => {
    await expect(sdl).toMatchFileSnapshot('../../schema.graphql');
  });

  it('is valid', () => {
    expect(validateSchema(schema)).toEqual([]);
  });

  it('can be built from its text: each directive that it has is one that it defines', () => {
    expect(validateSchema(buildSchema(sdl))).toEqual([]);
  });
});

describe('the subgraph', () => {
  const subgraph = tollgateSubgraph(DEFAULT_PREFIXES);

  it('is the one in subgraph.graphql', async () => {
    await expect(subgraph.sdl).toMatchFileSnapshot('../../subgraph.graphql');
  });

  it('is valid', () => {
    expect(validateSchema(subgraph.schema)).toEqual([]);
  });
});
