/**
 * The cases to replay, as data: they are played against the domain, against the model, and over HTTP
 * (see play.ts). Rows 62, 73 and 85 need more than one gateway or random numbers and stand elsewhere.
 */
import type { Case } from './case.js';
import { BASICS } from './cases/basics.js';
import { CREDIT_SYSTEMS } from './cases/credit-systems.js';
import { ENTITIES } from './cases/entities.js';
import { IDEMPOTENCY } from './cases/idempotency.js';
import { OVERAGE } from './cases/overage.js';
import { RESETS } from './cases/resets.js';
import { SEVERAL_BALANCES } from './cases/several-balances.js';

export const CASES: readonly Case[] = [
  ...BASICS,
  ...CREDIT_SYSTEMS,
  ...SEVERAL_BALANCES,
  ...ENTITIES,
  ...OVERAGE,
  ...IDEMPOTENCY,
  ...RESETS,
];
