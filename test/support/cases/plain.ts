/**
 * Calls and answers as a caller writes and reads them, independent of the types of any layer. The
 * cases, the model, the tests of the domain and the tests over HTTP share them.
 */
import type { HoldEnd } from '../../../src/domain/hold.js';
import type { Interval, IntervalUnit } from '../../../src/domain/interval.js';
import type { RefusalCode } from '../../../src/domain/refusal.js';

/** Archives a feature, or brings it back. */
export interface PlainArchive {
  readonly archive: string;
  readonly archived?: boolean;
}

export interface PlainGrant {
  /** The name of the grant in the case, and its id if no server assigns one. */
  readonly name: string;
  /** Its id for the server, if the caller chooses one. */
  readonly balanceId?: string;
  readonly featureId: string;
  readonly entityId?: string;
  /** Omitted if it is unlimited, and for a BOOLEAN feature. */
  readonly granted?: number;
  readonly unlimited?: boolean;
  readonly priority?: number;
  readonly reset?: PlainReset;
  /** Times are ISO strings. */
  readonly startsAt?: string;
  readonly expiresAt?: string;
  /** By default, true for a CONTINUOUS feature and false for others. */
  readonly overageAllowed?: boolean;
  readonly overageLimit?: number;
}

export interface PlainReset {
  readonly interval: IntervalUnit;
  /** 1 by default. */
  readonly count?: number;
  /** By default, the start of the balance, or its creation if it has none. */
  readonly anchor?: string;
  /** An IANA name; UTC by default. */
  readonly timeZone?: string;
  readonly rollover?: PlainRollover;
  readonly carryOverage?: boolean;
}

export interface PlainRollover {
  readonly max?: number;
  readonly maxPercent?: number;
  /** Indefinitely by default. */
  readonly keep?: Interval;
}

/** The input of `trackBalance` without the customer. */
export interface PlainTrack {
  readonly featureId?: string;
  readonly eventName?: string;
  readonly value?: number;
  readonly entityId?: string;
  readonly overageBehavior?: 'CAP' | 'REJECT' | 'OVERFLOW';
  readonly idempotencyKey?: string;
  readonly timestamp?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}

interface PlainName {
  /** The name of the grant. */
  readonly name: string;
  /** Whether a server is told its `balanceId`, and not its global id. */
  readonly byBalanceId?: boolean;
}

/** The input of `updateBalance` without the customer. */
export interface PlainUpdate extends PlainName {
  readonly granted?: number;
  readonly usage?: number;
  readonly remaining?: number;
  readonly priority?: number;
  readonly expiresAt?: string | null;
  readonly overageAllowed?: boolean;
  readonly overageLimit?: number | null;
  /** Null for no resets. */
  readonly reset?: PlainResetUpdate | null;
}

export interface PlainResetUpdate extends Partial<Omit<PlainReset, 'rollover'>> {
  readonly rollover?: PlainRollover | null;
}

/** The input of `deleteBalance` without the customer. */
export interface PlainDelete extends PlainName {
  readonly transferUsage?: boolean;
}

/** The input of `amendEvent`. */
export interface PlainAmend {
  /** One of the customer's events, counted from 0 in the order in which they were recorded. */
  readonly event: number;
  readonly value?: number;
  readonly timestamp?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly overageBehavior?: 'CAP' | 'REJECT' | 'OVERFLOW';
  readonly idempotencyKey?: string;
}

/** The input of `voidEvents` for one customer. */
export interface PlainVoidAll {
  readonly entityId?: string;
  readonly featureId?: string;
  readonly eventName?: string;
  readonly dryRun?: boolean;
  /** The size of a page; all pages are requested. */
  readonly first?: number;
}

/** At most one of these. */
interface PlainExpiry {
  readonly expiresAt?: string;
  readonly expiresInSeconds?: number;
}

/** The input of `reserveBalance` without the customer. */
export interface PlainReserve extends PlainExpiry {
  readonly reservationId: string;
  readonly featureId?: string;
  readonly eventName?: string;
  readonly value?: number;
  readonly entityId?: string;
  readonly overageBehavior?: 'CAP' | 'REJECT' | 'OVERFLOW';
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** The input of `releaseReservation` without the customer. */
export interface PlainRelease {
  readonly reservationId: string;
  readonly idempotencyKey?: string;
}

/** The input of `captureReservation` without the customer. */
export interface PlainCapture extends PlainRelease {
  readonly value?: number;
  readonly final?: boolean;
  readonly overageBehavior?: 'CAP' | 'REJECT' | 'OVERFLOW';
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** The input of `extendReservation` without the customer. */
export interface PlainExtend extends PlainRelease, PlainExpiry {}

/** A call about a reservation. */
export type PlainHoldCall =
  | { readonly reserve: PlainReserve }
  | { readonly capture: PlainCapture }
  | { readonly extend: PlainExtend }
  | { readonly release: PlainRelease };

/** A change of one customer. */
export type PlainCall =
  | PlainHoldCall
  | PlainArchive
  | { readonly track: PlainTrack }
  | { readonly amend: PlainAmend }
  | { readonly grant: PlainGrant }
  | { readonly update: PlainUpdate }
  | { readonly delete: PlainDelete }
  | { readonly createEntity: string }
  | { readonly deleteEntity: string };

/** A call about a reservation, if it is one. */
export function holdCallOf(call: PlainCall): PlainHoldCall | null {
  return 'reserve' in call || 'capture' in call || 'extend' in call || 'release' in call
    ? call
    : null;
}

/** An amount in answers: its shortest decimal text, like `76.53` or `-0.5`. */
export type Amount = string;

export type Answer = Accepted | Refused;

export interface Accepted {
  readonly ok: true;
  readonly replayed: boolean;
  /** The feature of the payload's `balance`. */
  readonly balance: string | null;
  readonly balances: readonly View[];
  readonly deductions: readonly PlainDeduction[];
  readonly unapplied: readonly PlainShortfall[];
  /** Of an amendment. */
  readonly undone?: PlainUndone;
  /** Of a call about one, as it is afterwards. */
  readonly reservation?: PlainReservation;
}

export interface PlainReservation {
  readonly status: HoldEnd | 'LIVE';
  readonly value: Amount;
  readonly held: Amount;
  readonly used: Amount;
  /** ISO strings. */
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly endedAt: string | null;
}

export interface Refused {
  readonly ok: false;
  readonly replayed: boolean;
  readonly code: RefusalCode;
  /** Of INSUFFICIENT_BALANCE. */
  readonly missing: readonly PlainShortfall[];
  /** Of IDEMPOTENCY_CONFLICT. */
  readonly field: string | null;
  /** Of RESERVATION_ENDED. */
  readonly ended?: {
    readonly how: HoldEnd;
    readonly used: Amount;
    /** An ISO string. */
    readonly at: string;
  };
}

/** What came of undoing an event. */
export interface PlainVoided extends PlainUndone {
  readonly replayed: boolean;
}

/** What came of undoing many events. */
export interface PlainVoidedAll {
  readonly voided: number;
  readonly alreadyVoided: number;
  /** By feature. */
  readonly reversed: Readonly<Record<string, Amount>>;
  readonly reversedBefore: Readonly<Record<string, Amount>>;
  /** By feature and reason: `messages PERIOD_OVER`. */
  readonly notReversed: Readonly<Record<string, Amount>>;
}

export interface PlainUndone {
  /** By grant. */
  readonly reversed: Readonly<Record<string, Amount>>;
  /** By grant and reason: `messages PERIOD_OVER`. */
  readonly notReversed: Readonly<Record<string, Amount>>;
}

export interface PlainDeduction {
  /** The name of the grant. */
  readonly grant: string;
  readonly featureId: string;
  readonly amount: Amount;
}

export interface PlainShortfall {
  readonly featureId: string;
  readonly chargedFeatureId: string;
  readonly amount: Amount;
}

/** One feature's balances as a customer or an entity sees them. */
export interface View {
  readonly featureId: string;
  readonly granted: Amount;
  readonly remaining: Amount;
  readonly usage: Amount;
  readonly overage: Amount;
  readonly reserved: Amount;
  readonly unlimited: boolean;
  readonly overageAllowed: boolean;
  /** An ISO string. */
  readonly nextResetAt: string | null;
  readonly breakdown: readonly PlainBalance[];
}

/** The state of one grant. */
export interface PlainBalance {
  /** The name of the grant. */
  readonly grant: string;
  /** Rolled-over amounts included, as in `remaining` and `usage`. */
  readonly granted: Amount;
  readonly remaining: Amount;
  readonly usage: Amount;
  readonly overage: Amount;
  readonly reserved: Amount;
  /** What is left of each rolled-over amount of this period, oldest first. */
  readonly rolledOver: readonly Amount[];
}
