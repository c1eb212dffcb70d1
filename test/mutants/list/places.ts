/** Guarantees of places: while customers are closed, nothing of them is written, and each place is worked on by itself. */
import type { Mutant } from '../mutant.js';

export const PLACES: readonly Mutant[] = [
  {
    guarantee: 'every table of customers is closed',
    file: 'src/store/fence.ts',
    find: 'for (const table of CUSTOMER_TABLES) {',
    replace: "for (const table of CUSTOMER_TABLES.filter((name) => name !== 'entities')) {",
    tests: ['graphql/fence.test.ts'],
  },
  {
    guarantee: 'opening does not wait for those who read',
    file: 'src/store/fence.ts',
    find: "await define(client, place, 'RETURN NULL;', 'NULL');\n        return true;",
    replace: 'return true;',
    tests: ['graphql/fence.test.ts'],
  },
  {
    guarantee: 'closing while another session opens is not undone by it',
    file: 'src/store/fence.ts',
    find: '  if ((await readClosedSince(client, place)) !== null) return true;\n',
    replace: '',
    tests: ['graphql/fence.test.ts'],
  },
  {
    guarantee: 'a call that is refused because customers are closed says so',
    file: 'src/store/failure.ts',
    find: "  [CLOSED_STATE, 'CLOSED'],\n",
    replace: '',
    tests: ['graphql/fence.test.ts'],
  },
  {
    guarantee: 'calls wait for a moment until customers are opened',
    file: 'src/store/retry.ts',
    find: 'closedWait.isWorthwhile(monotonicMs())',
    replace: 'false',
    tests: ['graphql/fence.test.ts'],
  },
  {
    guarantee: 'calls wait together, and not one after the other',
    file: 'src/store/closed-wait.ts',
    find: 'if (now - this.#last > FORGOTTEN_MS) this.#since = now;',
    replace: 'this.#since = now;',
    tests: ['unit/closed-wait.test.ts'],
  },
  {
    guarantee: 'each place is closed by itself',
    file: 'src/store/fence.ts',
    find: 'ON ${place}.${table} FOR EACH STATEMENT EXECUTE FUNCTION ${place}.${FUNCTION}()`);',
    replace: 'ON ${place}.${table} FOR EACH STATEMENT EXECUTE FUNCTION public.${FUNCTION}()`);',
    tests: ['store/fence-of-places.test.ts'],
  },
  {
    guarantee: 'opening a place leaves the others closed',
    file: 'src/store/fence.ts',
    find: 'await client.query(`DROP FUNCTION IF EXISTS ${place}.${FUNCTION}() CASCADE`);',
    replace:
      'for (const { place: each } of await readStates(client)) await client.query(`DROP FUNCTION IF EXISTS ${each}.${FUNCTION}() CASCADE`);',
    tests: ['store/fence-of-places.test.ts'],
  },
  {
    guarantee: 'only the place that is named is closed, or opened',
    file: 'src/commands/place-actions.ts',
    find: '? fence.places : [placeOf(fence, Number(number))]',
    replace: '? fence.places : fence.places',
    tests: ['store/fence-of-places.test.ts'],
  },
  {
    guarantee: 'how long calls of a place have waited does not concern those of another one',
    file: 'src/store/context.ts',
    find: 'export function createContext({ prisma, place, clockOffsetMs }: ContextOptions): StoreContext {\n  const closedWait = new ClosedWait();',
    replace:
      'const closedWait = new ClosedWait();\nexport function createContext({ prisma, place, clockOffsetMs }: ContextOptions): StoreContext {',
    tests: ['graphql/closed-place.test.ts'],
  },
  {
    guarantee: 'what fails in one place is done in the others',
    file: 'src/store/each-place.ts',
    find: 'failures.push({ place, error });',
    replace: 'throw new PlacesError([{ place, error }]);',
    tests: ['store/ranges-of-places.test.ts', 'store/fence-of-places.test.ts'],
  },
  {
    guarantee: 'ranges are added in each place',
    file: 'src/store/ranges/ranges.ts',
    find: 'for (const table of rangedTables(place)) {',
    replace: "for (const table of rangedTables('public')) {",
    tests: ['store/ranges-of-places.test.ts'],
  },
  {
    guarantee: 'what came into a range of a place while it was being let go stays there',
    file: 'src/store/ranges/let-go.ts',
    find: '`INSERT INTO ${qualified(table)} (${columns}) ${late}',
    replace: '`INSERT INTO public.${table.name} (${columns}) ${late}',
    tests: ['store/ranges-of-places.test.ts'],
  },
  {
    guarantee: 'the ranges of all places together stand as in the worst one',
    file: 'src/store/ranges/range-state.ts',
    find: 'other === undefined ? state : worse(other, state)',
    replace: 'other ?? state',
    tests: ['store/ranges-of-places.test.ts'],
  },
  {
    guarantee: 'a move keeps the number of places',
    file: 'src/store/move/move.ts',
    find: 'if (count !== places) throw otherSource(count, places);',
    replace: '',
    tests: ['store/move-places.test.ts'],
  },
  {
    guarantee: 'a move gives the target the places of the source',
    file: 'src/store/move/move.ts',
    find: 'return readTables(from, placesOf(places));',
    replace: 'return readTables(from, placesOf(1));',
    tests: ['store/move-places.test.ts'],
  },
];
