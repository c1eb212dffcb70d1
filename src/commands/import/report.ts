/** The refused lines, in a file that exists only if there are any. */
import { type FileHandle, open, rm } from 'node:fs/promises';
import { unwritable } from '../../platform/file-trouble.js';
import { CommandError } from '../run.js';
import type { Refused } from './read-line.js';

export interface Report {
  readonly path: string;
  /** How many lines were refused, by code. */
  readonly counts: ReadonlyMap<string, number>;
  add(line: number, refused: Refused): Promise<void>;
  /** Everything is in the file afterwards. */
  close(): Promise<void>;
}

/** What is collected before it is written. */
const PART_CHARS = 64 * 1024;

/** Replaces the report of an earlier run, which read the same lines. */
export async function createReport(path: string): Promise<Report> {
  await rm(path, { force: true }).catch((error: unknown) => {
    throw trouble(path, error);
  });
  const counts = new Map<string, number>();
  let file: FileHandle | null = null;
  let text = '';
  const write = async () => {
    if (text === '') return;
    try {
      file ??= await open(path, 'w');
      await file.appendFile(text);
    } catch (error) {
      throw trouble(path, error);
    }
    text = '';
  };
  return {
    path,
    counts,
    async add(line, { code, message }) {
      counts.set(code, (counts.get(code) ?? 0) + 1);
      text += `${JSON.stringify({ line, code, message })}\n`;
      if (text.length >= PART_CHARS) await write();
    },
    async close() {
      await write();
      await file?.close();
    },
  };
}

function trouble(path: string, cause: unknown): CommandError {
  return new CommandError(`The report of refused lines: ${unwritable(path, cause)}`, { cause });
}
