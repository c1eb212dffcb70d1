/**
 * Generated tokens are accepted exactly if the library alone accepts them: that their signature is checked first changes nothing
 * but the price. Many differ from a good one in one thing, as forgers and careless servers would send them. Where the library
 * is lenient, a token has one spelling here: without padding (RFC 7515), and with no bits set that mean nothing in its signature.
 */
import { createHmac, createSecretKey } from 'node:crypto';
import * as fc from 'fast-check';
import { jwtVerify } from 'jose';
import { expect, it } from 'vitest';
import { createCustomerTokens } from '../../src/meter/access/customer-tokens.js';

const PROJECT_ID = '00000000-0000-4000-8000-000000000000';
const NOW_S = 1_000_000;
const SECRETS = ['present', 'former'];

const HEADERS = [
  '{"alg":"HS256"}',
  '{"alg":"HS256","typ":"JWT"}',
  '{"typ":"JWS","alg":"HS256"}',
  '{"alg":"HS256","typ":7}',
  '{"alg":"HS256","cty":"JWT"}',
  '{"alg":"none"}',
  '{"alg":"hs256"}',
  '{"alg":"HS512"}',
  '{"alg":["HS256"]}',
  '{"alg":"none","alg":"HS256"}',
  '{"alg":"HS256","alg":"none"}',
  '{"alg":"HS256","b64":true}',
  '{"alg":"HS256","b64":false}',
  '{"alg":"HS256","b64":false,"crit":["b64"]}',
  '{"alg":"HS256","b64":true,"crit":["b64"]}',
  '{"alg":"HS256","crit":["exp"],"exp":1}',
  '{"alg":"HS256","crit":[]}',
  '{"alg":"HS256","crit":null}',
  '{"alg":"HS256","kid":"../../dev/null","jku":"http://evil.example","jwk":{}}',
  '{"alg":"HS256","__proto__":{"crit":["x"]}}',
  '{}',
  '[]',
  'null',
  '"HS256"',
  '',
  '{"alg":"HS256"',
  ' {"alg":"HS256"} ',
  '\uFEFF{"alg":"HS256"}',
];

const CLAIMS = [
  ...[-31, -30, -29, 0, 60, 3_570, 3_571].map((s) => `{"customer":"a","exp":${NOW_S + s}}`),
  ...[29, 30, 31].map((s) => `{"customer":"a","exp":${NOW_S + 60},"nbf":${NOW_S + s}}`),
  ...[-3_540, -3_541, 30, 31].map((s) => `{"customer":"a","exp":${NOW_S + 60},"iat":${NOW_S + s}}`),
  `{"customer":"a","exp":${NOW_S + 60}.5}`,
  '{"customer":"a","exp":1e300}',
  '{"customer":"a","exp":1e400}',
  '{"customer":"a","exp":-0}',
  `{"customer":"a","exp":"${NOW_S + 60}"}`,
  `{"customer":"a","exp":${NOW_S + 60},"nbf":null}`,
  `{"customer":"a","customer":"b","exp":${NOW_S + 60}}`,
  `{"customer":"a","exp":1,"exp":${NOW_S + 60}}`,
  `{"customer":"a","exp":${NOW_S + 60},"exp":1}`,
  `{"customer":"a","exp":${NOW_S + 60},"more":"${'x'.repeat(1_000)}"}`,
  `{"customer":"a","exp":${NOW_S + 60},"more":"${'x'.repeat(2_000)}"}`,
  `{"customer":"${'x'.repeat(255)}","exp":${NOW_S + 60}}`,
  `{"customer":"a","exp":${NOW_S + 60},"deep":${'['.repeat(400)}${']'.repeat(400)}}`,
  `{"customer":"a","exp":${NOW_S + 60},"entity":"e"}`,
  `[{"customer":"a","exp":${NOW_S + 60}}]`,
  `{"customer":"a","exp":${NOW_S + 60}} x`,
  `{"customer":"a\u0000","exp":${NOW_S + 60}}`,
  'null',
  '',
];

/** What is done to the text of a token after it is signed. */
const BENT: Readonly<Record<string, (token: string) => string>> = {
  'not at all': (token) => token,
  'a dot at its end': (token) => `${token}.`,
  'two dots at its end': (token) => `${token}..`,
  'a dot before it': (token) => `.${token}`,
  'a part more': (token) => `${token}.e30`,
  padded: (token) => `${token}=`,
  'a space after it': (token) => `${token} `,
  'a line after it': (token) => `${token}\n`,
  'without its signature': (token) => token.slice(0, token.lastIndexOf('.') + 1),
  'without its last part': (token) => token.slice(0, token.lastIndexOf('.')),
  'cut off': (token) => token.slice(0, -1),
  extended: (token) => `${token}A`,
  'its last digit spelt otherwise': (token) => {
    const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    return `${token.slice(0, -1)}${digits[digits.indexOf(token.slice(-1)) ^ 1]}`;
  },
  'in plain base64': (token) => token.replaceAll('-', '+').replaceAll('_', '/'),
  'in capitals': (token) => token.toUpperCase(),
  'one of its characters changed': (token) => token.replace(/[a-m]/, 'n'),
  'without its claims': (token) => token.replace(/\..*\./, '..'),
};

const rarely = <T>(usual: T, others: readonly T[]) =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(usual) }, fc.constantFrom(...others));

const arbitraryToken = fc
  .record({
    header: rarely('{"alg":"HS256"}', HEADERS),
    claims: rarely(`{"customer":"a","exp":${NOW_S + 60}}`, CLAIMS),
    secret: rarely('present', ['former', 'other', '', 'presen']),
    hash: rarely('sha256', ['sha512']),
    isEncoded: rarely(true, [false]),
    bent: rarely('not at all', Object.keys(BENT)),
    padding: rarely('', ['=', '==']),
  })
  .map(({ header, claims, secret, hash, isEncoded, bent, padding }) => {
    const part = (text: string) => `${Buffer.from(text).toString('base64url')}${padding}`;
    const signed = `${part(header)}.${isEncoded ? part(claims) : claims}`;
    const signature = createHmac(hash, secret).update(signed).digest('base64url');
    return BENT[bent]?.(`${signed}.${signature}`) ?? '';
  });

/** What the library alone says, and the rules of docs/keys.md about the claims. */
async function expected(token: string): Promise<string | null> {
  const signature = token.split('.').at(-1) ?? '';
  const isUsual = Buffer.from(signature, 'base64url').toString('base64url') === signature;
  if (token.length > 2_048 || !isUsual || token.includes('=')) return null;
  for (const secret of SECRETS) {
    try {
      const { payload } = await jwtVerify(token, createSecretKey(Buffer.from(secret)), {
        algorithms: ['HS256'],
        clockTolerance: 30,
        currentDate: new Date(NOW_S * 1_000),
      });
      const { customer, entity, exp = Number.NaN, iat = NOW_S + 30 } = payload;
      const isShort = exp - iat <= 3_600 && iat <= NOW_S + 30;
      const isOne = typeof customer === 'string' && /^[!-~]{1,255}$/.test(customer);
      return isShort && isOne ? `${customer} ${entity ?? ''}` : null;
    } catch {
      // With the other secret, perhaps.
    }
  }
  return null;
}

it('a token is accepted exactly if the library accepts it', async () => {
  const read = createCustomerTokens({
    tokenSecrets: { isDeleted: async () => false, valid: async () => [...SECRETS] },
    ttlMs: 1,
    entriesMax: 10,
    monotonicMs: () => 0,
    wallClockMs: () => NOW_S * 1_000,
  });
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(arbitraryToken, async (token) => {
      const given = await read(PROJECT_ID, token).then(
        ({ customerId, entityId }) => `${customerId} ${entityId ?? ''}`,
        () => null,
      );
      if (given !== null) accepted += 1;
      expect(given).toBe(await expected(token));
    }),
    { numRuns: Math.ceil(3_000 * Number(process.env['TOLLGATE_RUNS'] ?? 1)) },
  );
  expect(accepted).toBeGreaterThan(100);
});
