/**
 * Readers of stored JSON, one for each kind of value, from which the readers of results are made. Each result that another gateway has
 * decided is read by them, so they are plain functions: see docs/adr/0020-stored-results.md.
 */
import { type Cost, costFromText } from './cost.js';
import { INTERVAL_UNITS, type Instant } from './interval.js';
import { type Quantity, quantityFromText } from './quantity.js';

/** Takes JSON, and returns what it stands for. Throws an `UnfitError` for what no release can have written. */
export type Reader<T> = (json: unknown) => T;

/** Says where in the JSON something is not what it should be, and never what is there: that is data of customers. */
export class UnfitError extends Error {
  override readonly name = 'UnfitError';

  /** Adds the place at which the list or object that contains it has it. */
  addPlace(place: string | number): void {
    this.message = `${place}: ${this.message}`;
  }
}

export const text: Reader<string> = (json) => {
  if (typeof json !== 'string') throw new UnfitError('not a text');
  return json;
};

export const flag: Reader<boolean> = (json) => {
  if (typeof json !== 'boolean') throw new UnfitError('neither true nor false');
  return json;
};

export const number: Reader<number> = (json) => {
  if (typeof json !== 'number' || !Number.isFinite(json)) throw new UnfitError('not a number');
  return json;
};

/** A whole number that a double holds exactly. */
export const int: Reader<number> = (json) => {
  if (typeof json !== 'number' || !Number.isSafeInteger(json)) {
    throw new UnfitError('not a whole number');
  }
  return json;
};

export const int32: Reader<number> = (json) => {
  const read = int(json);
  if (read < -(2 ** 31) || read > 2 ** 31 - 1) throw new UnfitError('not a number of 32 bits');
  return read;
};

/** The largest time, in milliseconds, that `Date` can hold. */
const DATE_MAX = 8.64e15;

export const instant: Reader<Instant> = (json) => {
  const read = number(json);
  if (read < -DATE_MAX || read > DATE_MAX) throw new UnfitError('not a time');
  return read;
};

/** A text of a form, and what it stands for. */
export function textOf<T>(form: RegExp, what: string, read: (text: string) => T): Reader<T> {
  return (json) => {
    if (typeof json !== 'string' || !form.test(json)) throw new UnfitError(`not ${what}`);
    return read(json);
  };
}

const itself = (read: string): string => read;

export const amount: Reader<Quantity> = textOf(
  /^-?\d+(\.\d{1,10})?$/,
  'an amount',
  quantityFromText,
);

export const cost: Reader<Cost> = textOf(/^\d+(\.\d{1,18})?$/, 'a cost', costFromText);

/** An id that a release has made, in any version of UUID. */
export const uuid: Reader<string> = textOf(
  /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
  'a UUID',
  itself,
);

/** What an event's id consists of besides its time. */
export const tail: Reader<string> = textOf(/^[0-9a-f]{20}$/, 'part of an id', itself);

/** One of these texts. */
export function oneOf<T extends string>(texts: readonly T[]): Reader<T> {
  return (json) => {
    const found = texts.find((one) => one === json);
    if (found === undefined) throw new UnfitError(`none of ${texts.join(', ')}`);
    return found;
  };
}

export const intervalUnit = oneOf(INTERVAL_UNITS);

export function orNull<T>(read: Reader<T>): Reader<T | null> {
  return (json) => (json === null ? null : read(json));
}

export function listOf<T>(read: Reader<T>): Reader<T[]> {
  return (json) => {
    if (!Array.isArray(json)) throw new UnfitError('not a list');
    const all: T[] = [];
    for (let at = 0; at < json.length; at += 1) all.push(readAt(at, read, json[at]));
    return all;
  };
}

/** A list of so many elements, each of which has its own meaning. */
export function elementsOf(json: unknown, least: number, most: number = least): Elements {
  if (!Array.isArray(json) || json.length < least || json.length > most) {
    throw new UnfitError(`not a list of ${least}`);
  }
  return new Elements(json);
}

class Elements {
  readonly #elements: readonly unknown[];

  constructor(elements: readonly unknown[]) {
    this.#elements = elements;
  }

  get length(): number {
    return this.#elements.length;
  }

  at<T>(place: number, read: Reader<T>): T {
    return readAt(place, read, this.#elements[place]);
  }
}

const NONE: readonly never[] = [];

/** The members of a JSON object. Those that are not read are ignored. */
export class Members {
  readonly #members: Readonly<Record<string, unknown>>;

  constructor(json: unknown) {
    this.#members = recordOf(json);
  }

  /** One that must be there. */
  get<T>(name: string, read: Reader<T>): T {
    return readAt(name, read, this.#members[name]);
  }

  /** One that may be omitted, and what that means. */
  or<T>(name: string, read: Reader<T>, omitted: T): T {
    const json = this.#members[name];
    return json === undefined ? omitted : readAt(name, read, json);
  }

  /** One that may be null, and is if it is omitted. */
  orNull<T>(name: string, read: Reader<T>): T | null {
    const json = this.#members[name];
    return json === undefined || json === null ? null : readAt(name, read, json);
  }

  /** The elements of a list that is omitted if it is empty. */
  all<T>(name: string, read: Reader<T>): readonly T[] {
    const json = this.#members[name];
    return json === undefined ? NONE : readAt(name, listOf(read), json);
  }

  has(name: string): boolean {
    return this.#members[name] !== undefined;
  }
}

/** Every member of an object, whatever its name, but for those with a meaning of their own. */
export function everyOf<T>(
  read: Reader<T>,
  but: readonly string[] = [],
): Reader<Record<string, T>> {
  return (json) => {
    const all: Record<string, T> = {};
    for (const [name, value] of Object.entries(recordOf(json))) {
      // Assigned to, it would not become a member.
      if (name === '__proto__' || but.includes(name)) continue;
      all[name] = readAt(name, read, value);
    }
    return all;
  };
}

/**
 * The first of several forms that fits. Each is told by a member that it cannot be without, because to read a form that
 * does not fit takes long.
 */
export function formsOf<T>(...forms: readonly (readonly [member: string, Reader<T>])[]): Reader<T> {
  return (json) => {
    const members = new Members(json);
    let unfit: UnfitError | null = null;
    for (const [member, read] of forms) {
      if (!members.has(member)) continue;
      try {
        return read(json);
      } catch (error) {
        if (!(error instanceof UnfitError)) throw error;
        unfit = error;
      }
    }
    throw unfit ?? new UnfitError('of no known form');
  };
}

function readAt<T>(place: string | number, read: Reader<T>, json: unknown): T {
  try {
    return read(json);
  } catch (error) {
    if (error instanceof UnfitError) error.addPlace(place);
    throw error;
  }
}

function recordOf(json: unknown): Readonly<Record<string, unknown>> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new UnfitError('not an object');
  }
  // JSON has no other objects.
  return json as Record<string, unknown>;
}
