/** The layers of ARCHITECTURE.md: which of them may import which. */
import { describe, expect, it } from 'vitest';
import { parseSource, readSources, type SourceFile } from './source-files.js';

/** What each layer may import besides itself; `type` means only types. */
const LAYERS: Record<string, Record<string, true | 'type'>> = {
  main: { commands: true, gateway: true, config: true, platform: true },
  commands: {
    gateway: true,
    config: true,
    http: true,
    schema: true,
    meter: true,
    domain: true,
    store: true,
    metrics: true,
    neighbours: true,
    tracing: true,
    platform: true,
  },
  tracing: { platform: true },
  // Reads figures, and knows no part that counts.
  metrics: { http: 'type', meter: 'type', store: 'type', platform: true },
  gateway: {
    config: true,
    http: true,
    schema: true,
    meter: true,
    domain: true,
    store: true,
    tracing: 'type',
    platform: true,
  },
  config: { domain: true, platform: true },
  http: {
    config: 'type',
    schema: true,
    meter: true,
    domain: true,
    tracing: 'type',
    platform: true,
  },
  schema: { meter: true, domain: true, platform: true },
  meter: { domain: true, tracing: 'type', platform: true },
  store: { meter: 'type', domain: true, generated: true, platform: true },
  // Carries commands, and does not know what is in them.
  neighbours: { meter: 'type', platform: true },
  domain: {},
  platform: {},
};

/** Packages that only some layers may import: the verbs depend on neither GraphQL nor SQL. */
const PACKAGES: { readonly names: RegExp; readonly layers: readonly string[] }[] = [
  { names: /^(graphql|@pothos|@graphql|graphql-.*|@envelop)(\/|$)/, layers: ['http', 'schema'] },
  { names: /^(pg|@prisma|@electric-sql)(\/|$)/, layers: ['store'] },
  { names: /^prom-client$/, layers: ['metrics'] },
  { names: /^@opentelemetry(\/|$)/, layers: ['tracing'] },
];

/** The only package that the domain may import, for calendars. See ADR 25. */
const CALENDAR = 'temporal-polyfill/implementation';

function layerOf(path: string): string {
  return /^src\/([^/]+?)(\.ts$|\/)/.exec(path)?.[1] ?? path;
}

function violations(file: SourceFile): string[] {
  const layer = layerOf(file.path);
  const allowed = LAYERS[layer];
  if (allowed === undefined) return [`${file.path} is in no layer`];
  return file.imports
    .filter(({ target, ours, typeOnly }) => {
      if (!ours) return !mayImportPackage(layer, target);
      const to = layerOf(target);
      return to !== layer && allowed[to] !== true && !(allowed[to] === 'type' && typeOnly);
    })
    .map(({ target }) => `${file.path} imports ${target}`);
}

function mayImportPackage(layer: string, name: string): boolean {
  if (layer === 'domain') return name === CALENDAR;
  if (name === '(computed)') return false;
  return PACKAGES.every(({ names, layers }) => !names.test(name) || layers.includes(layer));
}

describe('the import arrow', () => {
  it('is respected by every source file', async () => {
    const sources = await readSources('src');
    expect(sources.length).toBeGreaterThan(0);
    expect(sources.flatMap(violations)).toEqual([]);
  });

  it.each([
    ['src/domain/a.ts', `import { b } from '../meter/b.js';`, 'src/meter/b.ts'],
    ['src/domain/a.ts', `import type { b } from '../platform/b.js';`, 'src/platform/b.ts'],
    ['src/domain/a.ts', `import { join } from 'node:path';`, 'node:path'],
    ['src/domain/a.ts', `import { z } from 'zod';`, 'zod'],
    ['src/platform/a.ts', `import type { b } from '../domain/b.js';`, 'src/domain/b.ts'],
    ['src/meter/a.ts', `export { b } from '../store/b.js';`, 'src/store/b.ts'],
    ['src/meter/a.ts', `export * from '../schema/b.js';`, 'src/schema/b.ts'],
    ['src/meter/a.ts', `import { GraphQLError } from 'graphql';`, 'graphql'],
    ['src/meter/a.ts', `import pg from 'pg';`, 'pg'],
    ['src/meter/a.ts', `import '../config.js';`, 'src/config.ts'],
    ['src/store/a.ts', `import { b } from '../meter/b.js';`, 'src/meter/b.ts'],
    ['src/schema/a.ts', `let a: import('../http/b.js').B;`, 'src/http/b.ts'],
    ['src/schema/a.ts', `await import('../generated/prisma/client.js');`, 'src/generated/'],
    ['src/schema/a.ts', 'await import(name);', '(computed)'],
    ['src/http/a.ts', `import { b } from '../gateway.js';`, 'src/gateway.ts'],
    ['src/gateway.ts', `import { b } from './main.js';`, 'src/main.ts'],
    ['src/main.ts', `import { b } from './store/b.js';`, 'src/store/b.ts'],
    ['src/meter/a.ts', `import { Counter } from 'prom-client';`, 'prom-client'],
    ['src/http/a.ts', `import { b } from '../metrics/b.js';`, 'src/metrics/b.ts'],
    ['src/metrics/a.ts', `import { b } from '../meter/b.js';`, 'src/meter/b.ts'],
  ])('is violated if %s contains: %s', (path, text, target) => {
    expect(violations(parseSource(path, text))).toEqual([
      expect.stringContaining(`${path} imports ${target}`),
    ]);
  });

  it.each([
    ['src/main.ts', `import { b } from './gateway.js';`],
    ['src/gateway.ts', `import { b } from './store/b.js';`],
    ['src/http/a.ts', `import type { b } from '../config.js';`],
    ['src/http/a.ts', `import { b } from '../schema/b.js';`],
    ['src/schema/a.ts', `import { b } from '../meter/b.js';`],
    ['src/store/a.ts', `import type { b } from '../meter/b.js';`],
    ['src/store/a.ts', `import { b } from '../generated/prisma/client.js';`],
    ['src/domain/a.ts', `import { b } from './b.js';`],
  ])('is respected if %s contains: %s', (path, text) => {
    expect(violations(parseSource(path, text))).toEqual([]);
  });

  it('does not allow files outside the layers', () => {
    expect(violations(parseSource('src/utils/a.ts', ''))).toEqual([
      'src/utils/a.ts is in no layer',
    ]);
  });
});

/** A resolver calls a verb, for reads as for writes, and a verb calls the store. */
describe('the schema', () => {
  const directUses = ({ path, text }: SourceFile): string[] =>
    [...withoutComments(text).matchAll(/\b(store|writeQueue|readQueue)\b(?!\.js)/g)].map(
      ([name]) => `${path} uses the ${name}`,
    );
  const withoutComments = (text: string) => text.replaceAll(/\/\*.*?\*\/|\/\/[^\n]*/gs, '');

  it('calls only verbs', async () => {
    const sources = await readSources('src');
    const files = sources.filter(({ path }) => path.startsWith('src/schema/'));
    expect(files.length).toBeGreaterThan(0);
    expect(files.flatMap(directUses)).toEqual([]);
  });

  it.each([
    'const resolve = (customer, { entityId }, { store }) => store.entity(customer, entityId);',
    'context.store.customers(scopes);',
    'context.readQueue.read(kind, projectId, wanted);',
  ])('is reported if it contains: %s', (text) => {
    expect(directUses(parseSource('src/schema/a.ts', text))).not.toEqual([]);
    expect(
      directUses(parseSource('src/schema/a.ts', `import type { A } from '../meter/store.js';`)),
    ).toEqual([]);
  });
});
