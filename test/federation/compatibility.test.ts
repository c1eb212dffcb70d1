/**
 * Apollo's subgraph compatibility suite (npm: @apollo/federation-subgraph-compatibility-tests), all 23 tests, with its own
 * two other subgraphs. What it starts containers for is replaced: the gateways here stand for Apollo Router, `@apollo/composition` for
 * Rover, Vitest for Jest, whose functions it has, and `fetch` for the HTTP client, because the suite fixes its addresses.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { productsSubgraph } from '../support/federation/products.js';
import {
  compose,
  freePort,
  GATEWAYS,
  type Program,
  startGateway,
  startProgram,
} from '../support/federation/programs.js';
import { serveSubgraph } from '../support/federation/subgraph-server.js';

const PACKAGES = createRequire(new URL('package.json', import.meta.url));
const SUITE = dirname(PACKAGES.resolve('@apollo/federation-subgraph-compatibility-tests'));
const FILES = readdirSync(join(SUITE, 'tests')).filter((name) => name.endsWith('.test.js'));
const TESTS_COUNT = 23;

/** The addresses that the suite has fixed, and where these servers really are. */
const servers = new Map<string, string>();
const PRODUCTS = 'http://localhost:4001/';
const ROUTER = 'http://localhost:4000/';

/** Instead of the HTTP client that the suite requires. */
function fetchThere(url: string, init: RequestInit): Promise<Response> {
  return fetch(servers.get(url) ?? url, init);
}

/** Registers the tests of the suite; returns how many they are, which is known once all are. */
function registerSuite(): () => number {
  const client = PACKAGES.resolve('make-fetch-happen');
  const loaded = Object.keys(PACKAGES.cache).filter((path) => path.startsWith(SUITE));
  for (const path of loaded) delete PACKAGES.cache[path];
  PACKAGES(client);
  const replaced = PACKAGES.cache[client];
  if (replaced !== undefined) replaced.exports = fetchThere;
  let count = 0;
  const counted = (name: string, run: () => Promise<void>) => {
    count += 1;
    test(name, run);
  };
  Object.assign(globalThis, { describe, expect, it: counted, test: counted });
  for (const name of FILES) PACKAGES(join(SUITE, 'tests', name));
  return () => count;
}

const sdlOf = (name: string) =>
  readFileSync(join(SUITE, `subgraphs/${name}/${name}.graphql`), 'utf8');

async function startOther(name: string): Promise<Program> {
  const port = String(await freePort());
  const environment = { [`${name.toUpperCase()}_PORT`]: port };
  return startProgram(join(SUITE, `subgraphs/${name}/index.js`), [], environment);
}

describe.each(Object.entries(GATEWAYS))('with %s', (_name, program) => {
  const running: Pick<Program, 'stop'>[] = [];

  beforeAll(async () => {
    const subgraph = productsSubgraph();
    const [products, users, inventory] = await Promise.all([
      serveSubgraph(subgraph.schema),
      startOther('users'),
      startOther('inventory'),
    ]);
    running.push(products, users, inventory);
    const { errors, supergraph } = await compose('@apollo/composition', [
      { name: 'products', url: products.url, sdl: subgraph.sdl },
      { name: 'users', url: users.url, sdl: sdlOf('users') },
      { name: 'inventory', url: inventory.url, sdl: sdlOf('inventory') },
    ]);
    expect(errors).toEqual([]);
    const gateway = await startGateway(program, supergraph ?? '', {});
    running.unshift(gateway);
    servers.set(PRODUCTS, products.url).set(ROUTER, gateway.url);
  });

  afterAll(async () => {
    await Promise.all(running.map((one) => one.stop()));
  });

  const count = registerSuite();

  it(`these were all ${TESTS_COUNT} tests`, () => {
    expect(count()).toBe(TESTS_COUNT);
  });
});

afterAll(() => {
  for (const name of ['describe', 'expect', 'it', 'test']) Reflect.deleteProperty(globalThis, name);
});
