/** Commands of one batch that undo the same usage event: the first undoes it, and the others find it undone (R34, R36). */
import { expect, it } from 'vitest';
import { catalogOf } from '../../src/domain/feature.js';
import { units } from '../../src/domain/quantity.js';
import type { UsageEvent } from '../../src/meter/store.js';
import { VoidEventsCommand } from '../../src/meter/void-events-command.js';
import { decideAccount } from '../../src/meter/write/decide-account.js';
import { accountOf, balanceOf, NOW } from './given.js';

const scope = { projectId: 'p', customerKey: 'key' };

const EVENT: UsageEvent = {
  ...scope,
  id: '01890a5d-ac96-774b-bcce-b302099a8057',
  entityId: null,
  featureId: 'messages',
  eventName: null,
  value: units(4),
  properties: null,
  occurredAt: NOW,
  recordedAt: NOW,
  idempotencyKey: null,
  outcome: {
    deductions: [{ balanceId: 'balance', featureId: 'messages', amount: units(4) }],
    unapplied: [],
  },
  voided: null,
  amendsId: null,
};

const command = (dryRun: boolean) =>
  new VoidEventsCommand([EVENT], { dryRun, reason: null, actor: null, globalIdOf: ({ id }) => id });

it.each([
  ['both undo it', [false, false], ['UNDONE', 'UNDONE_BEFORE'], 1],
  ['a dry run comes first', [true, false], ['UNDONE', 'UNDONE'], 1],
  ['a dry run comes last', [false, true], ['UNDONE', 'UNDONE_BEFORE'], 1],
  ['both are dry runs', [true, true], ['UNDONE', 'UNDONE'], 0],
])('%s', async (_what, dryRuns, fates, voids) => {
  const commands = dryRuns.map(command);
  const { change, complete } = decideAccount(
    {
      scope,
      account: accountOf([balanceOf({ used: units(7) })]),
      catalog: catalogOf(1, []),
      now: NOW,
      storedResults: new Map(),
      events: new Map([[EVENT.id, EVENT]]),
      nextVersion: 7,
    },
    commands,
  );
  complete(NOW);
  const results = await Promise.all(commands.map(({ result }) => result));
  const told = results.map((result) => result.ok && result.value.get(EVENT.id)?.is);
  expect(told).toEqual(fates);
  expect(change?.rows.eventVoids?.length ?? 0).toBe(voids);
  expect(change?.rows.notedEntries?.length ?? 0).toBe(voids);
  expect(change?.writes).toBe(voids > 0);
});
