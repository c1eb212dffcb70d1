import { wallClockMs } from '../../../src/platform/clock.js';
import { signToken, type TokenParts } from '../access/sign-token.js';
import type { Attacks } from './attack.js';
import { post, times } from './requests.js';
import type { Site } from './site.js';

const now = () => Math.floor(wallClockMs() / 1_000);

const OWN = { query: '{ customer(customerId: "acme") { customerId } }' };

const TRACK = `mutation { trackBalance(input: { customerId: "acme", featureId: "messages" }) {
  __typename ... on Error { code } } }`;

const tokenFor = (site: Site, claims: object = {}, parts: Partial<TokenParts> = {}) =>
  signToken({
    claims: { customer: 'acme', exp: now() + 600, ...claims },
    secret: site.tokenSecret,
    ...parts,
  });

const send = (site: Site, token: string) => post(site, OWN, { 'Tollgate-Customer-Token': token });

/** A token without a signature, of any algorithm. */
const unsigned = (site: Site, alg: string) =>
  `${tokenFor(site, {}, { header: { alg } }).split('.').slice(0, 2).join('.')}.`;

/** With a valid key. */
export const TOKEN_ATTACKS: Attacks = {
  kind: 'customer tokens',
  attacks: [
    {
      name: 'that are expired, not yet valid, from the future, or never expire',
      sends: (site) =>
        [
          { exp: now() - 120 },
          { nbf: now() + 120 },
          { iat: now() + 120 },
          { exp: undefined },
          { exp: now() + 86_400 },
          { exp: 1e300 },
          { exp: '9999999999' },
        ].map((claims) => send(site, tokenFor(site, claims))),
      answers: '401 CUSTOMER_TOKEN_INVALID',
    },
    {
      name: 'that are signed with none, with another algorithm, or with the wrong secret',
      sends: (site) =>
        [
          ...['none', 'None', 'HS256', 'RS256', ''].map((alg) => unsigned(site, alg)),
          tokenFor(site, {}, { header: { alg: 'HS512' }, hash: 'sha512' }),
          tokenFor(site, {}, { secret: `${site.tokenSecret}x` }),
          tokenFor(site, {}, { secret: '' }),
          tokenFor(site, {}, { secret: site.secret }),
          tokenFor(
            site,
            {},
            { header: { kid: '../../dev/null', jku: 'http://evil.example' }, secret: '' },
          ),
        ].map((token) => send(site, token)),
      answers: '401 CUSTOMER_TOKEN_INVALID',
    },
    {
      name: 'that are none, or as long as a header can be',
      sends: (site) =>
        ['x', '..', '.'.repeat(15_000), 'a'.repeat(15_000), `${'{"alg":'.repeat(100)}.a.b`].map(
          (token) => send(site, token),
        ),
      answers: '401 CUSTOMER_TOKEN_INVALID',
    },
    {
      name: 'that are good, but padded, in plain base64, with a part more, or with unused bits set',
      sends: (site) => {
        const token = tokenFor(site);
        const last = token.at(-1) ?? '';
        const next = String.fromCharCode(last.charCodeAt(0) + 1);
        return [
          `${token}=`,
          `${token}.`,
          `.${token}`,
          `${token}.e30`,
          `${token.slice(0, -1)}${next}`,
          `"${token}"`,
          `Bearer ${token}`,
          `${token}, ${token}`,
        ].map((bent) => send(site, bent));
      },
      answers: '401 CUSTOMER_TOKEN_INVALID',
    },
    {
      name: 'that are forgotten with a key that needs one, through every entrance',
      sends: (site) => {
        const headers = { Authorization: `Bearer ${site.customerKey}` };
        const tracks = { query: TRACK };
        return [
          post(site, OWN, headers),
          post(site, tracks, headers),
          post(site, tracks, { ...headers, 'Tollgate-Customer-Token': '' }),
          post(site, tracks, { ...headers, 'X-Tollgate-Customer-Token': tokenFor(site) }),
          post(site, { ...tracks, extensions: { customerToken: tokenFor(site) } }, headers),
          post(site, tracks, { ...headers, Cookie: `tollgate-customer-token=${tokenFor(site)}` }),
        ];
      },
      answers: '401 CUSTOMER_TOKEN_INVALID',
    },
    {
      name: 'that give back usage, or write what is not usage, with a key that says it may',
      sends: (site) =>
        [
          TRACK.replace('featureId', 'value: -1, featureId'),
          'mutation { createCustomer(input: { customerId: "x" }) { __typename } }',
          '{ apiKeys { edges { cursor } } }',
        ].map((query) =>
          post(
            site,
            { query },
            {
              Authorization: `Bearer ${site.customerKey}`,
              'Tollgate-Customer-Token': tokenFor(site),
            },
          ),
        ),
      answers: '403 FORBIDDEN',
    },
    {
      name: 'forged by the hundred',
      sends: (site) =>
        times(100, (n) => send(site, tokenFor(site, { jti: n }, { secret: 'guess' }))),
      answers: '401 CUSTOMER_TOKEN_INVALID',
      bounds: { work: 1_000 },
    },
    {
      name: 'for a customer that does not exist, or that another project has',
      sends: (site) =>
        ['none', 'theirs', '__proto__'].map((customer) => send(site, tokenFor(site, { customer }))),
      answers: '200 OK',
    },
    {
      name: 'that write for another customer than their own',
      sends: (site) => [
        post(
          site,
          {
            query: TRACK,
          },
          { 'Tollgate-Customer-Token': tokenFor(site, { customer: 'none' }) },
        ),
      ],
      answers: '200 CUSTOMER_NOT_FOUND',
    },
  ],
};
