/**
 * The executor gives the same results as `execute` of graphql-js: the same bytes, the same causes of errors and the same
 * resolver calls in the same order, on the first run of a document and on later ones. The schema is the real one; its
 * resolvers do everything that resolvers can do.
 */
import { describe, expect, it } from 'vitest';
import { executeOperation } from '../../src/http/execute.js';
import { schema } from '../../src/schema/index.js';
import { fuzz } from '../support/fuzz/differential.js';
import { mockSchema } from '../support/fuzz/mock-schema.js';
import { fromRun, MUTANTS } from '../support/fuzz/mutants.js';
import { seedOf } from '../support/random/random.js';

const CASES = 20_000;
const TIMEOUT_MS = 10 * 60_000;

/** More than it takes to find any of them, even with an unlucky seed. */
const MUTANT_CASES = 20_000;

/** The run from which another executor once took over. */
const THRESHOLD = 20;

const mocked = mockSchema(schema);

it(
  'every answer matches that of graphql-js, on every run',
  async () => {
    const seed = seedOf('execute fuzz');
    const { difference, tally } = await fuzz({
      schema: mocked,
      executor: executeOperation,
      seed,
      cases: CASES,
    });
    expect(difference).toBeNull();
    // The documents cover what they should.
    expect(tally.invalid).toBeLessThan(tally.documents / 20);
    expect(tally.withData).toBeGreaterThan(CASES / 3);
    expect(tally.withErrors).toBeGreaterThan(CASES / 4);
    expect(tally.mutations).toBeGreaterThan(CASES / 10);
  },
  TIMEOUT_MS,
);

describe('the comparison detects an executor that', () => {
  it.each(Object.entries(MUTANTS))(
    '%s',
    async (_fault, executor) => {
      const seed = seedOf('execute mutant');
      const found = await fuzz({ schema: mocked, executor, seed, cases: MUTANT_CASES });
      expect(found.difference).not.toBeNull();
    },
    TIMEOUT_MS,
  );

  it.each(Object.entries(MUTANTS))(
    '%s from the 20th run on',
    async (_fault, mutant) => {
      const seed = seedOf('execute mutant');
      const executor = fromRun(THRESHOLD, mutant);
      const options = { schema: mocked, executor, seed, cases: MUTANT_CASES, oftenOnceIn: 3 };
      expect((await fuzz(options)).difference).not.toBeNull();
    },
    TIMEOUT_MS,
  );
});
