/** Trusted documents are read at the start: an invalid one ends the start, and no request waits for another to be read. */

import type { Documents } from '../document.js';
import { shortened } from '../echo.js';
import type { Manifest } from './manifest.js';
import { TrustedDocumentsError } from './trusted-documents-error.js';

/** Throws a `TrustedDocumentsError` with a sentence about the first that cannot be executed. */
export function prepareTrusted(documents: Pick<Documents, 'trust'>, manifest: Manifest): void {
  for (const [id, text] of manifest) {
    const [error] = documents.trust(text)?.errors ?? [];
    if (error === undefined) continue;
    const [{ line, column } = { line: 1, column: 1 }] = error.locations ?? [];
    const why = error.message.replace(/\s+/g, ' ').replace(/\.$/, '');
    throw new TrustedDocumentsError(
      `The trusted document ${JSON.stringify(shortened(id))} cannot be executed: ${why} (line ${line}, column ${column}). ` +
        'Correct it where it is written, and have the manifest written anew.',
    );
  }
}
