/** Which customer tokens are accepted, and what is said about the others. */
import * as fs from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTokenSecret } from '../../src/meter/access/token-secrets.js';
import { signToken, type TokenParts } from '../support/access/sign-token.js';
import {
  ACME,
  startTokenGateway,
  type TokenGateway,
  track,
} from '../support/access/token-gateway.js';

let gateway: TokenGateway;
let secret: string;

const NOW_S = Math.floor(Date.now() / 1_000);
const SOON = { exp: NOW_S + 600 };

beforeAll(async () => {
  gateway = await startTokenGateway();
  secret = gateway.tokenSecret;
});
afterAll(() => gateway.close());

const OWN = `{ customer(customerId: "${ACME}") { customerId } }`;

describe('a token', () => {
  it.each<[string, () => Partial<TokenParts>]>([
    ['for the customer', () => ({})],
    [
      'for a moment longer, as clocks differ',
      () => ({ claims: { customer: ACME, exp: NOW_S - 10 } }),
    ],
    [
      'that is issued and valid from now on',
      () => ({ claims: { customer: ACME, ...SOON, iat: NOW_S, nbf: NOW_S } }),
    ],
    ['for an hour', () => ({ claims: { customer: ACME, exp: NOW_S + 3_600, iat: NOW_S } })],
    ['with other claims', () => ({ claims: { customer: ACME, ...SOON, sub: 'x' } })],
    ['without a type', () => ({ header: { typ: undefined } })],
  ])('%s is accepted', async (_what, parts) => {
    const token = signToken({ claims: { customer: ACME, ...SOON }, secret, ...parts() });
    for (const key of [gateway.publishable, gateway.customerKey, gateway.secret]) {
      expect(await gateway.answer(OWN, key, token)).toEqual({
        status: 200,
        data: { customer: { customerId: ACME } },
      });
    }
  });

  const claims = { customer: ACME, ...SOON };
  const good = () => signToken({ claims, secret });
  const withClaims = (changes: object) => () =>
    signToken({ claims: { ...claims, ...changes }, secret });
  const withHeader = (header: object, hash?: string) => () =>
    signToken({ claims, secret, header, ...(hash !== undefined && { hash }) });
  const unsigned = (alg: string) => () =>
    `${withHeader({ alg })().split('.').slice(0, 2).join('.')}.`;

  it.each<[string, () => string]>([
    ['empty', () => ''],
    ['not a token', () => 'x'],
    ['three dots', () => '...'],
    ['cut off', () => good().slice(0, -1)],
    ['extended', () => `${good()}AA`],
    ['sent twice', () => `${good()}, ${good()}`],
    ['too long', withClaims({ more: 'x'.repeat(2_000) })],
    ['with alg none', withHeader({ alg: 'none' })],
    ['with alg none and no signature', unsigned('none')],
    ['without a signature', unsigned('HS256')],
    ['with alg RS256', withHeader({ alg: 'RS256' })],
    ['with alg HS512, signed so', withHeader({ alg: 'HS512' }, 'sha512')],
    ['with a critical extension', withHeader({ crit: ['x'], x: 1 })],
    ['signed with another secret', () => signToken({ claims, secret: `${secret}x` })],
    ['signed with nothing', () => signToken({ claims, secret: '' })],
    ['signed with the publishable key', () => signToken({ claims, secret: gateway.publishable })],
    [
      'signed with the secret of another project',
      () => signToken({ claims, secret: gateway.foreignTokenSecret }),
    ],
    [
      'for another customer than it was signed for',
      () => {
        const [header, , signature] = good().split('.');
        const [, other] = withClaims({ customer: 'beta' })().split('.');
        return [header, other, signature].join('.');
      },
    ],
    ['expired', withClaims({ exp: NOW_S - 60 })],
    ['not valid yet', withClaims({ nbf: NOW_S + 120 })],
    ['from the future', withClaims({ iat: NOW_S + 120 })],
    ['issued at no time', withClaims({ iat: 'now' })],
    ['that does not expire', withClaims({ exp: undefined })],
    ['that expires at no time', withClaims({ exp: '2030' })],
    ['that lives for longer than an hour', withClaims({ exp: NOW_S + 3_700 })],
    ['that lives for longer than an hour in all', withClaims({ iat: NOW_S - 3_300 })],
    ['for no customer', withClaims({ customer: undefined })],
    ['for a number', withClaims({ customer: 7 })],
    ['for several customers', withClaims({ customer: [ACME] })],
    ['for an id that cannot be', withClaims({ customer: 'acme hidden' })],
    ['for an empty id', withClaims({ customer: '' })],
    ['for an empty entity', withClaims({ entity: '' })],
    ['for an entity that is an object', withClaims({ entity: {} })],
  ])('that is refused says nothing about why: %s', async (_what, token) => {
    const refusals = [
      await gateway.ask(OWN, gateway.publishable, token()),
      await gateway.ask(OWN, gateway.secret, token()),
      await gateway.ask('{ __typename }', gateway.secret, token()),
      await gateway.ask(track(`customerId: "${ACME}"`), gateway.secret, token()),
      await gateway.ask(track(`customerId: "${ACME}"`), gateway.customerKey, token()),
      await gateway.ask(OWN, gateway.publishable),
      await gateway.ask(OWN, gateway.customerKey),
    ];
    expect(new Set(refusals.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(refusals[0]?.status).toBe(401);
    expect(JSON.parse(refusals[0]?.text ?? '')).toMatchObject({
      errors: [{ extensions: { code: 'CUSTOMER_TOKEN_INVALID' } }],
    });
  });

  it('is not examined with a wrong key', async () => {
    const wrong = `tg_pk_${'A'.repeat(43)}`;
    for (const key of [wrong, wrong.replace('pk', 'sk'), gateway.publishable.replace('pk', 'sk')]) {
      const refused = await gateway.answer(OWN, key, good());
      expect(refused).toMatchObject({
        status: 401,
        errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
      });
    }
  });
});

describe('a project without a secret for tokens', () => {
  it('accepts none', async () => {
    const { store, projectId, sql } = gateway;
    await sql('UPDATE projects SET token_secret = $2 WHERE id = $1', [projectId, null]);
    try {
      for (const by of ['', 'null', secret]) {
        const token = signToken({ claims: { customer: ACME, ...SOON }, secret: by });
        expect(await gateway.answer(OWN, gateway.publishable, token)).toMatchObject({
          status: 401,
        });
      }
    } finally {
      await store.tokenSecrets.replace(projectId, secret, 0);
    }
  });
});

describe('a secret that is replaced', () => {
  it('is accepted for the overlap, and the one before it no longer', async () => {
    const { store, projectId, sql } = gateway;
    const token = (by: string) => signToken({ claims: { customer: ACME, ...SOON }, secret: by });
    const status = async (by: string) =>
      (await gateway.answer(OWN, gateway.publishable, token(by))).status;
    const next = await createTokenSecret(store.tokenSecrets, { projectId, overlapMs: 60_000 });
    expect([await status(secret), await status(next.secret)]).toEqual([200, 200]);
    expect(next.formerUntil).not.toBeNull();
    const last = await createTokenSecret(store.tokenSecrets, { projectId, overlapMs: 60_000 });
    expect([await status(secret), await status(next.secret), await status(last.secret)]).toEqual([
      401, 200, 200,
    ]);
    await sql('UPDATE projects SET former_token_secret_until = now() WHERE id = $1', [projectId]);
    expect([await status(next.secret), await status(last.secret)]).toEqual([401, 200]);
    await store.tokenSecrets.replace(projectId, secret, 0);
    expect([await status(secret), await status(last.secret)]).toEqual([200, 401]);
  });
});

describe('the examples of the documentation', () => {
  it.each(['jose', 'node:crypto'])('sign tokens that are accepted: with %s', async (name) => {
    const text = await fs.readFile(new URL('../../docs/keys.md', import.meta.url), 'utf8');
    const example = [...text.matchAll(/```js\n(.*?)```/gs)].find(([, code]) =>
      code?.includes(`'${name}'`),
    );
    // Where packages are found.
    const directory = await fs.mkdtemp(
      fileURLToPath(new URL('../../node_modules/.example-', import.meta.url)),
    );
    try {
      await fs.writeFile(`${directory}/example.mjs`, example?.[1] ?? '');
      const { customerToken } = await import(`${directory}/example.mjs`);
      const token = await customerToken(ACME, secret);
      expect((await gateway.answer(OWN, gateway.publishable, token)).status).toBe(200);
      const other = await customerToken('beta', secret);
      expect((await gateway.answer(OWN, gateway.publishable, other)).data).toEqual({
        customer: null,
      });
    } finally {
      await fs.rm(directory, { recursive: true });
    }
  });
});
