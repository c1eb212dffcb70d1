/** Manifests of trusted documents, as the tools that clients are built with write them (ADR 34). */
import { sha256Hex } from '../../platform/digest.js';
import { shortened } from '../echo.js';
import { TrustedDocumentsError } from './trusted-documents-error.js';

/** The texts of documents, by their ids. */
export type Manifest = ReadonlyMap<string, string>;

export const NO_MANIFEST: Manifest = new Map();

/** Preparing that many takes a few seconds. */
export const MANIFEST_DOCUMENTS_MAX = 5_000;

const APOLLO_FORMAT = 'apollo-persisted-query-manifest';

/** Adds the documents of a manifest. Throws a `TrustedDocumentsError` that continues a sentence about its file. */
export function addManifest(json: string, into: Map<string, string>): void {
  const manifest = parsed(json);
  const documents = 'format' in manifest ? ofApollo(manifest) : Object.entries(manifest);
  for (const [id, text] of documents) add(id, text, into);
}

/** With the SHA-256 of each document as an id too, in both forms: some tools write `sha256:` before it, and clients send it without. */
export function withDigests(documents: Manifest): Manifest {
  const all = new Map(documents);
  for (const text of documents.values()) {
    const digest = sha256Hex(text);
    for (const form of [digest, PREFIX + digest]) if (!all.has(form)) all.set(form, text);
  }
  return all;
}

const PREFIX = 'sha256:';

function parsed(json: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    const why = error instanceof Error ? `: ${shortened(error.message).replace(/\s+/g, ' ')}` : '';
    throw new TrustedDocumentsError(`is not valid JSON${why}`, { cause: error });
  }
  if (isObject(value)) return value;
  throw new TrustedDocumentsError('is not a JSON object');
}

function ofApollo(manifest: Readonly<Record<string, unknown>>): [unknown, unknown][] {
  const { format, version, operations } = manifest;
  if (format !== APOLLO_FORMAT || version !== 1 || !Array.isArray(operations)) {
    throw new TrustedDocumentsError(
      `has a format other than those of GraphQL Code Generator and "${APOLLO_FORMAT}" version 1`,
    );
  }
  return operations.map((operation) =>
    isObject(operation) ? [operation['id'], operation['body']] : [undefined, undefined],
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What follows them is a digest by another algorithm. */
const OTHER_ALGORITHM = /^(?!sha256:)(sha[\d-]+|md5|blake\w*):/i;

function add(id: unknown, text: unknown, into: Map<string, string>): void {
  if (typeof id !== 'string' || id === '')
    throw new TrustedDocumentsError('has a document without an id');
  const name = JSON.stringify(shortened(id));
  if (typeof text !== 'string' || text.trim() === '') {
    throw new TrustedDocumentsError(`has no text for the document ${name}`);
  }
  if (OTHER_ALGORITHM.test(id)) {
    throw new TrustedDocumentsError(
      `has the id ${name}, which is not a SHA-256: have it written with sha256`,
    );
  }
  if (id.startsWith(PREFIX) && id !== PREFIX + sha256Hex(text)) {
    throw new TrustedDocumentsError(
      `has the id ${name}, which is not the SHA-256 of its document: write it anew`,
    );
  }
  if (into.has(id) && into.get(id) !== text) {
    throw new TrustedDocumentsError(
      `has a document ${name} that differs from another one with this id`,
    );
  }
  if (into.size >= MANIFEST_DOCUMENTS_MAX && !into.has(id)) {
    throw new TrustedDocumentsError(
      `has too many documents: there may be ${MANIFEST_DOCUMENTS_MAX} in all`,
    );
  }
  into.set(id, text);
}
