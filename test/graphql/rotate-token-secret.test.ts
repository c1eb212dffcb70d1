/** A project's token secret is replaced over GraphQL: shown once, and tokens of clients do not stop working by a repeated call. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NARROWED_SCOPES, SCOPES } from '../../src/meter/access/scopes.js';
import { type Manager, managerOf, ROTATE_TOKEN_SECRET } from '../support/access/manage.js';
import { signToken } from '../support/access/sign-token.js';
import { ACME, startTokenGateway, type TokenGateway } from '../support/access/token-gateway.js';
import { createLog } from '../support/gateway/log.js';

const log = createLog();
let gateway: TokenGateway;
let manager: Manager;
let original: string;

beforeAll(async () => {
  gateway = await startTokenGateway({ logger: log.logger });
  manager = managerOf(gateway);
  original = gateway.tokenSecret;
});
afterAll(() => gateway.close());

const stored = () =>
  gateway.sql(`SELECT id, token_secret, former_token_secret, former_token_secret_until
    FROM projects ORDER BY id`);

const rotate = (input: object, key?: string) => manager.run(ROTATE_TOKEN_SECRET, input, key);

/** Whether tokens that each has signed are accepted. */
async function accepted(...secrets: readonly string[]): Promise<boolean[]> {
  const exp = Math.floor(Date.now() / 1_000) + 600;
  const statuses = secrets.map(async (secret) => {
    const token = signToken({ claims: { customer: ACME, exp }, secret });
    const { status } = await gateway.ask('{ __typename }', gateway.publishable, token);
    return status === 200;
  });
  return Promise.all(statuses);
}

beforeEach(async () => {
  await gateway.sql(
    `UPDATE projects SET token_secret = $2, former_token_secret = NULL, former_token_secret_until = NULL
      WHERE id = $1`,
    [gateway.projectId, original],
  );
});

const minutesFromNow = (text: string) => Math.round((Date.parse(text) - Date.now()) / 60_000);

describe('rotateTokenSecret', () => {
  it('gives a new secret; tokens of the former one are accepted for the overlap, an hour unless told otherwise', async () => {
    const { projectId } = gateway;
    const hour = await rotate({});
    expect(hour).toMatchObject({
      secret: expect.stringMatching(/^tg_ts_[A-Za-z0-9_-]{43}$/),
      project: { projectId },
    });
    expect(minutesFromNow(hour.formerUntil)).toBe(60);
    expect(await accepted(original, hour.secret)).toEqual([true, true]);
    await gateway.sql('UPDATE projects SET former_token_secret_until = now() WHERE id = $1', [
      projectId,
    ]);
    expect(await accepted(original, hour.secret)).toEqual([false, true]);
    const week = await rotate({ overlapMinutes: 10_080, projectId });
    expect(minutesFromNow(week.formerUntil)).toBe(10_080);
    expect(await accepted(original, hour.secret, week.secret)).toEqual([false, true, true]);
  });

  it('repeated, is refused and changes nothing: the secret that is in use would end', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => rotate({})));
    const [made, ...more] = answers.filter((answer) => 'secret' in answer);
    expect(more).toEqual([]);
    const refused = answers.filter((answer) => answer.code === 'INVALID_INPUT');
    expect(refused).toHaveLength(5);
    expect(refused[0].issues).toEqual([
      {
        path: 'overlapMinutes',
        value: '60',
        rule: 'in_overlap',
        message: expect.stringContaining(`are accepted until ${made.formerUntil}`),
      },
    ]);
    const before = await stored();
    await rotate({ overlapMinutes: 1 });
    expect(await stored()).toEqual(before);
    expect(await accepted(original, made.secret)).toEqual([true, true]);
  });

  it('at once by several gateways, is carried out once', async () => {
    const { store, projectId } = gateway;
    const rotation = { overlapMs: 60_000, discardPresent: false };
    const secrets = Array.from({ length: 6 }, (_, n) => `tg_ts_${n}`);
    // Past the gate, in which those of one gateway wait for each other.
    const results = await Promise.all(
      secrets.map((secret) => store.tokenSecrets.rotate(projectId, secret, rotation)),
    );
    const made = secrets.filter((_, n) => Object.hasOwn(Object(results[n]), 'formerUntil'));
    expect(made).toHaveLength(1);
    expect(await accepted(original, ...made)).toEqual([true, true]);
  });

  it('with discardPresent, replaces a secret that was lost; the one in use stays accepted', async () => {
    const lost = await rotate({});
    const found = await rotate({ discardPresent: true, overlapMinutes: 90 });
    expect(minutesFromNow(found.formerUntil)).toBe(90);
    expect(await accepted(original, lost.secret, found.secret)).toEqual([true, false, true]);
    // Not one that has ended: it must not come back.
    await gateway.sql('UPDATE projects SET former_token_secret_until = now() WHERE id = $1', [
      gateway.projectId,
    ]);
    const last = await rotate({ discardPresent: true });
    expect(last.formerUntil).toBeNull();
    expect(await accepted(original, found.secret, last.secret)).toEqual([false, false, true]);
  });

  it('with an overlap of 0, ends all earlier secrets at once, also within an overlap', async () => {
    const leaked = await rotate({});
    const next = await rotate({ overlapMinutes: 0 });
    expect(await accepted(original, leaked.secret, next.secret)).toEqual([false, false, true]);
  });

  it('gives the first secret of a project, which has no former', async () => {
    await gateway.sql('UPDATE projects SET token_secret = $2 WHERE id = $1', [
      gateway.projectId,
      null,
    ]);
    const first = await rotate({});
    expect(first.formerUntil).toBeNull();
    const second = await rotate({});
    expect(await accepted(first.secret, second.secret)).toEqual([true, true]);
  });

  it('by an admin key, is for any project that exists, and only for the one that is given', async () => {
    const { secret: admin } = await manager.adminKey(60_000);
    const { project: foreign } = await gateway.store.projects.ensure('foreign');
    const before = await stored();
    const made = await rotate({ projectId: foreign.id }, admin);
    expect(made.project.projectId).toBe(foreign.id);
    const others = (rows: { id?: unknown }[]) => rows.filter(({ id }) => id !== foreign.id);
    expect(others(await stored())).toEqual(others(before));
    const after = await stored();
    for (const projectId of ['00000000-0000-7000-8000-000000000000', 'none']) {
      expect(await rotate({ projectId }, admin)).toMatchObject({ code: 'PROJECT_NOT_FOUND' });
    }
    expect(await rotate({}, admin)).toMatchObject({
      code: 'INVALID_INPUT',
      issues: [{ path: 'projectId', rule: 'required' }],
    });
    expect(await stored()).toEqual(after);
  });

  it('of another project is as if it did not exist', async () => {
    const { project: foreign } = await gateway.store.projects.ensure('foreign');
    const before = await stored();
    for (const projectId of [foreign.id, '00000000-0000-7000-8000-000000000000', 'none']) {
      expect(await rotate({ projectId })).toEqual({
        code: 'PROJECT_NOT_FOUND',
        message: expect.stringContaining(`no project with the id "${projectId}"`),
      });
    }
    expect(await stored()).toEqual(before);
  });

  it.each(NARROWED_SCOPES)(
    'needs %s, which tokens can open: publishable keys are no secret',
    async (scope) => {
      const scopes = SCOPES.filter((each) => each !== scope);
      const before = await stored();
      const { secret } = await manager.keyWith(scopes);
      expect(await rotate({}, secret)).toMatchObject({
        code: 'SCOPES_NOT_HELD',
        scopes: [scope.toUpperCase().replace(':', '_')],
      });
      expect(await stored()).toEqual(before);
    },
  );

  it('needs no other scope but keys:write', async () => {
    const { secret } = await manager.keyWith(['keys:write', ...NARROWED_SCOPES]);
    expect(await rotate({}, secret)).toHaveProperty('secret');
  });

  it('is refused for a key that expires: the secret would outlive it', async () => {
    const { id, secret } = await manager.keyWith(SCOPES, 60_000);
    const [key] = await gateway.store.apiKeys.find(id);
    const before = await stored();
    expect(await rotate({ overlapMinutes: 0 }, secret)).toMatchObject({
      code: 'INVALID_INPUT',
      issues: [
        {
          path: 'projectId',
          rule: 'key_end',
          message: expect.stringContaining(new Date(key?.expiresAt ?? 0).toISOString()),
        },
      ],
    });
    expect(await stored()).toEqual(before);
  });

  it('is closed to customer tokens, whatever the key', async () => {
    const token = await gateway.tokenFor(ACME);
    const document = 'mutation { rotateTokenSecret(input: {}) { __typename } }';
    const before = await stored();
    for (const key of [gateway.secret, gateway.publishable, gateway.customerKey]) {
      expect((await gateway.ask(document, key, token)).status).toBe(403);
    }
    expect(await stored()).toEqual(before);
  });

  it.each([-1, 10_081])('refuses an overlap of %i minutes', async (overlapMinutes) => {
    expect(await rotate({ overlapMinutes })).toMatchObject({
      code: 'INVALID_INPUT',
      issues: [{ path: 'overlapMinutes', rule: 'range' }],
    });
  });

  it('leaves the secret in one place: not in the log, nor in a result that a key of the call would replay', async () => {
    const response = await gateway.send({
      headers: { authorization: `Bearer ${gateway.secret}`, 'idempotency-key': 'same' },
      body: { query: ROTATE_TOKEN_SECRET, variables: { input: {} } },
    });
    const { secret } = (await response.json()).data.answer;
    expect(secret).toMatch(/^tg_ts_/);
    const tables = await gateway.sql(
      `SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`,
    );
    const places: string[] = [];
    for (const { tablename } of tables) {
      const [{ n } = { n: 0 }] = await gateway.sql(
        `SELECT count(*)::int AS n FROM "${tablename}" t WHERE t::text LIKE '%' || $1 || '%'`,
        [secret],
      );
      if (Number(n) > 0) places.push(String(tablename));
    }
    expect(places).toEqual(['projects']);
    expect(log.text()).not.toContain(secret);
  });

  it('is not offered to the graph: the secret would pass through its gateway', async () => {
    const sdl = await gateway.ask('{ _service { sdl } }', gateway.secret, undefined, '/subgraph');
    expect(sdl.text).toContain('trackBalance');
    expect(sdl.text).not.toContain('TokenSecret');
  });
});
