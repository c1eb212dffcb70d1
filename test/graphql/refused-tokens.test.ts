/** Why a customer token is refused is in the log, for those who sign tokens, and never in the answer. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { signToken, type TokenParts } from '../support/access/sign-token.js';
import { ACME, startTokenGateway, type TokenGateway } from '../support/access/token-gateway.js';
import { createLog } from '../support/gateway/log.js';

const log = createLog();
let gateway: TokenGateway;

beforeAll(async () => {
  gateway = await startTokenGateway({ logger: log.logger });
});
afterAll(() => gateway.close());

const NOW_S = Math.floor(Date.now() / 1_000);
const SOON_S = NOW_S + 600;

const signed = (claims: object, parts: Partial<TokenParts> = {}) =>
  signToken({
    claims: { customer: ACME, exp: SOON_S, ...claims },
    secret: gateway.tokenSecret,
    ...parts,
  });

it.each<[string, () => string | undefined]>([
  ['there is none', () => undefined],
  ['it is too long', () => signed({ more: 'x'.repeat(2_000) })],
  ['it is no signed token', () => signed({}).slice(0, -1)],
  ['no token secret of the project has signed it', () => signed({}, { secret: 'guess' })],
  ['its alg is not HS256', () => signed({}, { header: { alg: 'HS512' } })],
  ['its header or claims cannot be read', () => signed({}, { header: { crit: ['x'], x: 1 } })],
  ['its exp, nbf or iat is no number', () => signed({ nbf: 'now' })],
  ['it has expired', () => signed({ exp: NOW_S - 60 })],
  ['it is not valid yet', () => signed({ nbf: NOW_S + 120 })],
  ['its iat is in the future', () => signed({ iat: NOW_S + 120 })],
  ['it has no exp', () => signed({ exp: undefined })],
  ['it is valid for more than an hour', () => signed({ exp: NOW_S + 7_200 })],
  ['its customer is missing or no id', () => signed({ customer: 7 })],
  ['its entity is no id', () => signed({ entityId: 'seat' })],
])('%s', async (reason, tokenOf) => {
  const token = tokenOf();
  const before = log.lines().length;
  const { status, text } = await gateway.ask('{ __typename }', gateway.publishable, token);
  expect(status).toBe(401);
  expect(text).not.toContain(reason);
  const warnings = log
    .lines()
    .slice(before)
    .filter(({ level }) => level === 'warn');
  const { projectId } = gateway;
  expect(warnings).toMatchObject([{ msg: 'customer token refused', projectId, reason }]);
  // Neither of its parts, nor what they contain.
  const parts = token?.split('.').filter((part) => part.length > 8) ?? [];
  for (const secret of [...parts, ACME, gateway.tokenSecret])
    expect(log.text()).not.toContain(secret);
});
