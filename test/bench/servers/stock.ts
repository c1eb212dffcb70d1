/** Baseline (a): `createYoga({ schema })` with all defaults, Tollgate's schema and a constant answer. */
import { createYoga } from 'graphql-yoga';
import { serve } from './serve.js';
import { stockSchema } from './stock-schema.js';

const ANSWER = {
  __typename: 'TrackBalancePayload',
  event: { id: 'VXNhZ2VFdmVudDox' },
  value: 1,
  balance: { granted: 1_000_000, remaining: 999_999, usage: 1 },
  replayed: false,
};

serve(createYoga({ schema: stockSchema(() => ANSWER) }));
