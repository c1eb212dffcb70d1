import type { OperationBounds } from '../../config/operation-bounds.js';
import { schema } from '../../schema/index.js';
import { Documents } from '../document.js';
import type { Manifest } from './manifest.js';
import { prepareTrusted } from './prepare.js';

/** Throws if a gateway could not execute all of the documents, without preparing them for one. */
export function checkTrusted(bounds: OperationBounds, manifest: Manifest): void {
  prepareTrusted(new Documents({ ...bounds, schema, name: '' }), manifest);
}
