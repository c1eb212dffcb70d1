import type { Buffer } from 'node:buffer';

/** A request as the stages see it, whichever adapter it came through. */
export interface Incoming {
  readonly method: string;
  /** The path of its address, without the query string. */
  readonly path: string;
  /** The query string, without its question mark; empty if there is none. */
  readonly search: string;
  /** Its id in the log and in its answer: as it was sent, if it was and is well-formed. */
  readonly requestId: string;
  /** A header by its lower-case name; one that was sent twice is joined. */
  header(name: string): string | undefined;
  /** Reads the whole body, or passes null if it is larger. Calls nothing if the client has gone. */
  readBody(bytesMax: number, then: ThenBody<Buffer | null>): void;
  /** Calls each given callback once, when the exchange is over, however it ends; at once if it already is. */
  onEnd(callback: () => void): void;
}

/** Callbacks, because every promise that a call awaits is an object that lives until the answer. */
export interface Then<T> {
  next(value: T): void;
  fail(error: unknown): void;
}

/** For a body on its way. */
export interface ThenBody<T> extends Then<T> {
  /** Called for each part, with the bytes so far. If false, the rest is discarded, and nothing is called any more. */
  received(bytes: number): boolean;
}

/** The complete answer: an adapter adds nothing. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Text, or its bytes in UTF-8. */
  readonly body: string | Buffer;
}
