/** The name of an import, which the keys of its lines begin with (ADR 49). */
import { open, readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { CommandError } from '../run.js';
import type { KeyOf } from './read-line.js';
import { type Content, contentOf } from './source.js';

/** What may be part of a key and of the name of a file. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Half a digest is enough that no two files have the same. */
const DIGITS = 32;

/** Beside the file: what it contained when it was first imported, and the name that it got. */
const noteSchema = z.object({
  name: z.string().regex(NAME),
  bytes: z.number().int().nonnegative(),
  sha256: z.string(),
});

const EMPTY = 'empty';

export function keysOf(name: string): KeyOf {
  return (line) => `import:${name}:${line}`;
}

/** A name that the user has given. */
export function checkedName(name: string): string {
  if (NAME.test(name)) return name;
  throw new CommandError(
    '--name must be 1 to 100 letters, digits, dots, hyphens and underscores, and begin with a letter or a digit.',
  );
}

/**
 * The name under which the file is imported: from the note of the first time, or else from its content, which it notes. Throws
 * if the file has changed since, because then the numbers of its lines may stand for other lines.
 */
export async function nameOfFile(path: string, content: Content): Promise<string> {
  const notePath = `${path}.import`;
  // There is nothing to record, and the name would be that of every empty file.
  if (content.bytes === 0) return EMPTY;
  const noted = await noteIn(notePath);
  if (noted === null) {
    const name = content.sha256.slice(0, DIGITS);
    await write(notePath, { name, ...content });
    return name;
  }
  const begun = noted.bytes === content.bytes ? content : await beginningOf(path, noted.bytes);
  if (begun.bytes === noted.bytes && begun.sha256 === noted.sha256) return noted.name;
  throw new CommandError(
    `${path} is not what it was when it was first imported: something other than the end has changed. If its lines ` +
      `are still the same, in the same places, apart from some that were refused, add --name ${noted.name} to go on ` +
      'with that import. If all of them are new, add another --name, which no import had before, or remove ' +
      `${notePath}.`,
  );
}

type Note = z.infer<typeof noteSchema>;

async function noteIn(path: string): Promise<Note | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  const parsed = noteSchema.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new CommandError(
    `${path} should contain the name of an import, and does not. Add --name with the name that it had.`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Replaced as a whole, so that it is never half written. */
async function write(path: string, note: Note): Promise<void> {
  try {
    await writeFile(`${path}.new`, `${JSON.stringify(note)}\n`, { flush: true });
    await rename(`${path}.new`, path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`${path} cannot be written: ${reason}. Give a --name instead.`, {
      cause: error,
    });
  }
}

async function beginningOf(path: string, bytes: number): Promise<Content> {
  const file = await open(path);
  try {
    return await contentOf(file, bytes);
  } finally {
    await file.close();
  }
}
