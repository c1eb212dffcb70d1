/** Requests that are bytes but for some digits, so that sending one costs next to nothing. */

/** Stands in a body for the seven digits of a customer's number. */
export const CUSTOMER_SLOT = '#######';

/** Stands in a body for ten digits that are never the same twice. */
export const KEY_SLOT = '@@@@@@@@@@';

/** One connection's request: its bytes are written over for each one that is sent. */
export interface RequestBytes {
  readonly bytes: Buffer;
  /** Where the digits of a customer's number go, once per operation. */
  readonly customerSlots: readonly number[];
  readonly keySlots: readonly number[];
}

export interface RequestHead {
  readonly secret: string;
  readonly body: string;
}

/** Builds the bytes, and finds the slots in them. */
export function requestBytes({ secret, body }: RequestHead): RequestBytes {
  const head =
    'POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n' +
    `Accept: application/json\r\nAuthorization: Bearer ${secret}\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  const bytes = Buffer.from(head + body);
  return {
    bytes,
    customerSlots: placesOf(bytes, CUSTOMER_SLOT),
    keySlots: placesOf(bytes, KEY_SLOT),
  };
}

/** Writes the number's digits, with leading zeros, over a slot. */
export function writeDigits(bytes: Buffer, at: number, digits: number, number: number): void {
  let rest = number;
  for (let place = at + digits - 1; place >= at; place -= 1) {
    const next = Math.trunc(rest / 10);
    bytes[place] = 48 + rest - next * 10;
    rest = next;
  }
}

function placesOf(bytes: Buffer, slot: string): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(slot); at >= 0; at = bytes.indexOf(slot, at + slot.length)) {
    places.push(at);
  }
  return places;
}
