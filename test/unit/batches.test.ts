/** What happens to a batch whose commit fails, is refused or is stale. The test controls the write path. */
import { beforeEach, describe, expect, it } from 'vitest';
import { catalogOf } from '../../src/domain/feature.js';
import { notFound } from '../../src/domain/refusal.js';
import { UnavailableError } from '../../src/domain/unavailable.js';
import { createCatalogCache } from '../../src/meter/catalog-cache.js';
import { type Batches, createBatches } from '../../src/meter/write/batch.js';
import { WriteFigures } from '../../src/meter/write/write-figures.js';
import type {
  AccountChange,
  Loaded,
  LoadRequest,
  WritePath,
} from '../../src/meter/write/write-path.js';
import { accountOf, NOW, nothingKnown } from './given.js';
import { Naming } from './naming-command.js';

/** The calls of the store, in order. */
let storeCalls: string[];
let versions: Map<string, number>;
let newest: number;
let catalogVersion: number;
let changesSeen: (projectId: string) => number;
let stored: Loaded['storedResults'];
let unreadable: NonNullable<Loaded['unreadable']>;
/** Returns the customer keys that are committed, or throws. */
let commit: (changes: readonly AccountChange[]) => readonly string[];
let batches: Batches;
let transaction: WritePath['transaction'];

const keysOf = (changes: readonly AccountChange[]) => changes.map(({ customerKey }) => customerKey);

const load = (how: string) => (requests: readonly LoadRequest[]) => {
  storeCalls.push(`${how} ${requests.map(({ customerKey }) => customerKey).join()}`);
  const accounts = requests.map(({ customerKey }) => {
    const version = versions.get(customerKey) ?? 0;
    return [customerKey, { ...accountOf([]), customerKey, version }] as const;
  });
  return Promise.resolve({
    now: NOW,
    accounts: new Map(accounts),
    unreadable,
    lockedElsewhere: new Set<string>(),
    storedResults: stored,
    catalogVersions: new Map(
      requests.map(({ projectId }) => [projectId, catalogVersion + changesSeen(projectId)]),
    ),
  });
};

const commitAs = (how: string) => async (changes: readonly AccountChange[], next: number) => {
  storeCalls.push(`${how} ${keysOf(changes).join()}`);
  const customerKeys = new Set(commit(changes));
  for (const customerKey of customerKeys) versions.set(customerKey, next);
  return { now: NOW, customerKeys };
};

const store: WritePath = {
  catalog(projectId) {
    if (projectId === 'newer') throw new UnavailableError('RESULT_UNREADABLE');
    storeCalls.push('catalog');
    return Promise.resolve(catalogOf(catalogVersion, []));
  },
  load: load('load'),
  commit: commitAs('commit'),
  transaction: (...args) => transaction(...args),
};

const deleteCustomer = () => Promise.reject(new Error('no command does'));
const locked = { load: load('lock'), commit: commitAs('commit locked'), deleteCustomer };

beforeEach(() => {
  storeCalls = [];
  versions = new Map();
  newest = 0;
  catalogVersion = 1;
  changesSeen = () => 0;
  stored = new Map();
  unreadable = new Map();
  commit = keysOf;
  transaction = (_, run) => run(locked);
  batches = createBatches({
    store,
    ...nothingKnown(),
    catalogs: createCatalogCache({ read: store.catalog, featuresMax: 100 }),
    newVersion: () => {
      newest += 1;
      return newest;
    },
    figures: new WriteFigures(),
  });
});

/** The result of each command: its value, or the code or message of its error. */
async function run(...commands: readonly Naming[]): Promise<string[]> {
  const results = commands.map(({ result }) =>
    result.then(
      (answer) => (answer.ok ? answer.value : answer.refusal.code),
      (error: unknown) =>
        error instanceof UnavailableError ? error.code : String((error as Error).message),
    ),
  );
  await batches.run(commands);
  return Promise.all(results);
}

const refusing = (bad: string) => (changes: readonly AccountChange[]) => {
  if (keysOf(changes).includes(bad)) throw new Error('refused');
  return keysOf(changes);
};

describe('a commit that the database refuses', () => {
  it('is repeated one by one, so that only the refused command fails', async () => {
    commit = refusing('b');
    const three = ['a', 'b', 'c'].map((name) => new Naming(name));
    expect(await run(...three)).toEqual(['a at 0', 'refused', 'c at 0']);
  });

  it('is not repeated for a single command', async () => {
    commit = refusing('a');
    expect(await run(new Naming('a'))).toEqual(['refused']);
    expect(storeCalls).toEqual(['catalog', 'load a', 'commit a']);
  });

  it('is not repeated if the database is unavailable', async () => {
    commit = () => {
      throw new UnavailableError('OUTCOME_UNKNOWN');
    };
    const results = await run(new Naming('a'), new Naming('b'));
    expect(results).toEqual(['OUTCOME_UNKNOWN', 'OUTCOME_UNKNOWN']);
    expect(storeCalls).toEqual(['catalog', 'load a,b', 'commit a,b']);
  });

  it('makes its customers stale, so that they are read again', async () => {
    await run(new Naming('a'));
    storeCalls = [];
    expect(await run(new Naming('a'))).toEqual(['a at 1']);
    expect(storeCalls).toEqual(['commit a']);
    commit = () => {
      throw new UnavailableError('OUTCOME_UNKNOWN');
    };
    await run(new Naming('a'));
    commit = keysOf;
    storeCalls = [];
    versions.set('a', 7);
    expect(await run(new Naming('a'))).toEqual(['a at 7']);
    expect(storeCalls).toEqual(['load a', 'commit a']);
  });
});

it.each([false, true])(
  'a customer with unreadable data does not affect the others of its batch, locked: %s',
  async (underLock) => {
    unreadable = new Map([['b', new UnavailableError('RESULT_UNREADABLE')]]);
    const three = ['a', 'b', 'c'].map((name) => new Naming(name, { underLock }));
    expect(await run(...three)).toEqual(['a at 0', 'RESULT_UNREADABLE', 'c at 0']);
    expect(storeCalls.filter((call) => call.startsWith('commit'))).toHaveLength(1);
  },
);

describe('a customer that has changed meanwhile', () => {
  it('is read again, then locked, and the others are not', async () => {
    await run(new Naming('a'), new Naming('b'));
    storeCalls = [];
    let refusals = 2;
    commit = (changes) => {
      refusals -= 1;
      return keysOf(changes).filter((key) => key !== 'a' || refusals < 0);
    };
    expect(await run(new Naming('a'), new Naming('b'))).toEqual(['a at 1', 'b at 1']);
    expect(storeCalls).toEqual(['commit a,b', 'load a', 'commit a', 'lock a', 'commit locked a']);
  });

  it('under its lock is decided up to five times', async () => {
    commit = (changes) => (storeCalls.length < 100 ? [] : keysOf(changes));
    expect(await run(new Naming('a', { underLock: true }))).toEqual(['WRITE_CONTENTION']);
    expect(storeCalls.filter((what) => what === 'commit locked a')).toHaveLength(5);
  });

  it('under its lock gets the result of the committed decision only', async () => {
    let refusals = 1;
    commit = (changes) => {
      refusals -= 1;
      if (refusals < 0) return keysOf(changes);
      versions.set('a', 3);
      return [];
    };
    expect(await run(new Naming('a', { underLock: true }))).toEqual(['a at 3']);
  });
});

describe('a catalogue that has changed', () => {
  it.each([false, true])(
    'is read again before anything is decided, locked: %s',
    async (underLock) => {
      await run(new Naming('a', { underLock }));
      catalogVersion = 2;
      storeCalls = [];
      const seen: number[] = [];
      commit = (changes) => {
        seen.push(...changes.map((change) => change.catalogVersion));
        return keysOf(changes);
      };
      expect(await run(new Naming('b', { underLock }))).toEqual(['b at 0']);
      expect(seen).toEqual([2]);
    },
  );
});

it.each([false, true])(
  'a busy catalogue affects only its project, locked: %s',
  async (underLock) => {
    changesSeen = (projectId) => (projectId === 'busy' ? 1 : 0);
    const named = (name: string, projectId: string) => new Naming(name, { projectId, underLock });
    const results = await run(named('a', 'busy'), named('b', 'q'), named('c', 'q'));
    expect(results).toEqual(['WRITE_CONTENTION', 'b at 0', 'c at 0']);
    expect(storeCalls.filter((what) => /^commit.* b,c$/.test(what))).toHaveLength(1);
  },
);

it('a catalogue that cannot be read affects only its project', async () => {
  const of = (projectId: string) => new Naming(projectId, { projectId });
  const results = await run(of('a'), of('newer'), of('b'));
  expect(results).toEqual(['a at 0', 'RESULT_UNREADABLE', 'b at 0']);
});

it('the customers of many projects are locked in at most two transactions at a time', async () => {
  let atOnce = 0;
  let atOnceMax = 0;
  transaction = async (_, decide) => {
    atOnce += 1;
    atOnceMax = Math.max(atOnceMax, atOnce);
    const decided = await decide(locked);
    atOnce -= 1;
    return decided;
  };
  const names = Array.from({ length: 50 }, (_, number) => `c${number}`);
  const results = await run(
    ...names.map((name) => new Naming(name, { projectId: `of ${name}`, underLock: true })),
  );
  expect(results).toEqual(names.map((name) => `${name} at 0`));
  expect(atOnceMax).toBe(2);
});

describe('a decision that depends on the clock', () => {
  it.each([
    ['from then on', 'in the past', NOW - 1, { validFrom: NOW - 1, validUntil: null }],
    ['from then on', 'now', NOW, { validFrom: NOW, validUntil: null }],
    ['until then', 'in the future', NOW + 1, { validFrom: null, validUntil: NOW + 1 }],
  ])('is valid %s if it changes at an instant %s', async (_how, _when, at, window) => {
    const windows: unknown[] = [];
    commit = (changes) => {
      windows.push(...changes);
      return keysOf(changes);
    };
    await run(new Naming('a', { decisionChangesAt: at }));
    expect(windows).toMatchObject([window]);
  });
});

describe('an idempotency key', () => {
  const name = 'a';

  it('that a different call has used is a conflict, but "not found" comes first (R17)', async () => {
    const first = { fingerprint: { v: 1, name: 'b' }, result: 'first', recordedAt: NOW };
    stored = new Map([['a', new Map([['k', first]])]]);
    const refusal = notFound('FEATURE_NOT_FOUND', 'f');
    for (const options of [{ refusal }, {}]) {
      const { code } = options.refusal ?? { code: 'IDEMPOTENCY_CONFLICT' };
      expect(await run(new Naming(name, { key: 'k', underLock: true, ...options }))).toEqual([
        code,
      ]);
    }
  });

  it('that has been used replays the first result, with and without the lock', async () => {
    const first = { fingerprint: { v: 1, name }, result: 'first', recordedAt: NOW };
    stored = new Map([['a', new Map([['k', first]])]]);
    // As the store does if a key that was assumed to be unused is not.
    commit = (changes) => keysOf(changes.filter(({ keysUnused }) => keysUnused.length === 0));
    for (const underLock of [true, false]) {
      const answers = await run(new Naming(name, { key: 'k', underLock }));
      expect(answers).toEqual(['first again']);
    }
    expect(storeCalls.filter((what) => what.startsWith('commit locked'))).toEqual([]);
  });

  it('that is used twice in a batch writes once', async () => {
    const twice = [new Naming(name, { key: 'k' }), new Naming(name, { key: 'k' })];
    const written: unknown[] = [];
    commit = (changes) => {
      written.push(...changes.map(({ rows }) => rows.entities?.length));
      return keysOf(changes);
    };
    expect(await run(...twice)).toEqual(['a at 0', 'a again']);
    expect(written).toEqual([1]);
  });
});
