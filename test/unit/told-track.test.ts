/** A `trackBalance` that another gateway decides is the same call, and its result the same result. */
import { describe, expect, it } from 'vitest';
import { scopeSet } from '../../src/meter/access/scopes.js';
import { toldTrack } from '../../src/meter/neighbours/told-track.js';
import { type TrackBalanceInput, trackBalance } from '../../src/meter/track-balance.js';
import type { Command } from '../../src/meter/write/command.js';
import type { WriteQueue } from '../../src/meter/write/write-queue.js';

const PROJECT = '01890a5d-ac96-774b-bcce-b302099a8057';

const CALL: TrackBalanceInput = {
  customerId: 'acme',
  featureId: 'messages',
  eventName: null,
  value: 25_500_000_000n,
  properties: null,
  idempotencyKey: null,
  entityId: null,
  timestamp: null,
  overageBehavior: 'CAP',
};

/** The command that the verb submits. */
function commandOf(input: Partial<TrackBalanceInput>): Command<unknown> {
  const submitted: Command<unknown>[] = [];
  const submit: WriteQueue['submit'] = (command) => {
    submitted.push(command);
    return command.result;
  };
  const caller = { projectId: PROJECT, scopes: scopeSet(['track:write', 'track:refund']) };
  // The verb uses nothing else of its context.
  const ctx = { caller, writeQueue: { submit } } as unknown as Parameters<typeof trackBalance>[0];
  void trackBalance(ctx, { ...CALL, ...input });
  const [command] = submitted;
  if (command === undefined) throw new Error('the verb submits a command');
  return command;
}

/** As it arrives at the other gateway. */
function arrived(command: Command<unknown>) {
  const values: unknown[] = JSON.parse(`[${command.told()}]`);
  return { values, told: toldTrack(values) };
}

describe('a call', () => {
  it.each<[string, Partial<TrackBalanceInput>]>([
    ['with no more than it needs', {}],
    ['of an event name and an entity', { featureId: null, eventName: 'sent', entityId: 'seat/1' }],
    ['that gives back the most', { value: -(10n ** 25n) }],
    ['with a key', { idempotencyKey: 'k "1" €', overageBehavior: 'REJECT' }],
    [
      'with properties, a key and a time',
      {
        properties: { model: 'ü', nested: { deep: [1.5, null, '"', { 2: 'b', 1: 'a' }] } },
        idempotencyKey: 'k',
        timestamp: Date.parse('2026-03-01T09:00:00.123Z'),
        overageBehavior: 'OVERFLOW',
      },
    ],
  ])('%s arrives as it was sent', (_what, input) => {
    const sent = commandOf(input);
    const { told } = arrived(sent);
    expect(told.input).toEqual({ ...CALL, ...input });
    expect(told).toMatchObject({
      scope: sent.scope,
      bytes: sent.bytes,
      entityId: sent.entityId,
      idempotency: sent.idempotency,
      decisionChangesAt: sent.decisionChangesAt,
    });
  });

  it.each<[string, (values: unknown[]) => unknown[]]>([
    ['lacks a value', (values) => values.slice(1)],
    ['has one too many', (values) => [...values, null]],
    ['has an amount that is none', (values) => values.with(4, '1e3')],
    ['has an unknown behavior', (values) => values.with(8, 'IGNORE')],
    ['has an event without an id', (values) => values.with(12, 'x')],
  ])('that %s is not decided', (_what, change) => {
    const { values } = arrived(commandOf({}));
    expect(() => toldTrack(change([...values]))).toThrow();
  });
});

/** Not of the values of a command in this place; null is none of those that must be there. */
const NOT_THESE: readonly unknown[] = [true, {}, [], 1.5, 2 ** 53];
const MUST = [0, 1, 4, 8, 12];

it.each(Array.from({ length: 13 }, (_, place) => place))(
  'a command whose value %i is of another kind is not decided',
  (place) => {
    const { values } = arrived(commandOf({ idempotencyKey: 'k', timestamp: 1_000 }));
    for (const other of [...NOT_THESE, ...(MUST.includes(place) ? [null] : [])]) {
      expect(() => toldTrack([...values].with(place, other))).toThrow();
    }
  },
);

it('a result of this very call that is found under its key is not a replay, and that of another call is', () => {
  const command = commandOf({ idempotencyKey: 'k' });
  const { values } = arrived(command);
  const facts = {} as Parameters<typeof command.replay>[2];
  const replayedOf = (event: unknown) => {
    const result = command.replay({ v: 1, event }, 1_000, facts);
    return result.ok ? result.value : null;
  };
  expect(replayedOf(values[12])).toMatchObject({ replayed: false });
  expect(replayedOf('7000800000000000000f')).toMatchObject({ replayed: true });
});
