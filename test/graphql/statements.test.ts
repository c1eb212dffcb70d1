/** Every path of the schema costs at most one statement per edge, however many parents the edges lead from. */

import { execute, parse, validate } from 'graphql';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { NO_PROJECT } from '../../src/domain/no-project.js';
import { ADMIN_SCOPES, EVERY_SCOPE } from '../../src/meter/access/scopes.js';
import type { VerbContext } from '../../src/meter/verb.js';
import { wallClockMs } from '../../src/platform/clock.js';
import { Execution } from '../../src/schema/execution.js';
import { schema } from '../../src/schema/index.js';
import { connect } from '../support/database/connections.js';
import { createStore, type TestStore } from '../support/database/store.js';
import { FIRST, fillWideProject, type NodeIds, WIDE } from '../support/database/wide-project.js';
import { readQueueOn } from '../support/meter/read-queue.js';
import { verbContext } from '../support/meter/verb-context.js';
import { type Path, pathsOf } from '../support/schema/schema-paths.js';

const HOPS_MAX = 5;

let test: TestStore;
let nodeIds: NodeIds;
let paths: ReadonlyMap<string, readonly Path[]>;
let readQueue: ReturnType<typeof readQueueOn>;
let writeQueue: VerbContext['writeQueue'];
const queries = vi.spyOn(pg.Pool.prototype, 'query');

beforeAll(async () => {
  test = await createStore();
  readQueue = readQueueOn(test.store);
  ({ writeQueue } = verbContext(test.store, test.projectId));
  const client = await connect(test.database.url);
  const sql = (text: string, values: readonly unknown[] = []) => client.query(text, [...values]);
  nodeIds = await fillWideProject(sql, test.projectId, wallClockMs()).finally(() => client.end());
  paths = byFirstHop(pathsOf(schema, { ...options, nodeIds }));
  // Checks are judged with a cached catalogue, whose version their statement confirms.
  await writeQueue.catalogs.find(test.projectId);
});
afterAll(() => {
  queries.mockRestore();
  return test.close();
});
beforeEach(() => {
  queries.mockClear();
});

const CHECK = `{ customerId: "${FIRST.customerId}", featureId: "${FIRST.featureId}", requiredBalance: 1e15 }`;
const EXPLAINED = `{ customerId: "${FIRST.customerId}", entityId: "${FIRST.entityId}", featureId: "${FIRST.featureId}", value: 1e15 }`;

const args = {
  ...Object.fromEntries(Object.entries(FIRST).map(([name, id]) => [name, JSON.stringify(id)])),
  // More than there is, so that something is missing.
  requiredBalance: '1e15',
  input: CHECK,
  inputs: `[${CHECK}, ${CHECK}]`,
  // By an entity, so that balances of an entity take part.
  'explainTrack(input:)': EXPLAINED,
};

/** Stand-ins for the nodes, which do not exist yet when the titles are needed. */
const TYPES = [
  'Customer',
  'CustomerEntity',
  'Feature',
  'Balance',
  'UsageEvent',
  'LedgerEntry',
  'Project',
  'ApiKey',
];
const noIds = Object.fromEntries(TYPES.map((type) => [type, ['']]));
const options = { args, hopsMax: HOPS_MAX, firstPageSize: WIDE };

function byFirstHop(paths: readonly Path[]): Map<string, Path[]> {
  const groups = new Map<string, Path[]>();
  for (const path of paths) {
    const title = path.hops[0]?.title ?? '';
    groups.set(title, [...(groups.get(title) ?? []), path]);
  }
  return groups;
}

/** Runs the document; returns how many objects are at its end and how many statements it took. */
async function run({ title, hops, document: text }: Path) {
  queries.mockClear();
  const document = parse(text);
  expect(validate(schema, document), title).toEqual([]);
  // The size of a result is unlimited here: its limit is tested elsewhere.
  const contextValue = {
    caller: isForAdmin(hops[0]) ? ADMIN_CALLER : { projectId: test.projectId, scopes: EVERY_SCOPE },
    readQueue,
    writeQueue,
    execution: new Execution({
      resultBytesMax: Number.MAX_SAFE_INTEGER,
      tooLarge,
      take: () => null,
    }),
  };
  const { data, errors } = await execute({ schema, document, contextValue });
  expect(errors, title).toBeUndefined();
  const ends = JSON.stringify(data).split('"__typename":').length - 1;
  return { ends, statements: queries.mock.calls.length };
}

/** All projects are listed, and many at once found by id, with an admin key only. */
function isForAdmin(first: Path['hops'][number] | undefined): boolean {
  return ['projects', 'node of Project'].includes(first?.title ?? '');
}

const ADMIN_CALLER = { projectId: NO_PROJECT, scopes: ADMIN_SCOPES };

/** Where an entity is only referred to, whether it still exists is read beside its balances. */
function mostFor({ title, hops }: Path): number {
  return hops.length + (title.match(/ > entity > balances?\b/g)?.length ?? 0);
}

function tooLarge(): Error {
  return new Error('nothing is too large here');
}

describe.each([...byFirstHop(pathsOf(schema, { ...options, nodeIds: noIds })).keys()])(
  'a path that begins with %s',
  (first) => {
    it(`costs at most one statement per edge, up to ${HOPS_MAX} edges`, {
      timeout: 180_000,
    }, async () => {
      const ofFirst = paths.get(first) ?? [];
      expect(ofFirst.length).toBeGreaterThan(0);
      const expensive: string[] = [];
      const narrow: string[] = [];
      for (const path of ofFirst) {
        const { ends, statements } = await run(path);
        if (statements > mostFor(path)) expensive.push(`${path.title}: ${statements}`);
        // A path that starts from one object may lead to a single object.
        const parents = path.hops[0]?.isPage
          ? (nodeIds[first.slice('node of '.length)]?.length ?? WIDE)
          : 1;
        if (ends < parents) narrow.push(`${path.title}: ${ends} objects`);
      }
      expect(expensive).toEqual([]);
      // Otherwise the number of statements would prove nothing.
      expect(narrow).toEqual([]);
    });
  },
);
