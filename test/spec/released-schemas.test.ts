/**
 * What a release offers, later ones keep: clients and supergraphs are not built anew because Tollgate is. Exceptions are
 * declared in test/released/taken-away.ts.
 */
import { describe, expect, it } from 'vitest';
import { TAKEN_AWAY } from '../released/taken-away.js';
import {
  compareReleased,
  readReleased,
  releasedSchema,
  SCHEMA_FILES,
  SCHEMAS_NOW,
  takenAway,
  writtenReleased,
} from '../support/schema/released.js';

const WHAT_TO_DO =
  'Clients or supergraphs rely on what was taken away: keep it, and deprecate it if it has a successor. If it has to go, add a line ' +
  'to test/released/taken-away.ts that says why. Do not edit test/released/*.graphql, and do not run ' +
  '`npm run release:schemas`, which belongs to a release';

describe.each(SCHEMA_FILES)('%s', (file) => {
  const now = SCHEMAS_NOW[file];
  const { text, problem } = releasedSchema(file);

  it('is what `npm run release:schemas` has written', () => {
    expect(problem, WHAT_TO_DO).toBeNull();
    expect(writtenReleased(text).split('\n').slice(1).join('\n')).toBe(text);
  });

  it('has all that was released, except what is declared', async () => {
    const { undeclared, idle } = await compareReleased(file, text);
    expect(undeclared, WHAT_TO_DO).toEqual([]);
    expect(idle, 'test/released/taken-away.ts lists what was not taken away').toEqual([]);
  });

  const offered: readonly (readonly [what: string, sdl: string])[] = [
    ['a field', 'extend type Customer { gone: String }'],
    [
      'a field of an input',
      `extend input ${/input (\w*BalancesTrackInput) /.exec(now)?.[1]} { gone: String }`,
    ],
    ['a value of an enum', `extend enum ${/enum (\w*ErrorCode) /.exec(now)?.[1]} { GONE }`],
    ['a type', 'type Gone { id: ID }'],
  ];

  it.each(offered)('would not be the same to clients without %s', async (_what, more) => {
    const before = `${text}\n${more}`;
    const { undeclared } = await compareReleased(file, before);
    expect(undeclared).toHaveLength(1);
    // A declared exception is for that change, in that schema, and for no other.
    const [change = ''] = undeclared;
    const exception = { file, change, reason: 'a test' };
    expect(await compareReleased(file, before, [exception])).toEqual({ undeclared: [], idle: [] });
    expect(await compareReleased(file, text, [exception])).toEqual({
      undeclared: [],
      idle: [change],
    });
    const other = SCHEMA_FILES.find((one) => one !== file) ?? file;
    const elsewhere = await compareReleased(file, before, [{ ...exception, file: other }]);
    expect(elsewhere.undeclared).toEqual([change]);
  });

  it('is noticed if it is replaced by hand', () => {
    const written = writtenReleased(now);
    expect(readReleased(written).problem).toBeNull();
    const edited = written.replace(/\n {2}\w+: DateTime!\n/, '\n');
    expect(edited).not.toBe(written);
    expect(readReleased(edited).problem).toMatch(/by hand/);
    expect(readReleased(now).problem).toMatch(/by hand/);
  });
});

it('a key of an entity cannot be taken away', async () => {
  const now = SCHEMAS_NOW['subgraph.graphql'];
  const less = now.replace(' @key(fields: "customerId")', '');
  expect(await takenAway(now, less)).toEqual(['Customer @key(fields: "customerId")']);
});

it('what is taken away has a reason, once', () => {
  const changes = TAKEN_AWAY.map(({ file, change }) => `${file} ${change}`);
  expect(new Set(changes).size).toBe(changes.length);
  expect(TAKEN_AWAY.filter(({ reason }) => reason.length < 20)).toEqual([]);
});
