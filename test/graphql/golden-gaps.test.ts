/**
 * A stored result that lacks one of today's members, as an older release may have left it, is returned
 * as far as it is known. If it is unreadable without that member, the answer is a typed error.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { goldenVersions, readGolden, restore } from '../support/golden/golden.js';

const KEYS = [
  'with everything',
  'from what was rolled over',
  'by event name',
  'refused',
  'grant of everything',
  'grant that rolls over',
];

/** Members that cannot be derived from others. */
const NEEDED = [
  /^v$/,
  /^event(\.tail)?$/,
  /^(missing|unapplied|deductions)\.\d+\.\d$/,
  /(balances|balance|breakdown)\.\d+\.(id|feature|featureId)$/,
  /^balance(\.id|\.feature)?$/,
  /^(id|featureId)$/,
  /(deductions\.\d+\.balanceId|unapplied\.\d+\.featureId|missing\.\d+\.featureId)$/,
  /(reset|rollover|keep|every|interval|max)\./,
  /rollovers\.\d+\.\d$/,
  /^(event|tracked|missing)$/,
];

/** Values that no release has stored. */
const ODD = [null, -1, 1e300, 'x', [], { v: 1 }];

const ODD_FINGERPRINTS = [
  'null',
  '1',
  '"x"',
  '[]',
  '{}',
  '{"v":-1}',
  '{"v":0.5}',
  '{"v":1,"operation":1}',
  '{"v":1,"operation":"createBalance","reset":"x"}',
  '{"v":1,"operation":"createBalance","reset":"null"}',
  '{"v":1,"operation":"createBalance","reset":"{\\"interval\\":[]}"}',
  '{"v":1,"operation":"createBalance","__proto__":"x","constructor":"y"}',
];

/** Calls at once: many more could have to wait for longer than calls may. */
const AT_ONCE = 100;

async function inPortions<Item, Result>(
  items: readonly Item[],
  call: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(from, from + AT_ONCE).map(call))));
  }
  return results;
}

type Path = readonly (string | number)[];

/** The path of every member at any depth, including list indexes. */
function pathsOf(json: unknown): Path[] {
  if (typeof json !== 'object' || json === null) return [];
  return Object.entries(json).flatMap(([key, part]) => [
    [key],
    ...pathsOf(part).map((path) => [key, ...path]),
  ]);
}

describe.each(goldenVersions())('a result stored by %s', (version) => {
  const golden = readGolden(version);
  let gateway: TestGateway;
  let secret: string;

  beforeAll(async () => {
    gateway = await startTestGateway();
    secret = await restore(gateway, version);
  });
  afterAll(() => gateway.close());

  it.each(KEYS)(
    'under the key "%s" may lack members',
    async (key) => {
      const call = golden.calls.find(({ variables }) => keyOf(variables) === key);
      const [row] = await gateway.sql('SELECT outcome FROM idempotency_keys WHERE key = $1', [key]);
      const whole = row?.['outcome'];
      const paths = pathsOf(whole);
      expect(paths.length).toBeGreaterThan(2);
      await gateway.sql(
        `INSERT INTO idempotency_keys
      SELECT customer_key, key || path::text, project_id, fingerprint,
        (outcome::jsonb #- path)::json, recorded_at
      FROM idempotency_keys,
        (SELECT ARRAY(SELECT json_array_elements_text(p)) AS path
        FROM json_array_elements($2::json) AS p) AS paths
      WHERE key = $1`,
        [key, JSON.stringify(paths)],
      );
      const copies = await gateway.sql(
        `SELECT key, substr(key, length($1) + 1)::text[] AS path FROM idempotency_keys
      WHERE starts_with(key, $1 || '{')`,
        [key],
      );
      expect(copies.length).toBe(paths.length);
      const input = Object(call?.variables['input']);
      await inPortions(copies, async (copy) => {
        const name = [copy['path']].flat().join('.');
        const { data, errors } = await gateway.execute(
          String(call?.document),
          { input: { ...input, idempotencyKey: copy['key'] } },
          secret,
        );
        if (NEEDED.some((form) => form.test(name)) && errors.length > 0) {
          expect([name, errors[0]?.extensions['code']]).toEqual([name, 'RESULT_UNREADABLE']);
          return;
        }
        expect([name, errors]).toEqual([name, []]);
        expect([name, data.answer.replayed ?? true]).toEqual([name, true]);
        expect(data.answer.__typename).toBe(Object(call?.data).answer.__typename);
      });
    },
    120_000,
  );

  it.each(KEYS)(
    'under the key "%s" is replayed or RESULT_UNREADABLE, whichever member is replaced',
    async (key) => {
      const call = golden.calls.find(({ variables }) => keyOf(variables) === key);
      await gateway.sql(
        `INSERT INTO idempotency_keys
      SELECT i.customer_key, $1 || ' of ' || n, i.project_id, i.fingerprint,
        jsonb_set(i.outcome::jsonb, path, value)::json, i.recorded_at
      FROM idempotency_keys i, (SELECT row_number() OVER () AS n, path, value
        FROM (SELECT ARRAY(SELECT json_array_elements_text(p)) AS path
          FROM json_array_elements($2::json) AS p) AS paths
        CROSS JOIN jsonb_array_elements($3::jsonb) AS value) AS changes
      WHERE i.key = $1`,
        [key, JSON.stringify(pathsOf(await storedUnder(key))), JSON.stringify(ODD)],
      );
      const copies = await gateway.sql(
        "SELECT key, outcome FROM idempotency_keys WHERE starts_with(key, $1 || ' of ')",
        [key],
      );
      expect(copies.length).toBeGreaterThan(2 * ODD.length);
      const input = Object(call?.variables['input']);
      const codesOf = async (idempotencyKey: unknown) => {
        const { errors } = await gateway.execute(
          String(call?.document),
          { input: { ...input, idempotencyKey } },
          secret,
        );
        return errors.map(({ extensions }) => extensions['code']);
      };
      const unlike = await inPortions(copies, async (copy) => {
        const codes = await codesOf(copy['key']);
        return codes.every((code) => code === 'RESULT_UNREADABLE') ? [] : [[copy, codes]];
      });
      expect(unlike.flat()).toEqual([]);
    },
    120_000,
  );

  async function storedUnder(key: string): Promise<unknown> {
    const [row] = await gateway.sql('SELECT outcome FROM idempotency_keys WHERE key = $1', [key]);
    return row?.['outcome'];
  }

  it.each(ODD_FINGERPRINTS)(
    'with the fingerprint %s is RESULT_UNREADABLE or a conflict',
    async (fingerprint) => {
      const call = golden.calls.find(({ variables }) => keyOf(variables) === 'grant of everything');
      const key = `odd ${fingerprint}`;
      await gateway.sql(
        `INSERT INTO idempotency_keys SELECT customer_key, $1, project_id, $2::json, outcome, recorded_at
      FROM idempotency_keys WHERE key = 'grant of everything'`,
        [key, fingerprint],
      );
      const input = { ...Object(call?.variables['input']), idempotencyKey: key };
      const { data, errors } = await gateway.execute(String(call?.document), { input }, secret);
      const code = errors[0]?.extensions['code'] ?? data.answer.code;
      expect(code).toMatch(/^(RESULT_UNREADABLE|IDEMPOTENCY_CONFLICT)$/);
    },
  );

  it('is RESULT_UNREADABLE if it is from a later release', async () => {
    await gateway.sql(`UPDATE idempotency_keys SET outcome = '{"v":99,"new":true}'`);
    const [first, other] = golden.calls;
    const answers = await Promise.all(
      [first, other].map((call) =>
        gateway.execute(String(call?.document), { ...call?.variables }, secret),
      ),
    );
    for (const { errors } of answers) {
      expect(errors.map(({ extensions }) => extensions['code'])).toEqual(['RESULT_UNREADABLE']);
    }
  });

  it('is RESULT_UNREADABLE if its fingerprint is from a later release, and other calls are not affected', async () => {
    await gateway.sql(`UPDATE idempotency_keys SET fingerprint = '{"v":99}' WHERE key = 'plain'`);
    const plain = golden.calls.find(({ variables }) => keyOf(variables) === 'plain');
    const input = Object(plain?.variables['input']);
    const document = String(plain?.document);
    const [old, fresh] = await Promise.all([
      gateway.execute(document, { input }, secret),
      gateway.execute(document, { input: { ...input, idempotencyKey: 'fresh' } }, secret),
    ]);
    expect(old?.errors.map(({ extensions }) => extensions['code'])).toEqual(['RESULT_UNREADABLE']);
    expect(fresh?.errors).toEqual([]);
    expect(fresh?.data.answer.replayed).toBe(false);
  });
});

function keyOf(variables: Readonly<Record<string, unknown>>): unknown {
  return Object(variables['input']).idempotencyKey;
}
