/**
 * A backup file is a gzipped tar: what it is, the files of the database, and last a list of all of them with their digests, which also
 * shows that nothing is missing at the end.
 */
import { z } from 'zod';

/** The first entry. */
export const ABOUT = 'tollgate-backup.json';

/** The last entry. */
export const LIST = 'tollgate-files.json';

/** The database's own files are in a folder, beside these two. */
export const FILES = 'postgres';

export const FORMAT = 1;

/** Of either entry; a database of many gigabytes has some thousand files. */
export const JSON_BYTES_MAX = 64 * 2 ** 20;

export const aboutSchema = z.object({ format: z.number(), begunAt: z.string() });

export const listSchema = z.object({
  /** To which moment a restored database goes back. */
  asOf: z.string(),
  files: z.array(z.object({ name: z.string(), bytes: z.number(), sha256: z.string() })),
});

export type FileList = z.infer<typeof listSchema>;
export type ListedFile = FileList['files'][number];

/** What a backup of ours can contain: nothing that leads out of the folder into which it is unpacked. */
export function isOrdinary(name: string): boolean {
  return (
    /^[\w.-]+(\/[\w.-]+)*$/.test(name) &&
    name.split('/').every((part) => part !== '.' && part !== '..')
  );
}
