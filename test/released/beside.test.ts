/**
 * A gateway of an earlier release and one of this release on one database, as during an upgrade. The earlier one is built from the
 * history of this repository: `npm run test:released`. Without it, in a shallow copy, nothing of this is shown, and the output says so.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Client } from '../support/client/client.js';
import { createCustomer, createFeature } from '../support/client/operations.js';
import { damagesOf } from '../support/database/project.js';
import { EndedError } from '../support/gateway/gateway-process.js';
import type { Granted } from '../support/linearizability/account.js';
import { documentOf } from '../support/linearizability/account-documents.js';
import { sendAll } from '../support/linearizability/callers.js';
import { expectLinearizable } from '../support/linearizability/judge.js';
import { FAR_MS, RandomAccountCalls } from '../support/linearizability/random-account-calls.js';
import { Recorder } from '../support/linearizability/record.js';
import { randomOf, seedOf } from '../support/random/random.js';
import { type Beside, startBeside } from '../support/released/beside.js';
import { buildReleased, type ReleasedBuild, whyNotBuilt } from '../support/released/build.js';
import {
  documentOf as documentOfMutation,
  done,
  ROWS,
  readOf,
  type Used,
  useOf,
} from '../support/released/rows.js';
import { RELEASED_GATEWAYS } from './gateways.js';

const GRANTED: Granted = { granted: 60, overageLimit: 10 };

/** The calls that the earlier gateway answers alone, and those that both answer afterwards, in all. */
const [ALONE, TOGETHER] = [150, 900];

const missing = new Map<string, string>();
for (const { name, commit } of RELEASED_GATEWAYS) {
  const reason = await whyNotBuilt(commit);
  if (reason === null) continue;
  missing.set(commit, reason);
  const what = `${name}, ${commit}: NOT RUN beside this release, because its sources are not in this copy of the repository`;
  process.stderr.write(`${what} (git fetch --unshallow gets them): ${reason}\n`);
}

describe.each(RELEASED_GATEWAYS)('beside $name ($commit)', ({ name, commit }) => {
  const isMissing = missing.has(commit);
  let build: ReleasedBuild | undefined;
  let beside: Beside;
  let client: Client;

  beforeAll(async () => {
    if (isMissing) return;
    build = await buildReleased(commit);
    beside = await startBeside(inject('postgresUrl'), build);
  });

  afterAll(async () => {
    await beside?.close();
    await build?.remove();
  });

  it.skipIf(isMissing)('starts and migrates under load; answers of both fit together', async () => {
    const { old, schema } = beside;
    await createFeature(old, { id: 'messages', type: 'CONSUMABLE' });
    const random = randomOf(seedOf(`beside ${commit}`));
    const reserves = schema.serves(documentOf({ verb: 'hold', reservationId: '', until: null }));
    const recorders = ['ada', 'ben', 'cleo'].map((customerId) => new Recorder(customerId));
    for (const { customerId } of recorders) {
      await createCustomer(old, customerId);
      const limits = { ...GRANTED, overageAllowed: true };
      await done(old, 'createBalance', { customerId, featureId: 'messages', ...limits });
    }
    const count = () => recorders.reduce((sum, { operations: { length } }) => sum + length, 0);
    let ours: Client | null = null;
    let isOver = false;
    const pick: Parameters<typeof sendAll>[1]['client'] = (call) => {
      if (ours === null) return old;
      return random.once(2) && schema.serves(documentOf(call)) ? old : ours;
    };
    const loads = recorders.map((recorder) => {
      const calls = new RandomAccountCalls(random, {
        expiresAt: Date.now() + FAR_MS,
        reserves,
        events: () => recorder.events.keys(),
      });
      const next = () => {
        if (isOver) return null;
        for (;;) {
          const call = calls.next();
          if (ours !== null || schema.serves(documentOf(call))) return call;
        }
      };
      return sendAll(recorder, { callers: 4, next, client: pick });
    });
    const sent = Promise.all(loads).finally(() => {
      isOver = true;
    });
    sent.catch(() => undefined);
    const reached = async (calls: number) => {
      while (count() < calls && !isOver) await delay(5);
    };
    try {
      await reached(ALONE);
      client = await beside.startNew();
      ours = client;
      await reached(count() + TOGETHER);
    } finally {
      isOver = true;
    }
    await sent;
    for (const recorder of recorders) {
      for (const reader of [old, client])
        await recorder.call(reader, { verb: 'read', until: null });
    }
    expectLinearizable(`beside ${name}`, GRANTED, recorders);
    const failures = recorders.flatMap((recorder) => [...recorder.failures]);
    process.stdout.write(`attempts that failed: ${JSON.stringify(failures)}\n`);
    expect(await damagesOf({ connectionString: beside.databaseUrl })).toEqual([]);
  });

  it.skipIf(isMissing).each(ROWS)('serves a customer with $name', async (row) => {
    const used = await usedCustomer(beside.old, row.name);
    await row.does(client, used);
    const { customerId } = used;
    const code = row.refused?.(beside.schema) ?? null;
    if (code !== null) {
      if (code === 'RESULT_UNREADABLE') expect(await readOf(beside.old, customerId)).toBe(code);
      expect(await useOf(beside.old, customerId)).toBe(code);
      expect(await useOf(client, customerId)).toBe('TrackBalancePayload');
      await row.ends?.(client, used);
    }
    for (const user of [beside.old, client, beside.old]) {
      expect(await useOf(user, customerId)).toBe('TrackBalancePayload');
      const seen = await readOf(client, customerId);
      expect(seen).toMatchObject({ customer: { balance: {} } });
      expect(await readOf(beside.old, customerId)).toEqual(seen);
    }
    if (code === null) await row.ends?.(client, used);
  });

  it.skipIf(isMissing)('does not use an erased customer', async () => {
    const { old, schema } = beside;
    const { customerId } = await usedCustomer(old, 'erased');
    await done(client, 'deleteCustomer', { customerId });
    const knows = schema.serves(documentOfMutation('deleteCustomer'));
    const answer = knows ? 'CustomerNotFoundError' : 'INTERNAL_SERVER_ERROR';
    expect(await useOf(old, customerId)).toBe(answer);
    expect(await useOf(client, customerId)).toBe('CustomerNotFoundError');
  });

  it.skipIf(isMissing)('leaves every figure the sum of its ledger', async () => {
    expect(await damagesOf({ connectionString: beside.databaseUrl })).toEqual([]);
  });

  it.skipIf(isMissing)(
    'neither starts nor audits on migrations that it does not know',
    async () => {
      const [unknown] = beside.unknownMigrations;
      const started = await beside.startOld().catch((error: unknown) => error);
      const audited = await beside.oldAudit();
      if (unknown === undefined) {
        expect(audited.code).toBe(0);
        return;
      }
      expect(started).toBeInstanceOf(EndedError);
      for (const said of [String(started), audited.output]) {
        expect(said).toContain('The database was migrated by a newer version of Tollgate');
        expect(said).toContain(unknown);
      }
      expect(audited.code).toBe(1);
    },
  );
});

/** With two balances, both of them used by the earlier release. */
async function usedCustomer(old: Client, what: string): Promise<Used> {
  const customerId = what.replaceAll(/[^a-z]+/g, '-');
  await createCustomer(old, customerId);
  const grant = { customerId, featureId: 'messages' };
  const { balance } = await done<{ balance: { id: string } }>(old, 'createBalance', {
    ...grant,
    granted: 100,
  });
  await done(old, 'createBalance', { ...grant, granted: 50 });
  const { event } = await done<{ event: { id: string } }>(old, 'trackBalance', {
    ...grant,
    value: 30,
  });
  return { customerId, balanceId: balance.id, eventId: event.id };
}
