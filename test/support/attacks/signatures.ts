import { createHmac } from 'node:crypto';
import { wallClockMs } from '../../../src/platform/clock.js';
import type { Attack, Attacks } from './attack.js';
import { get, postText } from './requests.js';
import { HMAC_SECRET, type Site } from './site.js';

const BODY = JSON.stringify({ query: '{ __typename }' });

const now = () => Math.floor(wallClockMs() / 1_000);

const hmac = (text: string, secret = HMAC_SECRET) => createHmac('sha256', secret).update(text);

function signatureOf(body: string, { at = now(), secret = HMAC_SECRET } = {}): string {
  return `t=${at},v1=${hmac(`${at}.${body}`, secret).digest('hex')}`;
}

const send = (site: Site, body: string, headers: Readonly<Record<string, string>> = {}) =>
  postText(site, body, headers).replace('POST /graphql', 'POST /subgraph');

const signed = (site: Site, signature: string, body = BODY) =>
  send(site, body, { 'Tollgate-Signature': signature });

const byHive = (given: object, signature: unknown) =>
  JSON.stringify({ ...given, extensions: { 'hmac-signature': signature } });

const strict = (attack: Attack): Attack => ({ ...attack, at: 'STRICT' });

/** With a valid key of a client, to the entrance where gateways have to sign. */
export const SIGNATURE_ATTACKS: Attacks = {
  kind: 'signatures of a gateway',
  attacks: [
    {
      name: 'that are absent',
      sends: (site: Site) => [
        send(site, BODY),
        send(site, byHive({ query: '{ __typename }' }, undefined)),
        send(site, JSON.stringify({ query: '{ __typename }', extensions: { __proto__: null } })),
        send(site, BODY, { 'X-Tollgate-Signature': signatureOf(BODY) }),
      ],
      answers: '403 GATEWAY_SIGNATURE_MISSING',
    },
    {
      name: 'that are wrong, or no signatures',
      sends: (site: Site) => [
        signed(site, signatureOf(BODY, { secret: 'another-secret-of-32-characters-or-so' })),
        signed(site, signatureOf(`${BODY} `)),
        signed(site, signatureOf(BODY).replace('t=', 't=0')),
        signed(site, signatureOf(BODY).replace('v1=', 'v0=')),
        signed(site, signatureOf(BODY).slice(0, -1)),
        signed(site, `${signatureOf(BODY)},v1=00`),
        signed(site, signatureOf(BODY).toUpperCase()),
        signed(site, `t=${now()},v1=`),
        signed(site, `t=NaN,v1=${'0'.repeat(64)}`),
        signed(site, `t=1e10,v1=${'0'.repeat(64)}`),
        signed(site, `t=${'9'.repeat(10_000)},v1=${'0'.repeat(64)}`),
        signed(site, 'none'),
      ],
      answers: '403 GATEWAY_SIGNATURE_INVALID',
    },
    {
      name: 'that are replayed after five minutes, or are from the future',
      sends: (site: Site) => [
        ...[-302, -86_400, 302, 86_400].map((seconds) =>
          signed(site, signatureOf(BODY, { at: now() + seconds })),
        ),
        signed(site, signatureOf(BODY, { at: 0 })),
      ],
      answers: '403 GATEWAY_SIGNATURE_EXPIRED',
    },
    {
      name: 'of another body',
      sends: (site: Site) => {
        const signature = signatureOf(BODY);
        return [
          JSON.stringify({ query: 'mutation { __typename }' }),
          `${BODY}\n`,
          BODY.replace('query', 'que\\u0072y'),
        ].map((body) => signed(site, signature, body));
      },
      answers: '403 GATEWAY_SIGNATURE_INVALID',
    },
    {
      name: 'sent twice, the right one behind a wrong one',
      sends: (site: Site) => [
        signed(site, `t=1,v1=${'0'.repeat(64)}\r\nTollgate-Signature: ${signatureOf(BODY)}`),
      ],
      answers: '403 GATEWAY_SIGNATURE_INVALID',
    },
    {
      name: 'in the extension, that are none, or of other parameters',
      sends: (site: Site) => {
        const query = '{ __typename }';
        const right = hmac(JSON.stringify({ query })).digest('base64');
        return [
          ...[
            '',
            7,
            null,
            [],
            {},
            'none',
            `${right} `,
            right.replace('=', ''),
            'A'.repeat(100_000),
          ].map((signature) => byHive({ query }, signature)),
          byHive({ query: `${query} ` }, right),
          byHive({ query, variables: { a: 1 } }, right),
        ].map((body) => send(site, body));
      },
      answers: '403 GATEWAY_SIGNATURE_INVALID',
    },
    {
      name: 'in the extension, of variables deeper than a stack',
      sends: (site: Site) => {
        const deep = `${'['.repeat(40_000)}${']'.repeat(40_000)}`;
        const extensions = JSON.stringify({ 'hmac-signature': `${'A'.repeat(43)}=` });
        return [
          send(
            site,
            `{"query":"{ __typename }","variables":{"a":${deep}},"extensions":${extensions}}`,
          ),
        ];
      },
      answers: '403 GATEWAY_SIGNATURE_INVALID',
    },
    {
      name: 'avoided by another method or another form of the address',
      sends: (site: Site) => [
        get(site, { query: '{ __typename }' }).replace('GET /graphql', 'GET /subgraph'),
        get(site, { query: '{ __typename }' }).replace('GET /graphql', 'GET /subgraph/'),
      ],
      answers: '405 BAD_REQUEST',
    },
    {
      name: 'instead of a key',
      sends: (site: Site) => [
        send(site, BODY, { Authorization: '', 'Tollgate-Signature': signatureOf(BODY) }),
      ],
      answers: '401 UNAUTHENTICATED',
    },
  ].map((attack) => strict(attack)),
};
