/** What callers see through two gateways at once is what they would see if their calls came one after the other. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import * as operations from '../support/client/operations.js';
import { startTwoGateways, type TwoGateways } from '../support/gateway/two-gateways.js';
import type { Granted } from '../support/linearizability/account.js';
import type { AccountCall, TrackCall } from '../support/linearizability/account-call.js';
import { sendAll } from '../support/linearizability/callers.js';
import { checkHistory } from '../support/linearizability/check.js';
import { FEATURE_LIFE } from '../support/linearizability/feature-life.js';
import { FeatureRecorder, type SentCall } from '../support/linearizability/feature-record.js';
import { expectLinearizable } from '../support/linearizability/judge.js';
import { FAR_MS, RandomAccountCalls } from '../support/linearizability/random-account-calls.js';
import { Recorder } from '../support/linearizability/record.js';
import { textOfVerdict } from '../support/linearizability/verdict.js';
import { randomOf, seedOf } from '../support/random/random.js';

/** Usage is rare, because nothing can be deleted afterwards. */
const FEATURE_VERBS = [
  ...(['create', 'create', 'create', 'create', 'create', 'create'] as const),
  ...(['delete', 'delete', 'delete', 'delete', 'delete'] as const),
  ...(['archive', 'archive', 'look', 'look', 'look', 'look'] as const),
  'use',
] as const;

/** Each decides the calls that it gets, or the gateway that a customer belongs to decides all of its calls. */
const WAYS = [
  { how: 'that decide their own calls', sideBySide: false },
  { how: 'that decide calls for each other', sideBySide: true },
];

describe.each(WAYS)('two gateways $how', ({ sideBySide }) => {
  let both: TwoGateways;

  beforeAll(async () => {
    both = await startTwoGateways({ sideBySide });
  });

  afterEach(async () => {
    expect(await both.audit()).toEqual([]);
  });

  afterAll(() => both.close());

  let customers = 0;

  async function customer(
    { granted, overageLimit }: Granted,
    latest?: () => number | null,
  ): Promise<Recorder> {
    customers += 1;
    const customerId = `customer${customers}`;
    const [client] = both.clients;
    await operations.createCustomer(client, customerId);
    await operations.grant(client, customerId, {
      name: 'grant',
      featureId: 'messages',
      granted,
      ...(overageLimit > 0 && { overageAllowed: true, overageLimit }),
    });
    return new Recorder(customerId, latest);
  }

  let turns = 0;

  /** The gateways in turn. */
  function client() {
    turns += 1;
    return both.clients[turns % 2 === 0 ? 0 : 1];
  }

  /** All of them at once. */
  async function atOnce(recorder: Recorder, calls: readonly AccountCall[]): Promise<void> {
    const waiting = [...calls];
    const next = () => waiting.shift() ?? null;
    await sendAll(recorder, { callers: calls.length, next, client });
  }

  const READ: AccountCall = { verb: 'read', until: null };

  function check(requiredBalance: number): AccountCall {
    return { verb: 'check', requiredBalance, until: null };
  }

  function use(value: number, idempotencyKey: string | null = null): TrackCall {
    return { verb: 'track', value, overageBehavior: 'REJECT', idempotencyKey };
  }

  /** Those that were not refused. */
  function acceptedIn({ operations }: Recorder, verb: AccountCall['verb']): number {
    return operations.filter(({ call, answer }) => call.verb === verb && answer?.['code'] === null)
      .length;
  }

  it('of 100 uses of 2 at once, 120 accept exactly 60, and what checks and reads see fits', async () => {
    const granted = { granted: 120, overageLimit: 0 };
    const recorders = [await customer(granted), await customer(granted)];
    for (const recorder of recorders) {
      const calls = Array.from({ length: 100 }, (_, n) => [
        use(2),
        ...(n % 5 === 0 ? [check(2), READ] : []),
      ]);
      await atOnce(recorder, calls.flat());
      await atOnce(recorder, [READ, check(1)]);
      expect(acceptedIn(recorder, 'track')).toBe(60);
    }
    expectLinearizable('uses at once', granted, recorders);
  });

  it('of 20 reservations of 75 at once, 500 accept exactly 6', async () => {
    const granted = { granted: 500, overageLimit: 0 };
    const recorder = await customer(granted);
    const calls = Array.from({ length: 20 }, (_, n) => [reserve(`r${n}`, 75), check(75)]);
    await atOnce(recorder, calls.flat());
    expect(acceptedIn(recorder, 'reserve')).toBe(6);
    expectLinearizable('reservations at once', granted, [recorder]);
  });

  it('twins of a call have one effect and one answer', async () => {
    const granted = { granted: 100, overageLimit: 0 };
    const recorder = await customer(granted);
    const eight = (call: AccountCall) => Array.from({ length: 8 }, () => call);
    for (let round = 0; round < 5; round += 1) {
      await atOnce(recorder, [...eight(reserve(`r${round}`, 10)), ...eight(use(3, `t${round}`))]);
      await atOnce(recorder, [...eight(capture(`r${round}`, 4, `c${round}`)), READ]);
    }
    const effects = recorder.operations.filter(({ answer }) => answer?.['replayed'] === false);
    expect(effects.length).toBe(15);
    expectLinearizable('twins', granted, [recorder]);
  });

  it('random calls of all verbs at once', async () => {
    const granted = { granted: 60, overageLimit: 10 };
    const random = randomOf(seedOf('histories'));
    const recorders = [await customer(granted), await customer(granted), await customer(granted)];
    await Promise.all(
      recorders.map(async (recorder) => {
        const calls = new RandomAccountCalls(random, {
          expiresAt: Date.now() + FAR_MS,
          events: () => recorder.events.keys(),
        });
        let left = 400;
        const next = () => {
          left -= 1;
          return left < 0 ? null : calls.next();
        };
        const pick = () => random.pick(both.clients);
        await sendAll(recorder, { callers: 8, next, client: pick });
      }),
    );
    expectLinearizable('random calls', granted, recorders);
  });

  /** Clocks are read in whole milliseconds, one after the other. */
  const MARGIN_MS = 3;

  it.skipIf(sideBySide)(
    'a reservation that is settled at the instant of its expiry ends one way for all',
    async () => {
      const granted = { granted: 100, overageLimit: 0 };
      const start = Date.now();
      const recorders: Recorder[] = [];
      /** Sets the clock of both gateways; the latest it can be after so many milliseconds, and the earliest. */
      const setClock = async (at: number) => {
        const before = performance.now();
        await both.setClock(at);
        const after = performance.now();
        const earliest = (instant: number) => before + Math.max(0, instant - at - MARGIN_MS);
        const latest = (instant: number) => after + instant - at + MARGIN_MS;
        return { earliest, latest, clock: () => at + performance.now() - before + MARGIN_MS };
      };
      for (let round = 0; round < 40; round += 1) {
        let clock = await setClock(start);
        const recorder = await customer(granted, () => clock.clock());
        const expiresAt = start + 60_000;
        await atOnce(recorder, [{ ...reserve('raced', 60), expiresAt }]);
        clock = await setClock(expiresAt - (round % 8) * 4);
        recorder.passed(expiresAt, clock.earliest(expiresAt), clock.latest(expiresAt));
        await atOnce(recorder, [
          capture('raced', 40),
          READ,
          { verb: 'release', reservationId: 'raced', idempotencyKey: null },
          check(50),
          {
            verb: 'extend',
            reservationId: 'raced',
            idempotencyKey: null,
            expiresAt: start + 3_600_000,
          },
          capture('raced', 10),
          use(30),
          READ,
        ]);
        const extendedUntil = start + 3_600_000;
        const before = performance.now();
        clock = await setClock(start + 7_300_000);
        recorder.passed(extendedUntil, before, performance.now());
        await atOnce(recorder, [READ]);
        await atOnce(recorder, [capture('raced', 10), check(100)]);
        recorders.push(recorder);
      }
      await both.setClock(Date.now());
      const ends = recorders.map(({ operations: [...all] }) => all.at(-2)?.answer?.['how']);
      expect(new Set(ends).size).toBeGreaterThan(1);
      expectLinearizable('expiring', granted, recorders);
    },
  );

  it.skipIf(sideBySide)(
    'features that are created, archived, used and deleted at once',
    async () => {
      const random = randomOf(seedOf('histories of features'));
      const [client] = both.clients;
      await operations.createCustomer(client, 'acme');
      const outcomes = { deleted: 0, kept: 0 };
      let calls = 0;
      const next = (): SentCall => {
        calls += 1;
        const verb = random.pick(FEATURE_VERBS);
        if (verb === 'archive') return { verb, archived: random.pick([true, false]) };
        return verb === 'delete' ? { verb, deletion: calls } : { verb };
      };
      const recorders = Array.from({ length: 6 }, (_, n) => new FeatureRecorder(`life${n}`));
      for (const recorder of recorders) {
        const caller = async () => {
          for (let n = 0; n < 10; n += 1) await recorder.call(random.pick(both.clients), next());
        };
        await Promise.all(Array.from({ length: 5 }, caller));
        const verdict = checkHistory(FEATURE_LIFE, recorder.operations);
        expect(verdict.verdict, `${recorder.id}: ${textOfVerdict(verdict)}`).toBe('LINEARIZABLE');
        for (const { call, answer } of recorder.operations) {
          if (call.verb !== 'delete') continue;
          if (answer?.['code'] === null) outcomes.deleted += 1;
          if (answer?.['code'] === 'FEATURE_IN_USE') outcomes.kept += 1;
        }
      }
      expect(outcomes.deleted).toBeGreaterThan(4);
      expect(outcomes.kept).toBeGreaterThan(4);
    },
  );

  function reserve(reservationId: string, value: number) {
    const expiresAt = Date.now() + FAR_MS;
    return { verb: 'reserve', reservationId, value, overageBehavior: 'REJECT', expiresAt } as const;
  }

  function capture(reservationId: string, value: number, idempotencyKey: string | null = null) {
    const rest = { final: true, overageBehavior: 'CAP', idempotencyKey } as const;
    return { verb: 'capture', reservationId, value, ...rest } as const;
  }
});
