/** The calls about one customer's only balance, and what is compared of their answers. */

export type Behavior = 'CAP' | 'REJECT' | 'OVERFLOW';

export type AccountCall =
  | TrackCall
  | CheckCall
  | ReadCall
  | HoldCall
  | ReserveCall
  | CaptureCall
  | ExtendCall
  | ReleaseCall
  | VoidCall
  | PassCall;

export interface TrackCall {
  readonly verb: 'track';
  /** Negative to give back. */
  readonly value: number;
  readonly overageBehavior: Behavior;
  readonly idempotencyKey: string | null;
}

/** R22: judged on what was committed at one moment during the call. */
export interface CheckCall extends Look {
  readonly verb: 'check';
  readonly requiredBalance: number;
}

export interface ReadCall extends Look {
  readonly verb: 'read';
}

/** How a reservation stands. */
export interface HoldCall extends Look {
  readonly verb: 'hold';
  readonly reservationId: string;
}

/**
 * What only looks sees what was committed at one moment, as it is at a slightly later instant by the clock. A reservation
 * that has expired by then has expired for it, although a capture that was decided before may still be committed.
 */
interface Look {
  /** The latest instant, by the gateways' clock, at which it can have been answered; null if nothing expires meanwhile. */
  readonly until: number | null;
}

/** Its id is its idempotency key (R23). */
export interface ReserveCall {
  readonly verb: 'reserve';
  readonly reservationId: string;
  readonly value: number;
  readonly overageBehavior: Behavior;
  /** In milliseconds, as all instants here. */
  readonly expiresAt: number;
  /** If it was sent instead: then the instant is the one that was answered. */
  readonly inSeconds?: number;
}

interface Settle {
  readonly reservationId: string;
  readonly idempotencyKey: string | null;
}

export interface CaptureCall extends Settle {
  readonly verb: 'capture';
  /** Null for all that is held. */
  readonly value: number | null;
  readonly final: boolean;
  readonly overageBehavior: 'CAP' | 'REJECT';
}

export interface ExtendCall extends Settle {
  readonly verb: 'extend';
  readonly expiresAt: number;
  /** As in a reservation. */
  readonly inSeconds?: number;
}

export interface ReleaseCall extends Settle {
  readonly verb: 'release';
}

/** Undoes the event that usage or a capture has recorded. */
export interface VoidCall {
  readonly verb: 'void';
  /** The key of that call. */
  readonly of: string;
  readonly idempotencyKey: string | null;
}

/** Not a call of a client: the gateways' clock passes an instant, and the reservations that end then have expired. */
export interface PassCall {
  readonly verb: 'pass';
  readonly instant: number;
}

/** A code if it was refused, otherwise what was done and how the balance stands afterwards. */
export type AccountAnswer = Readonly<Record<string, string | number | boolean | null>>;

/** Whether it changes nothing. */
export function isLook({ verb }: AccountCall): boolean {
  return verb === 'check' || verb === 'read' || verb === 'hold';
}

/** The key under which the answer is stored. */
export function keyOf(call: AccountCall): string | null {
  if (call.verb === 'reserve') return call.reservationId;
  return 'idempotencyKey' in call ? call.idempotencyKey : null;
}
