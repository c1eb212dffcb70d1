/** The names of tables, of which each place has its own. */
import { PLACE_0 } from '../placed.js';

export interface TableName {
  /** The schema. */
  readonly place: string;
  readonly name: string;
}

/** For people, who know `public` without its being named. */
export function toldName({ place, name }: TableName): string {
  return place === PLACE_0 ? name : `${place}.${name}`;
}

/** Several. */
export function toldNames(tables: readonly TableName[]): string {
  return tables.map(toldName).join(', ');
}

/** For a command. */
export function sqlName({ place, name }: TableName): string {
  return `${place}.${quoted(name)}`;
}

/** Quoted for SQL. */
export function quoted(name: string): string {
  return /^[a-z_][a-z\d_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** The tables of $1 in the schemas of $2, and the ranges of those that have some; `n` is the schema. */
export const oneOfTables = (
  table: string,
) => `n.nspname = ANY ($2) AND (${table}.relname = ANY ($1) OR EXISTS (
    SELECT FROM pg_inherits JOIN pg_class AS whole ON whole.oid = inhparent
    WHERE inhrelid = ${table}.oid AND whole.relname = ANY ($1)))`;

/** Place by place. */
export const IN_ORDER = 'array_position($2::text[], n.nspname::text)';
