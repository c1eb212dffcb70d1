/**
 * What earlier releases have stored keeps its meaning. To capture a new version, set
 * TOLLGATE_GOLDEN=v2: see docs/adr/0020-stored-results.md.
 */
import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { ALIKE, CONFLICTS } from '../support/golden/calls.js';
import {
  capture,
  type Golden,
  goldenVersions,
  readGolden,
  restore,
} from '../support/golden/golden.js';

const TO_CAPTURE = process.env['TOLLGATE_GOLDEN'];

describe.runIf(TO_CAPTURE !== undefined)('this release', () => {
  it('is captured', async () => {
    mkdirSync(`test/golden/${TO_CAPTURE}`, { recursive: true });
    const gateway = await startTestGateway();
    await capture(gateway, String(TO_CAPTURE)).finally(() => gateway.close());
  });
});

it('there are golden files of every version', () => {
  expect(goldenVersions()).toEqual(expect.arrayContaining(['v0', 'v1']));
});

describe.each(goldenVersions())('a result stored by %s', (version) => {
  const golden: Golden = readGolden(version);
  let gateway: TestGateway;
  let secret: string;

  beforeAll(async () => {
    gateway = await startTestGateway();
    secret = await restore(gateway, version);
  });
  afterAll(() => gateway.close());

  const run = async (document: string, variables: Record<string, unknown>) => {
    const { data, errors } = await gateway.execute(document, variables, secret);
    expect(errors).toEqual([]);
    return data;
  };
  const callOf = (key: string) => {
    const call = golden.calls.find(({ variables }) => inputOf(variables)['idempotencyKey'] === key);
    if (call === undefined) throw new Error(`no call has the key ${key}`);
    return call;
  };

  it.each(golden.calls)(
    'is returned as a replay ($variables.input.idempotencyKey)',
    async ({ document, variables, data }) => {
      expect(await run(document, variables)).toEqual(replayed(data));
    },
  );

  it.each(CONFLICTS)('conflicts with different input (%s, %j)', async (key, change, field) => {
    const { document, variables } = callOf(key);
    const input = { ...inputOf(variables), ...change };
    expect(await run(document, { input })).toEqual({
      answer: {
        __typename: 'IdempotencyConflictError',
        code: 'IDEMPOTENCY_CONFLICT',
        message: expect.stringContaining(` ${field}.`),
        idempotencyKey: key,
        field,
      },
    });
  });

  it.each(ALIKE)('is found for the same input written differently (%s)', async (key, change) => {
    const { document, variables, data } = callOf(key);
    const input = { ...inputOf(variables), ...change };
    expect(await run(document, { input })).toEqual(replayed(data));
  });

  it('is found if the fields of its fingerprint are in another order', async () => {
    // A reset is JSON within a text; `json_object_agg` adds spaces to it.
    await gateway.sql(`UPDATE idempotency_keys SET fingerprint = (
      SELECT json_object_agg(key, CASE WHEN key <> 'reset' OR value #>> '{}' IS NULL THEN value
          ELSE to_json((SELECT json_object_agg(k, v ORDER BY k DESC)::text
            FROM json_each((value #>> '{}')::json) AS reset(k, v))) END ORDER BY key DESC)
      FROM json_each(fingerprint))`);
    const [{ resets } = {}] = await gateway.sql(
      `SELECT count(*)::int AS resets FROM idempotency_keys WHERE fingerprint ->> 'reset' LIKE '{ %'`,
    );
    expect(resets).toBeGreaterThan(0);
    for (const { document, variables, data } of golden.calls) {
      expect(await run(document, variables)).toEqual(replayed(data));
    }
  });

  it.each(golden.reads)('reads as before ($variables)', async ({ document, variables, data }) => {
    expect(await run(document, variables)).toEqual(data);
  });

  it('is not written again', async () => {
    const [counts] = await gateway.sql(`SELECT (SELECT count(*)::int FROM events) AS events,
      (SELECT count(*)::int FROM idempotency_keys) AS keys`);
    const tracked = golden.calls.filter(({ data }) => JSON.stringify(data).includes('"event"'));
    expect(counts).toEqual({ events: tracked.length, keys: golden.calls.length });
  });
});

function inputOf(variables: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object(variables['input']);
}

/** The first answer, marked as a replay. Messages may be worded differently. */
function replayed(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data), (key, value) => {
    if (key === 'replayed') return true;
    return key === 'message' ? expect.any(String) : value;
  });
}
