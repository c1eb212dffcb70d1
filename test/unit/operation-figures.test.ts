import { describe, expect, it } from 'vitest';
import { OPERATION_BOUNDS } from '../../src/config/operation-bounds.js';
import { Documents } from '../../src/http/document.js';
import { PROTOCOL_ERROR_CODES } from '../../src/http/errors.js';
import { NAMES_MAX, OperationFigures, OTHER } from '../../src/http/operation-figures.js';
import { httpFamilies } from '../../src/metrics/http-families.js';
import { Tally } from '../../src/platform/tally.js';
import { schema } from '../../src/schema/index.js';

/** Each name as a query and as a mutation, the two for others, and requests without an operation. */
const OPERATIONS_MAX = 2 * (NAMES_MAX + 1) + 1;
/** `OK`, each code, and one for codes that are not ours. */
const RESULTS_MAX = PROTOCOL_ERROR_CODES.size + 2;

describe('operations', () => {
  const namesOf = (figures: OperationFigures) => figures.series().map(({ name }) => name);

  it('are counted by name if they are trusted or configured, and together otherwise', () => {
    const figures = new OperationFigures(['Configured']);
    for (const [name, isTrusted] of [
      ['Configured', false],
      ['Trusted', true],
      ['Unknown', false],
      [undefined, true],
    ] as const) {
      figures.of(name, 'query', isTrusted).ended(undefined, 1);
    }
    expect(figures.series().map(({ name, results }) => [name, results.get('OK')])).toEqual([
      ['(none)', 0],
      ['Configured', 1],
      ['Trusted', 1],
      [OTHER, 2],
    ]);
  });

  it('of an untrusted document are not counted as those of a trusted one with the same name', () => {
    const figures = new OperationFigures();
    figures.of('Same', 'query', true).ended(undefined, 1);
    figures.of('Same', 'query', false).ended(undefined, 1);
    expect(figures.of('Same', 'query', true).results.get('OK')).toBe(1);
    expect(figures.of('x', 'query', false).results.get('OK')).toBe(1);
  });

  it('of a client that makes up names share one place', () => {
    const figures = new OperationFigures();
    const documents = new Documents({ ...OPERATION_BOUNDS, schema, name: '', figures });
    for (let n = 0; n < 2_000; n += 1) {
      const known = documents.operation({
        query: `query Q${n} { __typename }`,
        operationName: null,
      });
      if ('errors' in known) throw new Error('the document is valid');
      known.counter.ended(undefined, 1);
    }
    expect(namesOf(figures)).toEqual(['(none)', OTHER]);
    expect(figures.of(undefined, 'query', false).results.get('OK')).toBe(2_000);
  });

  it('have a bounded number of series, whatever the manifest and the answers contain', () => {
    const figures = new OperationFigures(Array.from({ length: 50 }, (_, n) => `C${n}`));
    const codes = [undefined, ...PROTOCOL_ERROR_CODES, 'made up', 17, {}, null];
    for (let n = 0; n < 5_000; n += 1) {
      for (const kind of ['query', 'mutation'] as const) {
        for (const code of [...codes, `made up ${n}`]) {
          figures.of(`T${n}`, kind, true).ended(code, n);
          figures.of(`C${n}`, kind, false).ended(code, n);
        }
      }
    }
    expect(figures.series().length).toBeLessThanOrEqual(OPERATIONS_MAX);
    const families = httpFamilies(() => ({
      operations: figures,
      shed: new Tally<'admission' | 'write_queue'>(),
      inFlight: 0,
      inFlightMax: 0,
    }));
    const samples = families.flatMap((family) => [...family.samples()]);
    const ofDurations = OPERATIONS_MAX * 16;
    expect(samples.length).toBeGreaterThan(NAMES_MAX * RESULTS_MAX);
    expect(samples.length).toBeLessThan(OPERATIONS_MAX * RESULTS_MAX + ofDurations + 10);
  });

  it('are counted under the code of their first error, or as OTHER', () => {
    const counter = new OperationFigures().of('A', 'query', true);
    counter.ended('OVERLOADED', 1);
    counter.ended('BAD_REQUEST', 1);
    counter.ended('METHOD_NOT_ALLOWED', 1);
    counter.ended(undefined, 1);
    expect([...counter.results]).toEqual([
      ['OK', 1],
      ['OVERLOADED', 1],
      ['BAD_REQUEST', 1],
      // It is answered as BAD_REQUEST.
      ['OTHER', 1],
    ]);
  });
});
