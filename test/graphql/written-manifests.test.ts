/** The manifest that GraphQL Code Generator writes is what TRUSTED_DOCUMENTS_FILE takes, and its ids are what clients send. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from '@graphql-codegen/cli';
import { printSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTrustedDocuments } from '../../src/commands/trusted-documents.js';
import { schema } from '../../src/schema/index.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';

const DOCUMENTS = `
  query Name($id: String!) { customer(customerId: $id) { ...Names } }
  fragment Names on Customer { customerId name }
  mutation Rename($id: String!) {
    updateCustomer(input: { customerId: $id, name: "New" }) { __typename }
  }`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tollgate-codegen-'));
  await writeFile(join(folder, 'documents.graphql'), DOCUMENTS);
});
afterAll(() => rm(folder, { recursive: true }));

/** As docs/trusted-documents.md shows it. */
async function generated(persistedDocuments: unknown): Promise<string> {
  const output = `${join(folder, 'gql')}/`;
  await generate(
    {
      schema: printSchema(schema),
      documents: [join(folder, 'documents.graphql')],
      silent: true,
      generates: { [output]: { preset: 'client', presetConfig: { persistedDocuments } } },
    },
    true,
  );
  return output;
}

const settings = (trustedDocumentsFile: string) =>
  ({ trustedDocuments: 'enforce', trustedDocumentsFile }) as const;

describe.each<[string, unknown]>([
  ['its defaults', true],
  ['another name for the hash', { hashPropertyName: 'documentId', mode: 'embedHashInDocument' }],
  ['SHA-1', { hashAlgorithm: 'sha1' }],
])('with %s', (_what, persistedDocuments) => {
  let gateway: TestGateway;
  let ids: Map<string, string>;
  beforeAll(async () => {
    const output = await generated(persistedDocuments);
    const manifest = await readTrustedDocuments(settings(join(output, 'persisted-documents.json')));
    gateway = await startTestGateway({ trustedDocuments: 'enforce', manifest });
    // What the generated documents tell a client to send.
    const written = await readFile(join(output, 'graphql.ts'), 'utf8');
    const hashes = [...written.matchAll(/"(?:hash|documentId)":\s*"([^"]+)"/g)];
    ids = new Map(
      hashes.map(([, id = '']) => [
        manifest.get(id)?.match(/(?:query|mutation) (\w+)/)?.[1] ?? '',
        id,
      ]),
    );
  });
  afterAll(() => gateway.close());

  it.each([
    ['Name', { customer: null }],
    ['Rename', { updateCustomer: { __typename: 'CustomerNotFoundError' } }],
  ])('the id of %s is executed', async (name, data) => {
    const documentId = ids.get(name);
    expect(documentId).toBeDefined();
    const variables = { id: 'nobody' };
    const response = await gateway.send({ body: { documentId, variables } });
    expect(await response.json()).toEqual({ data });
    const persistedQuery = { version: 1, sha256Hash: documentId };
    const hashed = await gateway.send({ body: { variables, extensions: { persistedQuery } } });
    expect(await hashed.json()).toEqual({ data });
  });
});
