/** Why trusted documents cannot be used, for the operator. */
export class TrustedDocumentsError extends Error {
  override readonly name = 'TrustedDocumentsError';
}
