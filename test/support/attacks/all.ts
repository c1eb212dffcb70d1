import { ALIASES } from './aliases.js';
import type { Attacks } from './attack.js';
import { BATCHES } from './batches.js';
import { BODIES } from './bodies.js';
import { COST_ATTACKS } from './costs.js';
import { CROSS_SITE } from './cross-site.js';
import { DIRECTIVES } from './directives.js';
import { DEPTH } from './documents.js';
import { ENTITY_ATTACKS } from './entities.js';
import { FRAGMENTS } from './fragments.js';
import { IDEMPOTENCY_ATTACKS } from './idempotency.js';
import { INTROSPECTION } from './introspection.js';
import { ISOLATION } from './isolation.js';
import { KEYS } from './keys.js';
import { LOGS } from './logs.js';
import { NUMBERS } from './numbers.js';
import { PROTOTYPE } from './prototype.js';
import { SCOPE_ATTACKS } from './scopes.js';
import { SIGNATURE_ATTACKS } from './signatures.js';
import { TOKEN_ATTACKS } from './tokens.js';
import { TRUSTED_ATTACKS } from './trusted.js';
import { UNICODE } from './unicode.js';
import { WIRE } from './wire.js';

export const ALL_ATTACKS: readonly Attacks[] = [
  ALIASES,
  DIRECTIVES,
  FRAGMENTS,
  DEPTH,
  INTROSPECTION,
  BATCHES,
  CROSS_SITE,
  BODIES,
  UNICODE,
  NUMBERS,
  PROTOTYPE,
  ISOLATION,
  KEYS,
  SCOPE_ATTACKS,
  ENTITY_ATTACKS,
  IDEMPOTENCY_ATTACKS,
  SIGNATURE_ATTACKS,
  COST_ATTACKS,
  TRUSTED_ATTACKS,
  TOKEN_ATTACKS,
  LOGS,
  WIRE,
];
