/** What declares no scopes would be open to every key: it does not become a schema. */
import SchemaBuilder from '@pothos/core';
import { printSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { Scope } from '../../src/meter/access/scopes.js';
import { SCOPES_PLUGIN, scopesOf } from '../../src/schema/scopes.js';

interface Declared {
  readonly root?: readonly Scope[];
  readonly type?: readonly Scope[];
  readonly edge?: readonly Scope[];
}

function built({ root, type, edge }: Declared) {
  const builder = new SchemaBuilder({ plugins: [SCOPES_PLUGIN] });
  const node = builder.interfaceRef<object>('Node').implement({ description: 'Node.' });
  const thing = builder.objectRef<object>('Thing');
  thing.implement({
    interfaces: [node],
    ...(type && { scopes: type }),
    description: 'A thing.',
    fields: (t) => ({
      name: t.string({ resolve: () => 'x' }),
      next: t.field({
        type: thing,
        ...(edge && { scopes: edge }),
        description: 'Next.',
        resolve: () => ({}),
      }),
    }),
  });
  builder.queryType({
    fields: (t) => ({
      thing: t.field({
        type: thing,
        ...(root && { scopes: root }),
        description: 'One.',
        resolve: () => ({}),
      }),
    }),
  });
  return builder.toSchema();
}

const ALL: Required<Declared> = {
  root: [],
  type: ['events:read'],
  edge: ['check:read', 'usage:read'],
};

describe('a schema', () => {
  it('has what is declared, in its fields and their descriptions', () => {
    const query = built(ALL).getQueryType()?.getFields()['thing'];
    expect(query?.description).toBe('One.');
    expect(query && scopesOf(query)).toBe(0);
    const type = built(ALL).getType('Thing');
    expect(type?.description).toBe(
      'A thing. To get it by its id, a key needs the scope `events:read`.',
    );
    const described = printSchema(built(ALL));
    expect(described).toContain('Next. Needs one of the scopes `check:read` and `usage:read`.');
  });

  it.each<[string, keyof Declared]>([
    ['Query.thing', 'root'],
    ['Thing', 'type'],
    ['Thing.next', 'edge'],
  ])('cannot be built if %s declares none', (coordinate, part) => {
    const { [part]: _, ...others } = ALL;
    expect(() => built(others)).toThrow(`${coordinate} declares no scopes`);
  });
});
