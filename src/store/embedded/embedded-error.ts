/** The embedded database can't be opened, or has to stop. Made to be shown. */
export class EmbeddedError extends Error {
  override readonly name = 'EmbeddedError';
}

const SHOWN_CHARS_MAX = 200;

/** What the file system says of the folder, in a sentence. */
export function folderError(folder: string, cause: unknown): EmbeddedError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const path = folder.length > SHOWN_CHARS_MAX ? `${folder.slice(0, SHOWN_CHARS_MAX)}...` : folder;
  const reason = REASONS.get(code) ?? `can't be used (${code || String(cause)})`;
  const advice = 'Choose another folder by DATA_DIR, or name a PostgreSQL in DATABASE_URL.';
  return new EmbeddedError(`The data folder ${path} ${reason}. ${advice}`, { cause });
}

const NOT_WRITABLE = 'can be neither made nor written by this user';

const REASONS: ReadonlyMap<string, string> = new Map([
  ['EEXIST', 'is a file'],
  ['ENOTDIR', 'is below a file, not below a folder'],
  ['EACCES', NOT_WRITABLE],
  ['EPERM', NOT_WRITABLE],
  ['EROFS', 'is on a disk that is read-only'],
  ['ENOSPC', 'is on a disk that is full'],
  ['ENAMETOOLONG', 'has too long a name'],
  ['ELOOP', 'is a symbolic link that leads round in a circle'],
]);
