/** What trusted documents may contain, and what they may not; documents of gateways (ADR 34). */
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/platform/digest.js';
import { startTestGateway } from '../support/gateway/gateway.js';

/** More than strangers may write: 30 fields at the root, 21 levels, 2,200 words. */
const LARGE = `{ ${Array.from({ length: 30 }, (_, n) => `f${n}: __typename`).join(' ')}
  customer(customerId: "acme") { ${'entity(entityId: "e") { customer { '.repeat(10)}id ${'} } '.repeat(10)} ${Array.from({ length: 550 }, (_, n) => `n${n}: name`).join(' ')} } }`;
const MANY = `{ customers(first: 100) { edges { node {
  events(first: 100) { edges { node { customer { events(first: 100) { edges { cursor } } } } } } } } } }`;

const OTHER = '{ other: __typename }';
const MANIFEST = new Map([['type', '{ __typename }']]);

const hashed = (sha256Hash: string) => ({
  extensions: { persistedQuery: { version: 1, sha256Hash } },
});

it('gateways, which write their documents while they run, are not restricted', async () => {
  const subgraph = { typePrefix: '', fieldPrefix: '', hmacSecrets: [] };
  const gateway = await startTestGateway({
    trustedDocuments: 'enforce',
    manifest: MANIFEST,
    subgraph,
  });
  try {
    const request = (members: object) => ({ path: '/subgraph', body: members });
    for (const members of [
      { query: OTHER },
      { ...hashed(sha256Hex(OTHER)), query: OTHER },
      hashed(sha256Hex(OTHER)),
    ]) {
      const response = await gateway.send(request(members));
      expect(await response.json()).toEqual({ data: { other: 'Query' } });
    }
    expect((await gateway.send(request({ documentId: 'type' }))).status).toBe(404);
    expect((await gateway.send({ body: { query: OTHER } })).status).toBe(403);
  } finally {
    await gateway.close();
  }
});

describe('a trusted document', () => {
  it('may have a shape that others may not, in either form', async () => {
    const gateway = await startTestGateway({ manifest: new Map([['large', LARGE]]) });
    const stranger = await startTestGateway();
    try {
      for (const members of [{ documentId: 'large' }, { query: LARGE }]) {
        const response = await gateway.send({ body: members });
        expect(await response.json()).toMatchObject({ data: { f29: 'Query', customer: null } });
      }
      const refused = await stranger.execute(LARGE);
      expect(refused.errors).toMatchObject([{ extensions: { code: 'QUERY_TOO_COMPLEX' } }]);
    } finally {
      await gateway.close();
      await stranger.close();
    }
  });

  it('may cause no more work than any other', async () => {
    const gateway = await startTestGateway({ manifest: new Map([['many', MANY]]) });
    const response = await gateway.send({ body: { documentId: 'many' } });
    expect(await response.json()).toMatchObject({
      errors: [{ extensions: { code: 'QUERY_TOO_COMPLEX' } }],
    });
    await gateway.close();
  });
});
