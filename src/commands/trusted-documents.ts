/** Reads the manifests of trusted documents that the settings name. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { OperationBounds } from '../config/operation-bounds.js';
import type { Config } from '../config.js';
import { addManifest, type Manifest, NO_MANIFEST } from '../http/trusted/manifest.js';
import { TrustedDocumentsError } from '../http/trusted/trusted-documents-error.js';

/** Of all manifests together: their documents stay in memory, where they take a hundred times as much. */
export const MANIFESTS_BYTES_MAX = 4 * 1024 * 1024;

export const MANIFEST_FILES_MAX = 100;

type Settings = Pick<Config, 'trustedDocuments' | 'trustedDocumentsFile'>;

/** Throws a `TrustedDocumentsError` with a sentence about what is wrong with a file. */
export async function readTrustedDocuments(settings: Settings): Promise<Manifest> {
  const { trustedDocuments: mode, trustedDocumentsFile: file } = settings;
  if (mode === 'off' || file === null) return NO_MANIFEST;
  const documents = new Map<string, string>();
  let bytes = 0;
  for (const each of await filesAt(file)) {
    const text = await about(each, async () => {
      bytes += (await stat(each)).size;
      if (bytes > MANIFESTS_BYTES_MAX) {
        throw new TrustedDocumentsError(
          `is too large: manifests may have ${MANIFESTS_BYTES_MAX} bytes in all`,
        );
      }
      return decoded(await readFile(each));
    });
    await about(each, async () => addManifest(text, documents));
  }
  if (mode === 'enforce' && documents.size === 0) {
    await about(file, async () => {
      throw new TrustedDocumentsError(
        'has no documents, and with TRUSTED_DOCUMENTS=enforce nothing could be executed',
      );
    });
  }
  return documents;
}

/** For a process that does not serve: reads them, and throws as one that does would. */
export async function checkTrustedDocuments(config: Settings & OperationBounds): Promise<Manifest> {
  const manifest = await readTrustedDocuments(config);
  if (manifest.size === 0) return manifest;
  // The schema takes a second to load.
  const { checkTrusted } = await import('../http/trusted/check.js');
  checkTrusted(config, manifest);
  return manifest;
}

/** The file itself, or the manifests in a folder. */
async function filesAt(file: string): Promise<string[]> {
  return about(file, async () => {
    if (!(await stat(file)).isDirectory()) return [file];
    const names = (await readdir(file)).filter((name) => name.endsWith('.json')).toSorted();
    if (names.length === 0) throw new TrustedDocumentsError('is a folder without .json files');
    if (names.length > MANIFEST_FILES_MAX) {
      throw new TrustedDocumentsError(
        `has ${names.length} .json files: there may be ${MANIFEST_FILES_MAX}`,
      );
    }
    return names.map((name) => join(file, name));
  });
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new TrustedDocumentsError('is not text in UTF-8', { cause });
  }
}

async function about<T>(file: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw new TrustedDocumentsError(`TRUSTED_DOCUMENTS_FILE: ${file} ${whyOf(error)}.`, {
      cause: error,
    });
  }
}

const REASONS = new Map<unknown, string>([
  ['ENOENT', 'does not exist'],
  ['EACCES', 'may not be read by this user'],
  ['ENOTDIR', 'does not exist'],
]);

function whyOf(error: unknown): string {
  if (error instanceof TrustedDocumentsError) return error.message;
  if (!(error instanceof Error)) return 'cannot be read';
  const code = 'code' in error ? error.code : undefined;
  return REASONS.get(code) ?? `cannot be read: ${error.message}`;
}
