/** The form of the cases, which can be played against anything that tracks. */
import type { HoldEnd } from '../../../src/domain/hold.js';
import type { RefusalCode } from '../../../src/domain/refusal.js';
import type {
  PlainAmend,
  PlainArchive,
  PlainDelete,
  PlainGrant,
  PlainHoldCall,
  PlainReset,
  PlainTrack,
  PlainUpdate,
  PlainVoidAll,
} from './plain.js';
import type { PlainFeature } from './plain-feature.js';

/** One case: the initial state, the steps, and what must be seen after each of them. */
export interface Case {
  /** The row's number in the list of cases; a row with variants has one case for each variant. */
  readonly row: number;
  readonly title: string;
  /** The initial time of the database's clock, which runs on from there. Any time by default. */
  readonly clock?: string;
  /** Of the customer `CUSTOMER`, created before the grants. */
  readonly entities?: readonly string[];
  /** To the customer `CUSTOMER`, in this order, before the steps. */
  readonly grants: readonly PlainGrant[];
  readonly steps: readonly Step[];
}

export type Step = Action & { readonly expect?: Expected };

export type Action =
  | PlainHoldCall
  | PlainArchive
  | { readonly track: PlainTrack; readonly customer?: string }
  /** Sent concurrently, if the subject can do that. */
  | { readonly atOnce: readonly PlainTrack[] }
  | { readonly holdAtOnce: readonly PlainHoldCall[] }
  | { readonly grant: PlainGrant; readonly customer?: string }
  | { readonly update: PlainUpdate }
  | { readonly delete: PlainDelete }
  | { readonly createEntity: string }
  | { readonly deleteEntity: string }
  | { readonly amend: PlainAmend }
  /** Undoes one of the customer's events, counted from 0 in the order in which they were recorded. */
  | { readonly void: number }
  /** Undoes all of the customer's events that match. */
  | { readonly voidAll: PlainVoidAll }
  /** The database's clock is set to this instant, and runs on from there. */
  | { readonly clock: string }
  /** Nothing is done; only the expectations are checked. */
  | { readonly look: true };

/** The customer of a step that names none. */
export const CUSTOMER = 'customer';

/** What is omitted is not checked. */
export interface Expected {
  /** Of a `track` or an `amend`, or a call about a reservation. By default, it is accepted and not a replay. */
  readonly answer?: ExpectedAnswer;
  /** Of what is sent at once. By default, all are accepted. */
  readonly answers?: ExpectedAnswers;
  /** Of a `void`. By default, everything was given back. */
  readonly voided?: ExpectedVoided;
  readonly voidedAll?: ExpectedVoidedAll;
  /** What the customer sees afterwards, by feature; null for nothing. */
  readonly balances?: ExpectedViews;
  /** What each entity sees afterwards. */
  readonly entities?: Readonly<Record<string, ExpectedViews>>;
  /** What other customers see afterwards. */
  readonly customers?: Readonly<Record<string, ExpectedViews>>;
  /** The customer's recorded events so far. */
  readonly events?: ExpectedEvents;
}

export interface ExpectedAnswer {
  /** The code, if the call is refused. */
  readonly refused?: RefusalCode;
  /** False by default. A replay must equal the first answer in everything else. */
  readonly replayed?: boolean;
  /** Of an INSUFFICIENT_BALANCE, by feature. */
  readonly missing?: Amounts;
  /** Of a conflict: the first field that differs. */
  readonly field?: string;
  /** The feature of the payload's `balance`, and the features of its `balances`. */
  readonly balance?: string | null;
  readonly features?: readonly string[];
  /** By grant. */
  readonly deducted?: Amounts;
  /** Of a call about a reservation: what of it is afterwards. */
  readonly reservation?: ExpectedReservation;
  /** Of a RESERVATION_ENDED. */
  readonly ended?: { readonly how?: HoldEnd; readonly used?: number; readonly at?: string };
  /** By feature; `{}` for none. */
  readonly unapplied?: Amounts;
  /** Of an amendment. By default, everything was given back. */
  readonly undone?: Omit<ExpectedVoided, 'replayed'>;
}

export interface ExpectedReservation {
  readonly status?: HoldEnd | 'LIVE';
  readonly value?: number;
  readonly held?: number;
  readonly used?: number;
  readonly expiresAt?: string;
  readonly endedAt?: string | null;
}

export interface ExpectedAnswers {
  readonly accepted: number;
  readonly refused: number;
  /** The total of everything reported as unapplied. */
  readonly unapplied?: number;
}

export interface ExpectedVoided {
  readonly replayed?: boolean;
  /** By grant. */
  readonly reversed?: Amounts;
  /** By grant and reason: `messages PERIOD_OVER`. */
  readonly notReversed?: Amounts;
}

/** Nothing of what is omitted. */
export interface ExpectedVoidedAll {
  readonly voided?: number;
  readonly alreadyVoided?: number;
  /** By feature. */
  readonly reversed?: Amounts;
  readonly reversedBefore?: Amounts;
  /** By feature and reason. */
  readonly notReversed?: Amounts;
}

export interface ExpectedEvents {
  readonly count: number;
  /** Of those that count. */
  readonly sum?: number;
  /** When the event occurred that was recorded last. */
  readonly latestAt?: string;
}

export type Amounts = Readonly<Record<string, number>>;

export type ExpectedViews = Readonly<Record<string, ExpectedView | null>>;

export interface ExpectedView {
  readonly granted?: number;
  readonly remaining?: number;
  readonly usage?: number;
  readonly overage?: number;
  readonly reserved?: number;
  readonly unlimited?: boolean;
  readonly nextResetAt?: string | null;
  /** By grant. */
  readonly breakdown?: Readonly<Record<string, ExpectedBalance>>;
  /** The grants in the order in which they are shown. */
  readonly order?: readonly string[];
}

export interface ExpectedBalance {
  readonly granted?: number;
  readonly remaining?: number;
  readonly usage?: number;
  readonly overage?: number;
  readonly reserved?: number;
  /** What is left of each rolled-over amount, oldest first. */
  readonly rolledOver?: readonly number[];
}

/** The features that every case assumes. */
export const CATALOGUE: readonly PlainFeature[] = [
  { id: 'messages', type: 'CONSUMABLE' },
  { id: 'words', type: 'CONSUMABLE' },
  { id: 'users', type: 'CONTINUOUS' },
  { id: 'dashboard', type: 'BOOLEAN' },
  { id: 'action1', type: 'CONSUMABLE', eventNames: ['action-event'] },
  { id: 'action2', type: 'CONSUMABLE' },
  { id: 'action3', type: 'CONSUMABLE', eventNames: ['action-event'] },
  { id: 'action4', type: 'CONSUMABLE', eventNames: ['mixed-event'] },
  { id: 'action5', type: 'CONSUMABLE', eventNames: ['mixed-event'] },
  { id: 'credits', type: 'CREDIT_SYSTEM', creditCosts: { action1: 0.2, action2: 0.6 } },
  { id: 'credits2', type: 'CREDIT_SYSTEM', creditCosts: { action3: 1.4 } },
  { id: 'pass', type: 'CREDIT_SYSTEM', creditCosts: { action4: 0, action5: 2 } },
  { id: 'llm', type: 'CONSUMABLE', eventNames: ['generated'] },
  { id: 'images', type: 'CONSUMABLE', eventNames: ['generated'] },
  {
    id: 'ai',
    type: 'CREDIT_SYSTEM',
    creditCosts: {
      llm: [
        { cost: 0.000002, where: { model: 'mini' } },
        { cost: 0.00125, where: { model: 'large', cached: true } },
        { cost: 0.0025, where: { model: 'large' } },
        { cost: 0.000000000123456789, where: { model: 'tiny' } },
        { cost: 0.0000000001, where: { model: 'half' } },
        { cost: 10 },
      ],
      images: [{ cost: 7, where: { model: 'mini' } }],
    },
  },
  {
    id: 'studio',
    type: 'CREDIT_SYSTEM',
    creditCosts: {
      images: [
        { cost: 2, where: { size: 1024 } },
        { cost: 3, where: { size: '1024' } },
        { cost: 4, where: { size: true } },
        { cost: 5 },
      ],
    },
  },
];

type GrantOptions = Partial<Omit<PlainGrant, 'featureId' | 'granted'>>;

/** A grant that never resets, with the name of its feature by default. */
export function oneOff(featureId: string, granted: number, options: GrantOptions = {}): PlainGrant {
  return { name: featureId, featureId, granted, ...options };
}

/** A grant that resets every month. */
export function monthly(
  featureId: string,
  granted: number,
  options: GrantOptions = {},
  reset: Partial<PlainReset> = {},
): PlainGrant {
  return {
    name: featureId,
    featureId,
    granted,
    ...options,
    reset: { interval: 'MONTH', ...reset },
  };
}
