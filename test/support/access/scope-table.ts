/** Which scopes open what, by coordinate: written by hand, so that a change of a declaration is noticed. */
import type { Scope } from '../../../src/meter/access/scopes.js';

const BALANCES: readonly Scope[] = ['balances:read'];
const CHECK: readonly Scope[] = ['check:read', 'balances:read'];
const EVENTS: readonly Scope[] = ['events:read'];
const PROFILE: readonly Scope[] = ['balances:read', 'customers:write'];
const OWNER: readonly Scope[] = [
  'check:read',
  'balances:read',
  'customers:write',
  'events:read',
  'usage:read',
];
const CUSTOMERS: readonly Scope[] = ['customers:write'];
const CATALOG: readonly Scope[] = ['catalog:write'];
const TRACK: readonly Scope[] = ['track:write'];
const HOLDS: readonly Scope[] = ['track:write', 'balances:read'];
const KEYS: readonly Scope[] = ['keys:write'];
const ANY_KEY: readonly Scope[] = [];

/** One of these scopes is needed; none if the list is empty. A type stands for its nodes by id. */
export const SCOPE_TABLE: Readonly<Record<string, readonly Scope[]>> = {
  'Query.checkBalance': ['check:read'],
  'Query.checkBalances': ['check:read'],
  'Query.customer': OWNER,
  'Query.customers': PROFILE,
  'Query.events': EVENTS,
  'Query.explainTrack': ['check:read'],
  'Query.feature': ANY_KEY,
  'Query.features': ANY_KEY,
  'Query.project': KEYS,
  'Query.reservation': HOLDS,
  'Query.apiKeys': KEYS,
  // By the type of the id.
  'Query.node': ANY_KEY,

  'Mutation.createApiKey': KEYS,
  'Mutation.rotateApiKey': KEYS,
  'Mutation.revokeApiKey': KEYS,
  'Mutation.rotateTokenSecret': KEYS,
  'Mutation.createBalance': ['balances:write'],
  'Mutation.deleteBalance': ['balances:write'],
  'Mutation.updateBalance': ['balances:write'],
  'Mutation.createCustomer': CUSTOMERS,
  'Mutation.createEntity': CUSTOMERS,
  'Mutation.createFeature': CATALOG,
  'Mutation.deleteCustomer': CUSTOMERS,
  'Mutation.deleteEntity': CUSTOMERS,
  'Mutation.captureReservation': TRACK,
  'Mutation.captureReservations': TRACK,
  'Mutation.extendReservation': TRACK,
  'Mutation.extendReservations': TRACK,
  'Mutation.releaseReservation': TRACK,
  'Mutation.releaseReservations': TRACK,
  'Mutation.reserveBalance': TRACK,
  'Mutation.reserveBalances': TRACK,
  'Mutation.trackBalance': TRACK,
  'Mutation.trackBalances': TRACK,
  'Mutation.amendEvent': ['track:refund'],
  'Mutation.voidEvent': ['track:refund'],
  'Mutation.voidEvents': ['track:refund'],
  'Mutation.updateCustomer': CUSTOMERS,
  'Mutation.updateEntity': CUSTOMERS,
  'Mutation.archiveFeature': CATALOG,
  'Mutation.deleteFeature': CATALOG,
  'Mutation.updateFeature': CATALOG,

  'PlannedStep.balance': ['balances:read'],

  Customer: OWNER,
  'Customer.balance': CHECK,
  'Customer.balances': BALANCES,
  'Customer.check': ['check:read'],
  'Customer.createdAt': PROFILE,
  'Customer.deletedAt': PROFILE,
  'Customer.email': PROFILE,
  'Customer.entities': PROFILE,
  'Customer.entity': OWNER,
  'Customer.events': EVENTS,
  'Customer.ledger': BALANCES,
  'Customer.metadata': PROFILE,
  'Customer.name': PROFILE,
  'Customer.reservations': HOLDS,
  'Customer.updatedAt': PROFILE,

  CustomerEntity: OWNER,
  'CustomerEntity.balance': CHECK,
  'CustomerEntity.balances': BALANCES,
  'CustomerEntity.check': ['check:read'],
  'CustomerEntity.createdAt': PROFILE,
  'CustomerEntity.customer': ANY_KEY,
  'CustomerEntity.events': EVENTS,
  'CustomerEntity.metadata': PROFILE,
  'CustomerEntity.name': PROFILE,

  Feature: ANY_KEY,
  'Feature.creditCosts': ANY_KEY,

  Balance: BALANCES,
  'Balance.customer': ANY_KEY,
  'Balance.entity': ANY_KEY,
  'Balance.feature': ANY_KEY,
  'Balance.ledger': BALANCES,
  'Balance.rollover': ANY_KEY,
  'Balance.rollovers': ANY_KEY,

  LedgerEntry: BALANCES,
  'LedgerEntry.balance': BALANCES,
  'LedgerEntry.event': EVENTS,

  UsageEvent: EVENTS,
  'UsageEvent.amendedBy': EVENTS,
  'UsageEvent.amends': EVENTS,
  'UsageEvent.customer': ANY_KEY,
  'UsageEvent.notReversed': ANY_KEY,
  'UsageEvent.reversed': ANY_KEY,
  'UsageEvent.deductions': ANY_KEY,
  'UsageEvent.entity': ANY_KEY,
  'UsageEvent.feature': ANY_KEY,
  'UsageEvent.unapplied': ANY_KEY,

  Project: KEYS,
  'Project.apiKeys': KEYS,

  ApiKey: KEYS,
  'ApiKey.project': ANY_KEY,

  'FeatureBalance.breakdown': BALANCES,
  'Deduction.balance': BALANCES,
  'ReversedAmount.balance': BALANCES,
  'NotReversedAmount.balance': BALANCES,
};

/** What only an admin key opens: no scope does. */
export const ADMIN_ONLY: readonly string[] = ['Query.projects', 'Mutation.createProject'];
