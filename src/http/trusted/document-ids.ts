/** Which text a request means: the one that it contains, or the one whose id or hash it gives (ADR 34). */
import type { TrustedDocumentsMode } from '../../config/trusted-documents-settings.js';
import { sha256Hex } from '../../platform/digest.js';
import { shortened } from '../echo.js';
import { protocolError } from '../errors.js';
import { DOCUMENT_CHARS_MAX } from '../limits.js';
import type { Asked, Params } from '../params.js';
import { type Manifest, withDigests } from './manifest.js';
import type { RegisteredQueries } from './registered-queries.js';

export interface DocumentIdsOptions {
  readonly mode: TrustedDocumentsMode;
  readonly manifest: Manifest;
  readonly registered: RegisteredQueries;
}

export class DocumentIds {
  readonly #mode: TrustedDocumentsMode;
  readonly #manifest: Manifest;
  readonly #texts: ReadonlySet<string>;
  readonly #registered: RegisteredQueries;

  constructor({ mode, manifest, registered }: DocumentIdsOptions) {
    this.#mode = mode;
    this.#manifest = mode === 'off' ? new Map() : withDigests(manifest);
    this.#texts = new Set(this.#manifest.values());
    this.#registered = registered;
  }

  /** The request, with the text of its document. Throws a protocol error if there is none, or none that may be executed. */
  resolve(asked: Asked, projectId: string): Params {
    const { operationName, variables, extensions } = asked;
    return { query: this.#textOf(asked, projectId), operationName, variables, extensions };
  }

  #textOf({ query, documentId, sha256Hash }: Asked, projectId: string): string {
    if (documentId !== null) return this.#ofId(documentId, query);
    if (query === null) return this.#ofHash(sha256Hash ?? '', projectId);
    this.#refuseUntrusted(query);
    if (sha256Hash !== null && this.#mode !== 'off') this.#register(sha256Hash, query, projectId);
    return query;
  }

  #ofId(id: string, query: string | null): string {
    const text = this.#manifest.get(id);
    if (text === undefined) throw notFound(id);
    if (query !== null && query !== text) {
      throw protocolError(
        'BAD_REQUEST',
        'The request has a "documentId" and a "query" that differ. Send one of them.',
      );
    }
    return text;
  }

  #ofHash(hash: string, projectId: string): string {
    if (this.#mode === 'off') throw protocolError('PERSISTED_QUERY_NOT_SUPPORTED');
    const text = this.#manifest.get(hash);
    if (text !== undefined) return text;
    // Clients would send the text next, which is refused as well.
    if (this.#mode === 'enforce') throw notFound(hash);
    const registered = this.#registered.get(projectId, hash);
    if (registered === undefined) throw protocolError('PERSISTED_QUERY_NOT_FOUND');
    return registered;
  }

  #refuseUntrusted(query: string): void {
    if (this.#mode !== 'enforce' || this.#texts.has(query)) return;
    throw protocolError('PERSISTED_DOCUMENT_ID_REQUIRED');
  }

  #register(hash: string, query: string, projectId: string): void {
    if (this.#manifest.get(hash) === query) return;
    if (this.#registered.get(projectId, hash) === query) return;
    // It is refused before it is read.
    if (query.length > DOCUMENT_CHARS_MAX) return;
    // Half a character has no UTF-8, so a text with one would have the hash of another text, which it would then stand for.
    if (!query.isWellFormed() || sha256Hex(query) !== hash)
      throw protocolError('PERSISTED_QUERY_MISMATCH');
    if (this.#mode === 'allow') this.#registered.set(projectId, hash, query);
  }
}

function notFound(id: string) {
  return protocolError(
    'PERSISTED_DOCUMENT_NOT_FOUND',
    `No trusted document has the id ${JSON.stringify(shortened(id))}. Check that the gateway has the manifest of this ` +
      'version of the client.',
  );
}
