import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { seedOfSources } from './test/support/random/seed-of-sources.js';

const compiled = 'test/support/compiled/global-setup.ts';
const globalSetup = ['test/support/postgres/global-setup.ts', compiled];
const onTwoServers = [...globalSetup, 'test/support/postgres/second-server.ts'];

/**
 * About `node:http`, or about processes of their own. The fetch adapter has nothing of it, and it
 * is what another version of Node may change.
 */
const ABOUT_NODE = [
  'address,answers-in-memory,attacks,clients,drain,drain-process,gentle-end,once,parity,places',
  'embedded-process,shutdown,traces-exported,workers',
].map((names) => `test/graphql/{${names}}.test.ts`);

/** About what PostgreSQL or an operation decides, by whichever adapter a call came: minutes long, once is enough. */
const BEHIND_ADAPTERS = [
  'amend-event,balance-ids,clients-page,corrections-of-held,cost-calibrated,delete-customer,fence,field-count',
  'golden-gaps,large-reads,metrics,metrics-documented,reservation-batches,reservations',
  'void-event,void-events',
  'balances-cached,database-trouble,histories,histories-killed,plans,random-calls',
  'reservation-batches-trouble,reservations-at-once,statements,swept-random',
  'track-balances-random,track-balances-trouble,two-gateways',
  'cases,execute-fuzz,sweep-kill,time-zones,unreadable,unreadable-balance,used-up',
  'check-two-gateways,corrections-two-gateways,delete-customer-two-gateways',
  'delete-feature-{embedded,kill,two-gateways},track-balances-two-gateways',
  'blocked-worker,corrections,gates,log-of-process,operation-stop,quick-start,serializable',
  'void-events-trouble,written-manifests',
].map((names) => `test/graphql/{${names}}.test.ts`);

/** Of those that both adapters share, a fifth will do, with another seed another one; `npm run test:parity` runs them all. */
function mostOthers(): string[] {
  if (process.env['TEST_PARITY'] === 'all') return [];
  return readdirSync(join(import.meta.dirname, 'test/graphql'))
    .filter((name) => !isDrawn(name, 5))
    .map((name) => `test/graphql/${name}`);
}

/** What is decided and read, by one gateway or two: with eight places, it is the same. */
const WITH_PLACES = [
  'cases,histories,histories-killed,random-calls,serializable,swept-random,two-gateways',
  'amend-event,check-two-gateways,corrections,corrections-two-gateways,customer-ledger',
  'delete-feature-two-gateways,pages,reads,reservations,reservations-at-once,reservation-batches',
  'track-balances,track-balances-random,track-balances-two-gateways,void-event',
].flatMap((names) => names.split(',').map((name) => `test/graphql/${name}.test.ts`));

/** A sixth of them; `npm run test:places` runs them all. */
function someWithPlaces(): string[] {
  if (process.env['TEST_PLACES'] !== undefined) return WITH_PLACES;
  return WITH_PLACES.filter((name) => isDrawn(`places ${name}`, 6));
}

/** Those of two servers that take longest. */
const LONG_ON_SERVERS = ['cases', 'histories', 'histories-killed', 'two-gateways'];

/** An eighth of the others, on two servers; `npm run test:servers` runs all. */
function someOnServers(): string[] {
  if (process.env['TEST_SERVERS'] !== undefined) return WITH_PLACES;
  const long = new Set(LONG_ON_SERVERS.map((name) => `test/graphql/${name}.test.ts`));
  return WITH_PLACES.filter((name) => !long.has(name) && isDrawn(`servers ${name}`, 8));
}

/** One of so many is. */
function isDrawn(name: string, of: number): boolean {
  return createHash('sha256').update(`${SEED} ${name}`).digest().readUInt8() % of === 0;
}

const SEED = process.env['TEST_SEED'] ?? seedOfSources();

interface Project {
  readonly name: string;
  readonly setup?: readonly string[];
}

const project = ({ name, setup = globalSetup }: Project) => ({
  extends: true as const,
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    globalSetup: [...setup],
  },
});

export default defineConfig({
  resolve: {
    // Vite would resolve our own imports to index.mjs while Node gives the dependencies
    // index.js: two copies of graphql, whose classes don't know each other. Anchored, because
    // paths below the package must stay as they are.
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
  },
  test: {
    pool: 'forks',
    maxWorkers: 2,
    // A process runs many files and loads the schema once, instead of once for each: a file that
    // patches something puts it back.
    isolate: false,
    // Bounds that only what hangs reaches, on a machine however busy.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    // Values are compared in UTC everywhere; a machine's zone must not decide a test.
    env: { TZ: 'UTC', TEST_SEED: SEED },
    setupFiles: ['test/support/random/setup.ts'],
    projects: [
      // `npm test` is these four.
      project({ name: 'unit', setup: [] }),
      project({ name: 'store', setup: onTwoServers }),
      project({ name: 'graphql' }),
      project({ name: 'spec' }),
      // Minutes long, or in need of more than Node: run by name.
      {
        extends: true,
        test: {
          name: 'parity',
          include: ['test/graphql/**/*.test.ts'],
          exclude: [...ABOUT_NODE, ...BEHIND_ADAPTERS, ...mostOthers()],
          env: { TEST_ADAPTER: 'fetch' },
          globalSetup,
        },
      },
      {
        extends: true,
        test: {
          name: 'places',
          include: someWithPlaces(),
          env: { TEST_PLACES: '8' },
          globalSetup,
        },
      },
      {
        extends: true,
        test: {
          name: 'servers',
          include: ['test/servers/*.test.ts', ...someOnServers()],
          env: { TEST_PLACES: '8', TEST_SERVERS: '2' },
          globalSetup: onTwoServers,
        },
      },
      {
        extends: true,
        test: {
          name: 'node',
          include: [
            // Its HTTP server, signals and processes.
            'test/graphql/{clients,drain,drain-process,embedded-process,gentle-end,once,parity,shutdown,traces-exported}.test.ts',
            'test/store/{end-signals,start-signals}.test.ts',
            // What uses Node's own parts, or those of its JavaScript engine that change with it: texts, numbers, time zones.
            'test/unit/{node,json,time-zone,log,text,long-texts}*.test.ts',
            'test/unit/{body,connection,connections,days,receiving,start-command,until-end}.test.ts',
          ],
          globalSetup,
        },
      },
      {
        extends: true,
        // Chromium is not ours, and starved it can fail in ways that say nothing about the page.
        test: { ...project({ name: 'browser' }).test, retry: 1 },
      },
      project({ name: 'pgbouncer' }),
      // With PostgreSQL's own tools, from the distribution's packages.
      project({ name: 'backups' }),
      // With gateways of earlier releases, built from the history of the repository.
      project({ name: 'released' }),
      // With packages that scripts/test-with-packages.mjs installs.
      project({ name: 'federation' }),
      project({ name: 'manifests' }),
      {
        extends: true,
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          globalSetup: onTwoServers,
          // They start, kill and cut off servers of their own, apart from everything else.
          sequence: { groupOrder: 1 },
          testTimeout: 30 * 60_000,
          hookTimeout: 5 * 60_000,
        },
      },
    ],
  },
});
