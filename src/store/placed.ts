/**
 * The texts of statements about customers, which are kept in places (docs/adr/0070-places.md): a template says which table it means,
 * and its text is made for a place.
 */
import { BrokenInvariantError } from '../domain/assert.js';
import { Prisma } from '../generated/prisma/client.js';
import type { CUSTOMER_TABLES } from './customer-tables.js';

/** The name of a schema that has the tables of customers. */
export type Place = 'public' | `place_${number}`;

/** The only place of a database that has no others. */
export const PLACE_0: Place = 'public';

/** Those of a database, in the order of their numbers. */
export function placesOf(count: number): readonly Place[] {
  const others = Array.from({ length: count - 1 }, (_, n): Place => `place_${n + 1}`);
  return [PLACE_0, ...others];
}

/** By which people name it. */
export function numberOf(place: Place): number {
  return place === PLACE_0 ? 0 : Number(place.slice('place_'.length));
}

/** A statement, or a part of one. */
export class Placed {
  readonly #make: (place: Place) => string;
  readonly #made = new Map<Place, string>();

  constructor(make: (place: Place) => string) {
    this.#make = make;
  }

  /** Its text, which is made once for each place. */
  in(place: Place): string {
    const known = this.#made.get(place);
    if (known !== undefined) return known;
    const text = this.#make(place);
    this.#made.set(place, text);
    return text;
  }

  /** The same for a template of Prisma, where a text would be a parameter. */
  raw(place: Place): Prisma.Sql {
    return Prisma.raw(this.in(place));
  }

  /** In a template that is not `placed`. */
  toString(): never {
    throw new BrokenInvariantError('the text of a statement depends on the place');
  }
}

type Part = Placed | string | number;

/** A template of texts: what is inserted is not a parameter. */
export function placed(texts: TemplateStringsArray, ...parts: readonly Part[]): Placed {
  return new Placed((place) =>
    texts.reduce((before, text, n) => `${before}${textOf(parts[n - 1] ?? '', place)}${text}`),
  );
}

/** Parts with this between them. */
export function joined(parts: readonly Part[], separator: string): Placed {
  return new Placed((place) => parts.map((part) => textOf(part, place)).join(separator));
}

function textOf(part: Part, place: Place): string {
  return part instanceof Placed ? part.in(place) : String(part);
}

/** The schema, as a name. */
export const SCHEMA = new Placed((place) => place);

export type CustomerTable = (typeof CUSTOMER_TABLES)[number];

/** A table of customers, with its schema. */
export function table(name: CustomerTable): Placed {
  return placed`${SCHEMA}.${name}`;
}
