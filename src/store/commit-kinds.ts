/** Which statement a commit takes, and which table of columns (commit-rows.ts) writes each kind of row there. */
import type { RowKinds, Rows } from '../meter/write/write-path.js';
import {
  correctedBalances,
  newBalances,
  reshapedBalances,
  usedBalances,
} from './commit-balance-rows.js';
import { changedReservations, newReservations } from './commit-reservation-rows.js';
import {
  capturedEvents,
  entities,
  entries,
  events,
  eventVoids,
  heldEntries,
  notedEntries,
  storedResults,
} from './commit-rows.js';
import { joined, type Placed, placed } from './placed.js';
import { parameterCount, RowColumns, type RowTable, rowsSql } from './row-table.js';

type Kind = keyof RowKinds;

/** The kinds of rows that a statement writes, each by a table that has its columns. */
type Tables = { readonly [K in Kind]?: RowTable<RowKinds[K]> };

/** What usage writes. */
const USUAL = {
  events,
  entries,
  usedBalances,
  reshapedBalances,
  storedResults,
} satisfies Tables;

/**
 * What usage of customers with reservations writes. One table for all entries, one for all events and one for all balances:
 * each that has nothing to write takes more time than a few columns that stay as they are.
 */
const RESERVING = {
  capturedEvents,
  events: capturedEvents,
  heldEntries,
  entries: heldEntries,
  reshapedBalances,
  usedBalances: reshapedBalances,
  newReservations,
  changedReservations,
  storedResults,
} satisfies Tables;

const ALL = {
  ...RESERVING,
  notedEntries,
  heldEntries: notedEntries,
  entries: notedEntries,
  correctedBalances,
  newBalances,
  entities,
  eventVoids,
} satisfies Required<Tables>;

/** What a statement writes, table by table. */
export type Writes = readonly Written[];

interface Written {
  /** The kinds of rows of this table; it is named after the first. */
  readonly kinds: readonly Kind[];
  readonly table: RowTable<never>;
}

const usual = writesOf(USUAL);
const reserving = writesOf(RESERVING);
const all = writesOf(ALL);

/** There is a statement for each of these. */
export const EVERY_WRITES: readonly Writes[] = [usual, reserving, all];

/** Several statements, because whatever a statement could write but does not still costs time. */
export function writesFor(changes: readonly { readonly rows: Rows }[]): Writes {
  let isUsual = true;
  for (const { rows } of changes) {
    if (isUsual && BEYOND_USUAL.every((kind) => rows[kind] === undefined)) continue;
    if (BEYOND_RESERVING.some((kind) => rows[kind] !== undefined)) return all;
    isUsual = false;
  }
  return isUsual ? usual : reserving;
}

const BEYOND_USUAL = kindsOf(ALL).filter((kind) => !(kind in USUAL));
const BEYOND_RESERVING = kindsOf(ALL).filter((kind) => !(kind in RESERVING));

function writesOf(tables: Tables): Writes {
  const kinds = kindsOf(tables);
  return [...new Set(kinds.map((kind) => tables[kind]))].flatMap((table) =>
    table === undefined ? [] : [{ table, kinds: kinds.filter((kind) => tables[kind] === table) }],
  );
}

/** The keys of an object of this type, which has no others. */
function kindsOf(tables: Tables): Kind[] {
  return Object.keys(tables) as Kind[];
}

/** The parts of a WITH that write the rows, their parameters numbered after `from`. */
export function writesSql(writes: Writes, from: number): Placed {
  let next = from;
  const parts = writes.map(({ table, kinds: [kind = ''] }) => {
    const sql = rowsSql(table, next);
    next += parameterCount(table);
    const name = kind.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    return placed`write_${name} AS (\n  ${sql}\n)`;
  });
  return joined(parts, ', ');
}

/** The rows of a commit, as the parameters of `writesSql`. */
export class CommitRows {
  readonly #tables: readonly (Pick<Written, 'kinds'> & { readonly columns: RowColumns<never> })[];

  constructor(writes: Writes) {
    this.#tables = writes.map(({ kinds, table }) => ({ kinds, columns: new RowColumns(table) }));
  }

  add(ordinal: number, rows: Rows): void {
    for (const { kinds, columns } of this.#tables) {
      for (const kind of kinds) {
        const ofKind = rowsOf(kind, rows);
        if (ofKind !== undefined) columns.add(ordinal, ofKind);
      }
    }
  }

  parameters(): string[] {
    return this.#tables.flatMap(({ columns }) => columns.parameters());
  }
}

/** The rows of a kind, for the table that has its columns: the type `Tables` guarantees that it has. */
function rowsOf(kind: Kind, rows: Rows): readonly never[] | undefined {
  return rows[kind] as readonly never[] | undefined;
}
