import { ACCESS } from './list/access.js';
import { AMENDMENTS } from './list/amendments.js';
import { ATTACKS } from './list/attacks.js';
import { BACKUP } from './list/backup.js';
import { BALANCE_IDS } from './list/balance-ids.js';
import { BOUNDS } from './list/bounds.js';
import { CLIENTS } from './list/clients.js';
import { COMMANDS } from './list/commands.js';
import { CORRECTIONS } from './list/corrections.js';
import { COST } from './list/cost.js';
import { COSTS_BY_PROPERTY } from './list/costs-by-property.js';
import { DATABASE } from './list/database.js';
import { DOCTOR } from './list/doctor.js';
import { EMBEDDED } from './list/embedded.js';
import { ENDS } from './list/ends.js';
import { EXPLAIN } from './list/explain.js';
import { FEATURES } from './list/features.js';
import { HISTORIES } from './list/histories.js';
import { HTTP_ANSWERS } from './list/http-answers.js';
import { HTTP_DOCUMENTS } from './list/http-documents.js';
import { HTTP_IDEMPOTENCY } from './list/http-idempotency.js';
import { HTTP_OPERATIONS } from './list/http-operations.js';
import { HTTP_PAGES } from './list/http-pages.js';
import { HTTP_REQUESTS } from './list/http-requests.js';
import { HTTP_TRUSTED } from './list/http-trusted.js';
import { IMPORT } from './list/import.js';
import { KEYS } from './list/keys.js';
import { LARGE_READS } from './list/large-reads.js';
import { LOGS } from './list/logs.js';
import { METER } from './list/meter.js';
import { METRICS } from './list/metrics.js';
import { MIGRATIONS } from './list/migrations.js';
import { PEOPLE } from './list/people.js';
import { PLACES } from './list/places.js';
import { PLAN } from './list/plan.js';
import { READS } from './list/reads.js';
import { RESERVATIONS } from './list/reservations.js';
import { SCHEMA } from './list/schema.js';
import { SERVERS } from './list/servers.js';
import { SIDE_BY_SIDE } from './list/side-by-side.js';
import { STANDINGS } from './list/standings.js';
import { STORE } from './list/store.js';
import { SUBGRAPH } from './list/subgraph.js';
import { SWEEPER } from './list/sweeper.js';
import { TRACING } from './list/tracing.js';
import { VOIDS, VOIDS_OF_MANY } from './list/voids.js';
import { WRITE_QUEUE } from './list/write-queue.js';
import type { Mutant } from './mutant.js';

/** All mistakes. */
export const MUTANTS: readonly Mutant[] = [
  ...HTTP_REQUESTS,
  ...HTTP_DOCUMENTS,
  ...HTTP_OPERATIONS,
  ...HTTP_ANSWERS,
  ...HTTP_IDEMPOTENCY,
  ...HTTP_PAGES,
  ...HTTP_TRUSTED,
  ...ENDS,
  ...METER,
  ...LOGS,
  ...METRICS,
  ...TRACING,
  ...PLACES,
  ...SERVERS,
  ...PLAN,
  ...STANDINGS,
  ...EXPLAIN,
  ...COSTS_BY_PROPERTY,
  ...RESERVATIONS,
  ...VOIDS,
  ...VOIDS_OF_MANY,
  ...SWEEPER,
  ...AMENDMENTS,
  ...WRITE_QUEUE,
  ...HISTORIES,
  ...SIDE_BY_SIDE,
  ...SCHEMA,
  ...SUBGRAPH,
  ...CORRECTIONS,
  ...FEATURES,
  ...STORE,
  ...DATABASE,
  ...DOCTOR,
  ...BACKUP,
  ...EMBEDDED,
  ...READS,
  ...LARGE_READS,
  ...COMMANDS,
  ...IMPORT,
  ...CLIENTS,
  ...BALANCE_IDS,
  ...BOUNDS,
  ...KEYS,
  ...ACCESS,
  ...COST,
  ...ATTACKS,
  ...PEOPLE,
  ...MIGRATIONS,
];
