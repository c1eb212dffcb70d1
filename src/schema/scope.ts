import type { Scope } from '../meter/access/scopes.js';
import { builder } from './builder.js';

export const ScopeEnum = builder.enumType('Scope', {
  description:
    'What a key may do. Errors and commands write it in lower case with a colon: `track:write`.',
  values: {
    TRACK_WRITE: { value: 'track:write', description: 'Record usage.' },
    TRACK_REFUND: { value: 'track:refund', description: 'Give usage back, with negative values.' },
    CHECK_READ: {
      value: 'check:read',
      description: 'Ask whether usage would be allowed, and read single balances.',
    },
    BALANCES_READ: { value: 'balances:read', description: 'Read customers and their balances.' },
    BALANCES_WRITE: { value: 'balances:write', description: 'Grant balances and change them.' },
    CUSTOMERS_WRITE: {
      value: 'customers:write',
      description: 'Create and change customers and their entities.',
    },
    CATALOG_WRITE: { value: 'catalog:write', description: 'Create and change features.' },
    EVENTS_READ: { value: 'events:read', description: 'Read usage events.' },
    USAGE_READ: { value: 'usage:read', description: 'Read aggregated usage.' },
    KEYS_WRITE: { value: 'keys:write', description: 'Read, create, rotate and revoke keys.' },
  } as const satisfies Record<string, { value: Scope; description: string }>,
});
