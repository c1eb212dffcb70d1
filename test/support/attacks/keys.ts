import type { Attacks } from './attack.js';
import { post, times } from './requests.js';
import type { Site } from './site.js';

const QUERY = { query: '{ customers { edges { cursor } } }' };

const withKey = (site: Site, authorization: string) =>
  post(site, QUERY, { Authorization: authorization });

const secretOf = (n: number) => `tg_sk_${String(n).padStart(43, 'A')}`;

export const KEYS: Attacks = {
  kind: 'keys',
  attacks: [
    {
      name: 'that are unknown, revoked, expired, cut off, padded or of another form',
      sends: (site) => [
        withKey(site, `Bearer ${secretOf(0)}`),
        withKey(site, `Bearer ${site.revoked}`),
        withKey(site, `Bearer ${site.expired}`),
        withKey(site, `Bearer ${site.secret.slice(0, -1)}`),
        withKey(site, `Bearer ${site.secret}=`),
        withKey(site, `Bearer ${site.secret.toLowerCase()}`),
        withKey(site, `Bearer ${site.secret}, Bearer ${site.secret}`),
        withKey(site, `Bearer ${site.secret} ${site.secret}`),
        withKey(site, `Bearer "${site.secret}"`),
        withKey(site, site.secret),
        withKey(site, `Basic ${btoa(`${site.secret}:`)}`),
        withKey(site, 'Bearer'),
        withKey(site, 'Bearer null'),
        withKey(site, 'Bearer __proto__'),
      ],
      answers: '401 UNAUTHENTICATED',
    },
    {
      name: 'guessed hundreds of times at once',
      sends: (site) => times(300, (n) => withKey(site, `Bearer ${secretOf(n)}`)),
      answers: '401 UNAUTHENTICATED',
      bounds: { work: 2_000 },
    },
    {
      name: 'in a header as long as one can be',
      sends: (site) => [
        withKey(site, `Bearer ${' '.repeat(15_000)}x`),
        withKey(site, `Bearer ${' a'.repeat(7_000)}`),
        withKey(site, `Bearer ${'a'.repeat(15_000)}`),
        withKey(site, `${'Bearer '.repeat(2_000)}`),
      ],
      answers: '401 UNAUTHENTICATED',
    },
    {
      name: 'in another header',
      sends: (site) =>
        [
          'X-Api-Key',
          'X-Authorization',
          'Proxy-Authorization',
          'X-Forwarded-Authorization',
          'Authorization2',
        ].map((name) => post(site, QUERY, { Authorization: '', [name]: `Bearer ${site.secret}` })),
      answers: '401 UNAUTHENTICATED',
    },
    {
      name: 'of the wrong kind before the right one',
      sends: (site) => [
        withKey(site, `Bearer ${secretOf(0)}\r\nAuthorization: Bearer ${site.secret}`),
      ],
      answers: '401 UNAUTHENTICATED',
    },
    {
      name: 'and the project, the role or the caller said by headers',
      sends: (site) =>
        [
          'X-Project-Id',
          'X-Role',
          'X-Hasura-Admin-Secret',
          'X-Forwarded-User',
          'X-Original-User',
        ].map((name) => post(site, QUERY, { Authorization: '', [name]: 'admin' })),
      answers: '401 UNAUTHENTICATED',
    },
  ],
};
