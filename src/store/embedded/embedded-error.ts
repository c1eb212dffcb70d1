/** The embedded database cannot be opened, or has to stop. The message is meant to be shown. */
export class EmbeddedError extends Error {
  override readonly name = 'EmbeddedError';
}

const SHOWN_CHARS_MAX = 200;

/** The file system's error about the folder, in a sentence. */
export function folderError(folder: string, cause: unknown): EmbeddedError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const path = folder.length > SHOWN_CHARS_MAX ? `${folder.slice(0, SHOWN_CHARS_MAX)}...` : folder;
  const reason = REASONS.get(code) ?? `cannot be used (${code || String(cause)})`;
  const advice = 'Set DATA_DIR to another folder, or DATABASE_URL to a PostgreSQL.';
  return new EmbeddedError(`The data folder ${path} ${reason}. ${advice}`, { cause });
}

const NOT_WRITABLE = 'cannot be created or written by this user';

const REASONS: ReadonlyMap<string, string> = new Map([
  ['EEXIST', 'is a file'],
  ['ENOTDIR', 'is below a file, not a folder'],
  ['ENOENT', 'cannot be created'],
  ['EACCES', NOT_WRITABLE],
  ['EPERM', NOT_WRITABLE],
  ['EROFS', 'is on a read-only disk'],
  ['ENOSPC', 'is on a full disk'],
  ['ENAMETOOLONG', 'has a name that is too long'],
  ['ELOOP', 'is a symbolic link that refers to itself'],
]);
