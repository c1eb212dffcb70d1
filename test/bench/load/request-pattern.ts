/** Requests as bytes in which only some digits change, so that sending one costs almost nothing. */

/** Placeholder in a body for the seven digits of a customer's number. */
export const CUSTOMER_SLOT = '#######';

/** Placeholder in a body for the number of the customer before it. */
export const AGAIN_SLOT = '&&&&&&&';

/** Placeholder in a body for ten digits that are never repeated. */
export const KEY_SLOT = '@@@@@@@@@@';

/** Placeholder in a body for the digit of one of ten entities. */
export const ENTITY_SLOT = '~';

/** The request of one connection, whose bytes are overwritten for each request. */
export interface RequestBytes {
  readonly bytes: Buffer;
  /** The positions of a customer's number, one per operation. */
  readonly customerSlots: readonly number[];
  /** What is copied to where, once the customers' numbers are written. */
  readonly copies: readonly { readonly from: number; readonly to: number }[];
  readonly keySlots: readonly number[];
  readonly entitySlots: readonly number[];
}

export interface RequestHead {
  readonly secret: string;
  /** `/graphql` by default. */
  readonly path?: string;
  readonly body: string;
}

/** The head of Apollo Client on Node's fetch; test/graphql/clients.test.ts compares it with what the package sends. */
export const HEADERS: Readonly<Record<string, string>> = {
  connection: 'keep-alive',
  accept: 'application/graphql-response+json,application/json;q=0.9',
  'content-type': 'application/json',
  'accept-language': '*',
  'sec-fetch-mode': 'cors',
  'user-agent': 'node',
  'accept-encoding': 'gzip, deflate',
};

const HEAD_LINES = Object.entries(HEADERS).map(([name, value]) => `${name}: ${value}\r\n`);

/** Builds the bytes and finds the slots in them. */
export function requestBytes({ secret, path = '/graphql', body }: RequestHead): RequestBytes {
  const head =
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${HEAD_LINES.join('')}` +
    `authorization: Bearer ${secret}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  const bytes = Buffer.from(head + body);
  const customerSlots = placesOf(bytes, CUSTOMER_SLOT);
  return {
    bytes,
    customerSlots,
    copies: placesOf(bytes, AGAIN_SLOT).map((to) => ({
      from: customerSlots.findLast((slot) => slot < to) ?? to,
      to,
    })),
    keySlots: placesOf(bytes, KEY_SLOT),
    entitySlots: placesOf(bytes, ENTITY_SLOT),
  };
}

/** Writes the digits of the number, with leading zeros, into a slot. */
export function writeDigits(bytes: Buffer, at: number, digits: number, number: number): void {
  let rest = number;
  for (let place = at + digits - 1; place >= at; place -= 1) {
    const next = Math.trunc(rest / 10);
    bytes[place] = 48 + rest - next * 10;
    rest = next;
  }
}

/** Fills the slots of the request that follows another one with the first customer and key of that. */
export function copySlots(from: RequestBytes, to: RequestBytes): void {
  copyInto(to, to.customerSlots, from, from.customerSlots[0], CUSTOMER_SLOT.length);
  copyInto(to, to.keySlots, from, from.keySlots[0], KEY_SLOT.length);
}

function copyInto(
  { bytes: target }: RequestBytes,
  slots: readonly number[],
  { bytes }: RequestBytes,
  at: number | undefined,
  length: number,
): void {
  if (at === undefined) return;
  for (const slot of slots) bytes.copy(target, slot, at, at + length);
}

function placesOf(bytes: Buffer, slot: string): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(slot); at >= 0; at = bytes.indexOf(slot, at + slot.length)) {
    places.push(at);
  }
  return places;
}
