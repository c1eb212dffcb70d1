import type { Account } from '../../domain/account.js';
import type { Balance } from '../../domain/balance.js';
import type { CustomerOrder } from '../../domain/customer-order.js';
import type { DueHold } from '../../domain/held.js';
import type { Instant } from '../../domain/interval.js';
import type { Steps } from '../../platform/steps.js';
import type { Project, ProjectKey } from '../access/keys.js';
import type { Reservation } from '../reservation.js';
import type {
  Customer,
  Entity,
  EventFilter,
  RecordedEntry,
  StoredFeature,
  UsageEvent,
} from '../store.js';

/** Reads many of a kind, all of one project, in a constant number of statements: an answer for each, in order. */
export type ReadMany<Wanted, Found> = (
  projectId: string,
  wanted: readonly Wanted[],
) => Promise<readonly Answer<Found>[]>;

/** Its rows become what they stand for a step at a time, so that the caller can divide the time that it takes. */
export type Answer<Found> = Steps<Found>;

/** What the read verbs need from the database. Every method filters by project in SQL, and may throw an `UnavailableError`. */
export interface ReadPath {
  /** By customer key. */
  readonly customers: ReadMany<string, Customer | null>;
  /** By id; cursors are customer ids. */
  readonly customerPages: ReadMany<Page, readonly Customer[]>;
  /** In another order; cursors are the time in milliseconds, or the folded text in base64url, a colon and the id. */
  readonly customerSearchPages: ReadMany<CustomerSearchPage, readonly Customer[]>;
  /** Living ones. */
  readonly entities: ReadMany<EntityAddress, Entity | null>;
  /** Living ones of a customer, by id; cursors are entity ids. */
  readonly entityPages: ReadMany<EntityPage, readonly Entity[]>;
  /** By id. */
  readonly features: ReadMany<string, StoredFeature | null>;
  /** By id, those that are being deleted. */
  readonly removedFeatures: ReadMany<string, StoredFeature | null>;
  /** By id; cursors are feature ids. */
  readonly featurePages: ReadMany<FeaturePage, readonly StoredFeature[]>;
  /** Single balances, expired ones too. */
  readonly balancesById: ReadMany<BalanceAddress, BalanceAt | null>;
  /** Of customers, by key, what checks are judged on and balances are shown from. Null if there was no room: request it again. */
  readonly standings: ReadMany<StandingAddress, Standing | null>;
  readonly events: ReadMany<EventAddress, UsageEvent | null>;
  /** Newest first; cursors are event ids. */
  readonly eventPages: ReadMany<EventPage, EventRows>;
  readonly ledgerEntries: ReadMany<LedgerEntryAddress, RecordedEntry | null>;
  /** Of a balance, newest first; cursors are the entries' numbers. */
  readonly ledgerPages: ReadMany<LedgerPage, readonly RecordedEntry[]>;
  /** Of all balances of a customer, newest first; cursors are times, ids of balances and numbers, separated by colons. */
  readonly customerLedgerPages: ReadMany<CustomerLedgerPage, readonly RecordedEntry[]>;
  /** Single ones, ended ones too. */
  readonly reservations: ReadMany<ReservationAddress, Reservation | null>;
  /** Of a customer, those that have not ended, by id; cursors are reservation ids. */
  readonly reservationPages: ReadMany<ReservationPage, readonly Reservation[]>;
  /** By id. The caller's own, or any for an admin key. */
  readonly projects: ReadMany<string, Project | null>;
  /** By id; cursors are project ids. */
  readonly projectPages: ReadMany<Page, readonly Project[]>;
  /** By id; those of the project, or of any for an admin key. */
  readonly apiKeys: ReadMany<string, ProjectKey | null>;
  /** Of a project, newest first; cursors are key ids. */
  readonly apiKeyPages: ReadMany<ApiKeyPage, readonly ProjectKey[]>;
}

/** At most `limit` rows after `after` and before `before`, from the other end where inverted. */
export interface Page {
  readonly limit: number;
  readonly after: string | null;
  readonly before: string | null;
  readonly inverted: boolean;
}

export interface FeaturePage extends Page {
  readonly includeArchived: boolean;
}

export interface CustomerSearchPage extends Page {
  readonly by: CustomerOrder;
}

export interface ApiKeyPage extends Page {
  readonly ofProjectId: string;
}

export interface ReservationAddress {
  readonly customerKey: string;
  readonly id: string;
}

export interface ReservationPage extends Page {
  readonly customerKey: string;
}

export interface EntityAddress {
  readonly customerKey: string;
  readonly id: string;
}

export interface EntityPage extends Page {
  readonly customerKey: string;
}

export interface BalanceAddress {
  readonly customerKey: string;
  readonly balanceId: string;
}

/** A customer's account, with whether it has that entity. */
export interface StandingAddress {
  readonly customerKey: string;
  readonly entityId: string | null;
  /** As it is cached: its balances are read only if its version is no longer the customer's. */
  readonly known: Account | null;
}

/** An account as of one instant, together with the version that the project's catalogue had then. */
export interface Standing {
  readonly now: Instant;
  readonly catalogVersion: number;
  /** Null if there is no such customer. */
  readonly account: Account | null;
  /** The balances that were read for it. */
  readonly rows: number;
}

export interface EventAddress {
  readonly customerKey: string;
  readonly eventId: string;
  readonly withProperties: boolean;
}

export interface EventPage extends Page {
  readonly filter: EventFilter;
  readonly withProperties: boolean;
}

/** The events found, and how far the search went. */
export interface EventRows {
  readonly events: readonly UsageEvent[];
  /** The id at which the search stopped after skipping too many events; null if it reached the end. */
  readonly stoppedAt: string | null;
}

export interface LedgerEntryAddress extends BalanceAddress {
  readonly seq: number;
}

export interface LedgerPage extends Page, BalanceAddress {}

export interface CustomerLedgerPage extends Page {
  readonly customerKey: string;
  /** Of balances of this feature; null for all. */
  readonly featureId: string | null;
}

/** A balance together with the database's clock, so that it can be advanced to it, and its reservations that have expired, but not on record. */
export interface BalanceAt {
  readonly now: Instant;
  readonly balance: Balance;
  readonly due: readonly DueHold[];
}
