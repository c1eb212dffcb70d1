import { costFromText, wholeCost } from '../domain/cost.js';
import { units } from '../domain/quantity.js';
import type { Project } from '../meter/access/keys.js';
import { EVERY_SCOPE } from '../meter/access/scopes.js';
import { createBalance } from '../meter/balance.js';
import { createCustomer } from '../meter/customer.js';
import { createEntity } from '../meter/entity.js';
import { createFeature } from '../meter/feature.js';
import type { FeatureDraft } from '../meter/store.js';
import type { Result, VerbContext } from '../meter/verb.js';
import type { WriteQueue } from '../meter/write/write-queue.js';
import type { OpenStore } from '../store/store.js';
import { CommandError } from './run.js';

const PROJECT = 'demo';
const CUSTOMER = 'acme';

const ANSWERED = 'assistant.answered';

const FEATURES: readonly FeatureDraft[] = [
  feature('api_calls', 'API calls', { eventNames: [ANSWERED] }),
  feature('chat_messages', 'Chat messages', { eventNames: [ANSWERED] }),
  feature('image_generations', 'Image generations'),
  feature('seats', 'Seats', { type: 'CONTINUOUS' }),
  feature('sso', 'Single sign-on', { type: 'BOOLEAN' }),
  feature('credits', 'Credits', {
    type: 'CREDIT_SYSTEM',
    creditCosts: [
      { featureId: 'chat_messages', cost: costFromText('0.5'), where: null },
      { featureId: 'image_generations', cost: wholeCost(8), where: null },
    ],
  }),
];

const ENTITIES = [
  { id: 'design', name: 'Design workspace' },
  { id: 'research', name: 'Research workspace' },
];

interface DemoGrant {
  readonly featureId: string;
  /** Null for a feature that is held rather than counted. */
  readonly granted: number | null;
  readonly monthly: boolean;
}

const GRANTS: readonly DemoGrant[] = [
  { featureId: 'api_calls', granted: 10_000, monthly: true },
  { featureId: 'chat_messages', granted: 500, monthly: true },
  { featureId: 'image_generations', granted: 25, monthly: true },
  { featureId: 'seats', granted: 5, monthly: false },
  { featureId: 'sso', granted: null, monthly: false },
  { featureId: 'credits', granted: 1_000, monthly: false },
];

function feature(id: string, name: string, more: Partial<FeatureDraft> = {}): FeatureDraft {
  return { id, name, type: 'CONSUMABLE', eventNames: [], creditCosts: [], ...more };
}

/** A project to try things out in. Run again, it changes nothing, whatever has been used by then. */
export async function seedDemo(store: OpenStore, writeQueue: WriteQueue): Promise<Project> {
  const { project } = await store.projects.ensure(PROJECT);
  const ctx: VerbContext = {
    caller: { projectId: project.id, scopes: EVERY_SCOPE },
    store,
    writeQueue,
  };
  for (const draft of FEATURES) settled(await createFeature(ctx, draft));
  await createCustomer(ctx, {
    id: CUSTOMER,
    name: 'Acme Inc.',
    email: 'billing@acme.example',
    metadata: {},
  });
  for (const { id, name } of ENTITIES) {
    settled(await createEntity(ctx, { customerId: CUSTOMER, entity: { id, name, metadata: {} } }));
  }
  for (const demoGrant of GRANTS) settled(await grantOnce(ctx, demoGrant));
  return project;
}

/** What already exists stays as it is, even if it has been changed since. */
function settled(answer: Result<unknown>): void {
  if (answer.ok || answer.refusal.code === 'ALREADY_EXISTS') return;
  throw new CommandError(`The demo could not be set up: ${answer.refusal.message}`);
}

function grantOnce(ctx: VerbContext, grant: DemoGrant): Promise<Result<unknown>> {
  const { featureId, granted, monthly } = grant;
  return createBalance(ctx, {
    customerId: CUSTOMER,
    balanceId: null,
    featureId,
    entityId: null,
    granted: granted === null ? null : units(granted),
    unlimited: false,
    priority: 0,
    reset: monthly
      ? {
          interval: { unit: 'MONTH', count: 1 },
          anchor: null,
          timeZone: null,
          rollover: null,
          carryOverage: false,
        }
      : null,
    startsAt: null,
    expiresAt: null,
    overageAllowed: null,
    overageLimit: null,
    idempotencyKey: `demo grant of ${featureId}`,
  });
}
