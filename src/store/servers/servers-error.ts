/** Why servers or places cannot be changed as wanted, in a sentence that says what to do. It is meant to be shown. */
export class ServersError extends Error {
  override readonly name = 'ServersError';
}
