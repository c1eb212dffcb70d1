/**
 * Apollo's own generator writes the manifest, and Apollo Client and urql send its ids: the programs of docs/trusted-documents.md as
 * they are, against a gateway that executes nothing else.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTrustedDocuments } from '../../src/commands/trusted-documents.js';
import type { Manifest } from '../../src/http/trusted/manifest.js';
import { blocksOf } from '../support/client/page-examples.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';

const PACKAGES = fileURLToPath(new URL('node_modules', import.meta.url));

/** What an application has in src: operations, one of them with a fragment from another place. */
const OPERATIONS = `
import { gql } from '@apollo/client';

export const NAMES = gql\`
  fragment Names on Customer { customerId name }
\`;
export const READ_NAME = gql\`
  query ReadName($id: String!) { customer(customerId: $id) { ...Names } }
  \${NAMES}
\`;
export const CREATE = gql\`
  mutation Create($id: String!) {
    createCustomer(input: { customerId: $id, name: "New" }) {
      ... on CreateCustomerPayload { customer { ...Names } }
    }
  }
  \${NAMES}
\`;
`;

/** Runs the operations, then one that is in no manifest, and prints what was sent and answered. */
const program = (client: string, run: string) => `
import { gql } from '@apollo/client';
import { READ_NAME, CREATE } from './operations.js';

const texts = [];
const send = globalThis.fetch;
globalThis.fetch = (url, init) => {
  texts.push(/"query":|[?&]query=/.test(String(url) + String(init.body)));
  return send(url, init);
};
const { client } = await import('./${client}-client.js');
${run}
const id = 'customer-of-${client}';
const created = await mutate(CREATE, { id });
const read = await query(READ_NAME, { id });
const sent = texts.splice(0);
const unknown = await query(gql('query' + ' Unknown { features { edges { cursor } } }'), {});
console.log(JSON.stringify({ created, read, sent, unknown }));
`;

const PROGRAMS: Readonly<Record<string, string>> = {
  apollo: program(
    'apollo',
    `
const told = (result) => result.then(({ data }) => data, ({ message }) => message);
const mutate = (mutation, variables) => told(client.mutate({ mutation, variables }));
const query = (query, variables) => told(client.query({ query, variables, fetchPolicy: 'no-cache' }));`,
  ),
  urql: program(
    'urql',
    `
const told = async (result) => {
  const { data, error } = await result.toPromise();
  return data ?? error.message;
};
const mutate = (document, variables) => told(client.mutation(document, variables));
const query = (document, variables) => told(client.query(document, variables));`,
  ),
};

let folder: string;
let manifest: Manifest;
let gateway: TestGateway;

const run = promisify(execFile);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tollgate-manifests-'));
  await symlink(PACKAGES, join(folder, 'node_modules'));
  await mkdir(join(folder, 'src'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(join(folder, 'src/operations.js'), OPERATIONS);
  await run(join(PACKAGES, '.bin/generate-persisted-query-manifest'), [], { cwd: folder });
  const trustedDocumentsFile = join(folder, 'persisted-query-manifest.json');
  manifest = await readTrustedDocuments({ trustedDocuments: 'enforce', trustedDocumentsFile });
  gateway = await startTestGateway({ trustedDocuments: 'enforce', manifest });
  for (const { file, text } of await blocksOf('trusted-documents.md')) {
    if (file === null) continue;
    await writeFile(join(folder, file), text.replace('http://127.0.0.1:4000', gateway.origin));
  }
  for (const [client, text] of Object.entries(PROGRAMS)) {
    await writeFile(join(folder, `src/run-${client}.js`), text);
  }
});
afterAll(async () => {
  await gateway?.close();
  await rm(folder, { recursive: true });
});

it('what the generator writes is understood, document by document', async () => {
  const written = JSON.parse(await readFile(join(folder, 'persisted-query-manifest.json'), 'utf8'));
  expect(written.format).toBe('apollo-persisted-query-manifest');
  const names = written.operations.map(({ name }: { readonly name: string }) => name);
  expect(names.toSorted()).toEqual(['Create', 'ReadName']);
  for (const { id, body } of written.operations) expect(manifest.get(id)).toBe(body);
});

describe.each(Object.keys(PROGRAMS))('%s', (client) => {
  it('sends ids and no text, and what is in no manifest is not executed', async () => {
    const environment = { ...process.env, TOLLGATE_KEY: gateway.secret, NO_PROXY: '*' };
    const { stdout } = await run(process.execPath, [`src/run-${client}.js`], {
      cwd: folder,
      env: environment,
    });
    const { created, read, sent, unknown } = JSON.parse(stdout);
    const customer = { customerId: `customer-of-${client}`, name: 'New' };
    expect(created).toMatchObject({ createCustomer: { customer } });
    expect(read).toMatchObject({ customer });
    expect(sent).toEqual([false, false]);
    expect(unknown).toMatch(UNKNOWN[client] ?? '');
  });
});

/** Apollo Client does not even send it. */
const UNKNOWN: Readonly<Record<string, RegExp>> = {
  apollo: /manifest/,
  urql: /Only trusted documents are executed here/,
};
