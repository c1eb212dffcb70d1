/** Each way in which a manifest of trusted documents can be unusable ends a start with a sentence. */
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  checkTrustedDocuments,
  MANIFEST_FILES_MAX,
  MANIFESTS_BYTES_MAX,
  readTrustedDocuments,
} from '../../src/commands/trusted-documents.js';
import type { TrustedDocumentsMode } from '../../src/config/trusted-documents-settings.js';
import { MANIFEST_DOCUMENTS_MAX } from '../../src/http/trusted/manifest.js';
import { TrustedDocumentsError } from '../../src/http/trusted/trusted-documents-error.js';
import { sha256Hex } from '../../src/platform/digest.js';
import { GATEWAY_CONFIG } from '../support/gateway/limits.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tollgate-manifests-'));
});
afterAll(() => rm(folder, { recursive: true }));

let files = 0;

async function fileOf(content: string | Uint8Array): Promise<string> {
  files += 1;
  const file = join(folder, `${files}.json`);
  await writeFile(file, content);
  return file;
}

async function folderOf(contents: readonly string[]): Promise<string> {
  files += 1;
  const path = join(folder, `folder-${files}`);
  await mkdir(path);
  for (const [n, text] of contents.entries()) await writeFile(join(path, `${n}.json`), text);
  return path;
}

const settings = (file: string | null, mode: TrustedDocumentsMode = 'allow') => ({
  ...GATEWAY_CONFIG,
  trustedDocuments: mode,
  trustedDocumentsFile: file,
});

async function messageFor(file: string, mode?: TrustedDocumentsMode): Promise<string> {
  const checked = checkTrustedDocuments(settings(file, mode));
  const error: unknown = await checked.then(
    () => null,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(TrustedDocumentsError);
  const { message } = error as Error;
  expect(message).not.toContain('\n');
  expect(message.length).toBeLessThan(600);
  expect(message).toMatch(/\.$/);
  return message.replace(file, 'FILE');
}

const QUERY = '{ __typename }';
const apollo = (...operations: unknown[]) =>
  JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations });

describe('a manifest that', () => {
  it.each<[string, string | Uint8Array, RegExp]>([
    [
      'is empty',
      '',
      /^TRUSTED_DOCUMENTS_FILE: FILE is not valid JSON: Unexpected end of JSON input\.$/,
    ],
    ['is not JSON', 'query {\n a }', /FILE is not valid JSON: /],
    ['is not UTF-8', new Uint8Array([0x7b, 0xff]), /FILE is not text in UTF-8\.$/],
    ['is a list', '[]', /FILE is not a JSON object\.$/],
    [
      'has another format',
      '{"format":"relay","operations":[]}',
      /has a format other than those of GraphQL/,
    ],
    [
      'has another version',
      JSON.stringify({ ...JSON.parse(apollo()), version: 2 }),
      /has a format other/,
    ],
    [
      'nests its documents',
      '{"documents":{"a":"{ b }"}}',
      /has no text for the document "documents"\.$/,
    ],
    ['has an operation without an id', apollo({ body: QUERY }), /has a document without an id\.$/],
    ['has an operation that is null', apollo(null), /has a document without an id\.$/],
    ['has an operation without a body', apollo({ id: 'a' }), /has no text for the document "a"\.$/],
    ['has a document without text', '{"a":" "}', /has no text for the document "a"\.$/],
    [
      'has digests by SHA-1',
      '{"sha1:ab":"{ a }"}',
      /the id "sha1:ab", which is not a SHA-256: have it written with/,
    ],
    ['has digests by MD5', '{"md5:ab":"{ a }"}', /which is not a SHA-256/],
    [
      'has a wrong digest',
      `{"sha256:ab":"{ a }"}`,
      /"sha256:ab", which is not the SHA-256 of its document: write/,
    ],
    [
      'has two documents with an id',
      apollo({ id: 'a', body: QUERY }, { id: 'a', body: '{ a }' }),
      /has a document "a" that differs from another one with this id\.$/,
    ],
    [
      'has too many documents',
      JSON.stringify(
        Object.fromEntries(
          Array.from({ length: MANIFEST_DOCUMENTS_MAX + 1 }, (_, n) => [`n${n}`, QUERY]),
        ),
      ),
      /has too many documents: there may be 5000 in all\.$/,
    ],
    [
      'has a document that is not valid',
      `{"Names":"query {\\n  customer { nothing } }"}`,
      /^The trusted document "Names" cannot be executed: .*nothing.* \(line 2, column \d+\)\. Correct it/,
    ],
    [
      'has a document that cannot be parsed',
      '{"a":"query {"}',
      /"a" cannot be executed: Syntax Error: Expected Name/,
    ],
    [
      'has a document of the wrong type',
      '{"a":"subscription { a }"}',
      /"a" cannot be executed: It must contain queries and mutations/,
    ],
    [
      'has a document without an operation',
      '{"a":"fragment A on Query { __typename }"}',
      /"a" cannot be executed: /,
    ],
    [
      'has a document with two batches',
      JSON.stringify({
        a: `mutation { ${['a', 'b'].map((key) => `${key}: trackBalances(inputs: []) { __typename }`).join(' ')} }`,
      }),
      /more than 1 batch \(trackBalances\) at its root/,
    ],
    [
      'has a document that repeats a field too often',
      JSON.stringify({ a: `{ ${'features { edges { node { id } } } '.repeat(400)} }` }),
      /"a" cannot be executed: The operation repeats fields so often/,
    ],
    [
      'nests too deep',
      JSON.stringify({ a: '{a'.repeat(5_000) }),
      /nests brackets more than 100 deep/,
    ],
    [
      'has a long id',
      JSON.stringify({ ['x'.repeat(5_000)]: '{ nothing }' }),
      /The trusted document "x{100,240}/,
    ],
  ])('%s is refused', async (_what, content, message) => {
    expect(await messageFor(await fileOf(content))).toMatch(message);
  });

  it('does not exist is refused', async () => {
    expect(await messageFor(join(folder, 'none.json'))).toMatch(
      /^TRUSTED_DOCUMENTS_FILE: FILE does not exist\.$/,
    );
    expect(await messageFor(join(await fileOf('{}'), 'in-a-file'))).toMatch(/does not exist\.$/);
  });

  it('is huge is refused before it is read', async () => {
    const file = await fileOf('{}');
    await truncate(file, MANIFESTS_BYTES_MAX + 1);
    expect(await messageFor(file)).toMatch(
      /FILE is too large: manifests may have 4194304 bytes in all\.$/,
    );
  });

  it('has no documents is refused only if nothing else may be executed', async () => {
    const file = await fileOf('{}');
    expect(await messageFor(file, 'enforce')).toMatch(
      /FILE has no documents, and with TRUSTED_DOCUMENTS=enforce/,
    );
    expect((await readTrustedDocuments(settings(file))).size).toBe(0);
  });

  it('is not used is not read', async () => {
    for (const unused of [settings(join(folder, 'none.json'), 'off'), settings(null)]) {
      expect((await readTrustedDocuments(unused)).size).toBe(0);
    }
  });
});

describe('a folder', () => {
  it('is read with all of its manifests, whatever tool wrote them', async () => {
    const id = `sha256:${sha256Hex(QUERY)}`;
    const path = await folderOf([
      `\ufeff${JSON.stringify({ [id]: QUERY })}`,
      apollo({ id: 'Names', name: 'Names', type: 'query', body: '{ a: __typename }' }),
      // Two clients may have a document in common.
      JSON.stringify({ [id]: QUERY, ['__proto__']: '{ b: __typename }' }),
    ]);
    await writeFile(join(path, 'README.md'), 'not a manifest');
    const documents = await readTrustedDocuments(settings(path));
    expect([...documents]).toEqual([
      [id, QUERY],
      ['Names', '{ a: __typename }'],
      ['__proto__', '{ b: __typename }'],
    ]);
  });

  it.each<[string, readonly string[], RegExp]>([
    ['is empty', [], /FILE is a folder without \.json files\.$/],
    [
      'has too many files',
      Array(MANIFEST_FILES_MAX + 1).fill('{}'),
      /has 101 \.json files: there may be 100\.$/,
    ],
    [
      'has two documents with an id',
      ['{"a":"{ a }"}', '{"a":"{ b }"}'],
      /FILE\/1\.json has a document "a" that differs/,
    ],
  ])('that %s is refused', async (_what, contents, message) => {
    expect(await messageFor(await folderOf(contents))).toMatch(message);
  });
});
