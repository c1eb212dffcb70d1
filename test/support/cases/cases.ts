/**
 * The cases as data: they are played against the domain, against the model, and over HTTP (see
 * play.ts). Rows 62, 73 and 85 need more than one gateway or random numbers and are elsewhere.
 */

import { AMENDMENTS } from './amendments.js';
import { ARCHIVED_FEATURES } from './archived.js';
import { BALANCE_IDS } from './balance-ids.js';
import { BASICS } from './basics.js';
import type { Case } from './case.js';
import { CORRECTIONS } from './corrections.js';
import { COSTS_BY_PROPERTY } from './costs-by-property.js';
import { CREDIT_SYSTEMS } from './credit-systems.js';
import { ENTITIES } from './entities.js';
import { HELD_COSTS } from './held-costs.js';
import { HOLD_CAPTURES } from './hold-captures.js';
import { HOLD_ENDS } from './hold-ends.js';
import { HOLD_OUTLIVES } from './hold-outlives.js';
import { HOLDS } from './holds.js';
import { IDEMPOTENCY } from './idempotency.js';
import { OVERAGE } from './overage.js';
import { RESETS } from './resets.js';
import { SEVERAL_BALANCES } from './several-balances.js';
import { UNUSUAL_AMENDMENTS } from './unusual-amendments.js';
import { VOIDS } from './voids.js';
import { VOIDS_AND_CORRECTIONS } from './voids-and-corrections.js';
import { VOIDS_OF_MANY } from './voids-of-many.js';

export const CASES: readonly Case[] = [
  ...BASICS,
  ...CREDIT_SYSTEMS,
  ...SEVERAL_BALANCES,
  ...ENTITIES,
  ...OVERAGE,
  ...IDEMPOTENCY,
  ...RESETS,
  ...CORRECTIONS,
  ...BALANCE_IDS,
  ...HOLDS,
  ...HOLD_CAPTURES,
  ...HOLD_ENDS,
  ...HOLD_OUTLIVES,
  ...VOIDS,
  ...VOIDS_AND_CORRECTIONS,
  ...VOIDS_OF_MANY,
  ...AMENDMENTS,
  ...UNUSUAL_AMENDMENTS,
  ...ARCHIVED_FEATURES,
  ...COSTS_BY_PROPERTY,
  ...HELD_COSTS,
];
