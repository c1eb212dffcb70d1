/** A key is replaced once, by one that may do the same; both work until the overlap is over. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCOPES } from '../../src/meter/access/scopes.js';
import { type Manager, managerOf, ROTATE } from '../support/access/manage.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';

let gateway: TestGateway;
let manager: Manager;

beforeAll(async () => {
  gateway = await startTestGateway();
  manager = managerOf(gateway);
});
afterAll(() => gateway.close());

const rows = () => gateway.sql('SELECT * FROM api_keys ORDER BY id');
const DAY_MS = 86_400_000;

describe('rotateApiKey', () => {
  it('gives a new secret for the same name and scopes; the old one works until the overlap is over', async () => {
    const { id, secret } = await manager.keyWith(['track:write', 'events:read']);
    const before = Date.now();
    const rotated = await manager.run(ROTATE, { apiKeyId: id, overlapMinutes: 60 });
    expect(rotated.apiKey).toMatchObject({
      name: 'test',
      scopes: ['TRACK_WRITE', 'EVENTS_READ'],
      expiresAt: null,
      rotatedToId: null,
    });
    expect(rotated.replaced).toMatchObject({
      apiKeyId: id,
      rotatedToId: rotated.apiKey.apiKeyId,
      revokedAt: null,
    });
    const overlapMs = Date.parse(rotated.replaced.expiresAt) - before;
    expect(overlapMs).toBeGreaterThan(59 * 60_000);
    expect(overlapMs).toBeLessThan(62 * 60_000);
    expect([await manager.works(secret), await manager.works(rotated.secret)]).toEqual([
      true,
      true,
    ]);
  });

  it('ends the old secret at once with an overlap of 0, and after a day without one', async () => {
    const [a, b] = [await manager.keyWith(SCOPES), await manager.keyWith(SCOPES)];
    const rotated = await manager.run(ROTATE, { apiKeyId: a.id, overlapMinutes: 0 });
    expect([await manager.works(a.secret), await manager.works(rotated.secret)]).toEqual([
      false,
      true,
    ]);
    const before = Date.now();
    const { replaced } = await manager.run(ROTATE, { apiKeyId: b.id });
    expect(Math.round((Date.parse(replaced.expiresAt) - before) / DAY_MS)).toBe(1);
  });

  it('of a key with an end lasts as long again, and does not prolong the old one', async () => {
    const { id } = await manager.keyWith(SCOPES, 10 * DAY_MS);
    await gateway.sql(
      `UPDATE api_keys SET created_at = created_at - interval '9 days 23 hours 30 minutes',
        expires_at = expires_at - interval '9 days 23 hours 30 minutes' WHERE id = $1`,
      [id],
    );
    const [old] = await gateway.sql(
      'SELECT extract(epoch FROM expires_at) * 1000 AS ms FROM api_keys WHERE id = $1',
      [id],
    );
    const { apiKey, replaced } = await manager.run(ROTATE, { apiKeyId: id, overlapMinutes: 600 });
    const daysOf = Date.parse(apiKey.expiresAt) - Date.parse(apiKey.createdAt);
    expect(Math.round(daysOf / DAY_MS)).toBe(10);
    expect(replaced.expiresAt).toBe(new Date(Number(old?.['ms'])).toISOString());
  });

  it('by an expiring key, itself or another, gives no key that ends later than it', async () => {
    const own = await manager.keyWith(SCOPES, DAY_MS);
    const permanent = await manager.keyWith(SCOPES);
    await gateway.sql(
      `UPDATE api_keys SET created_at = created_at - interval '23 hours',
        expires_at = expires_at - interval '23 hours' WHERE id = $1`,
      [own.id],
    );
    const [stored] = await gateway.store.apiKeys.find(own.id);
    const end = new Date(stored?.expiresAt ?? 0).toISOString();
    for (const { id } of [permanent, own]) {
      const { apiKey } = await manager.run(ROTATE, { apiKeyId: id }, own.secret);
      expect(apiKey.expiresAt).toBe(end);
    }
  });

  it('happens once, however often and at once it is sent; a lost secret is replaced by rotating the new key', async () => {
    const { id } = await manager.keyWith(SCOPES);
    const before = (await rows()).length;
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => manager.run(ROTATE, { apiKeyId: id })),
    );
    expect(await rows()).toHaveLength(before + 1);
    const [made] = answers.filter((answer) => 'secret' in answer);
    const refused = answers.filter((answer) => answer.code === 'API_KEY_ENDED');
    expect(refused).toHaveLength(7);
    expect(refused[0].message).toContain('rotatedToId');
    const again = await manager.run(ROTATE, {
      apiKeyId: made.apiKey.apiKeyId,
      overlapMinutes: 0,
    });
    expect([await manager.works(made.secret), await manager.works(again.secret)]).toEqual([
      false,
      true,
    ]);
  });

  it('of the key that is sent works: the answer is the last thing that it needs', async () => {
    const { id, secret } = await manager.keyWith(SCOPES);
    const rotated = await manager.run(ROTATE, { apiKeyId: id, overlapMinutes: 0 }, secret);
    expect([await manager.works(secret), await manager.works(rotated.secret)]).toEqual([
      false,
      true,
    ]);
  });

  it('gives no key with scopes that the key that is sent lacks', async () => {
    const strong = await manager.keyWith(SCOPES);
    const weak = await manager.keyWith(['keys:write', 'events:read']);
    const before = await rows();
    const refused = await manager.run(ROTATE, { apiKeyId: strong.id }, weak.secret);
    expect(refused).toMatchObject({ code: 'SCOPES_NOT_HELD' });
    expect(refused.scopes).not.toContain('EVENTS_READ');
    // A newer release may have stored a scope whose meaning this one does not know.
    const newer = await manager.keyWith(['events:read']);
    await gateway.sql(`UPDATE api_keys SET scopes = scopes || '{future:write}' WHERE id = $1`, [
      newer.id,
    ]);
    expect(await manager.run(ROTATE, { apiKeyId: newer.id })).toMatchObject({
      code: 'SCOPES_NOT_HELD',
      message: expect.stringContaining('future:write'),
      scopes: [],
    });
    expect(await rows()).toHaveLength(before.length + 1);
  });

  it.each([
    ['revoked', 'revoked_at = now()', 'is revoked'],
    ['expired', `expires_at = now() - interval '1 second'`, 'has expired'],
  ])('is refused for a key that is %s', async (_what, change, message) => {
    const { id } = await manager.keyWith(SCOPES);
    await gateway.sql(`UPDATE api_keys SET ${change} WHERE id = $1`, [id]);
    const before = await rows();
    expect(await manager.run(ROTATE, { apiKeyId: id })).toMatchObject({
      code: 'API_KEY_ENDED',
      message: expect.stringContaining(message),
    });
    expect(await rows()).toEqual(before);
  });

  it.each([-1, 43_201])('refuses an overlap of %i minutes', async (overlapMinutes) => {
    const { id } = await manager.keyWith(SCOPES);
    expect(await manager.run(ROTATE, { apiKeyId: id, overlapMinutes })).toMatchObject({
      code: 'INVALID_INPUT',
      issues: [{ path: 'overlapMinutes', rule: 'range' }],
    });
  });
});
