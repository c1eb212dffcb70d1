import { lexicographicSortSchema, printSchema, validateSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { schema } from '../../src/schema/index.js';

describe('the schema', () => {
  it('is the one in schema.graphql', async () => {
    const sdl = `${printSchema(lexicographicSortSchema(schema))}\n`;
    await expect(sdl).toMatchFileSnapshot('../../schema.graphql');
  });

  it('is valid', () => {
    expect(validateSchema(schema)).toEqual([]);
  });
});
