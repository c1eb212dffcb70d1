/** A note in the data folder that its database has been moved, so that no gateway goes on with what is left behind. */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { wallClockMs } from '../../platform/clock.js';
import { sync } from './disk.js';
import { EmbeddedError } from './embedded-error.js';

const markSchema = z.object({
  /** MOVING: it is not known whether the move was committed. COMMITTED: it was, and has not been audited to the end. */
  state: z.enum(['MOVING', 'COMMITTED', 'MOVED']),
  /** Without a password. */
  to: z.string(),
  at: z.string(),
});

export type MovedMark = z.infer<typeof markSchema>;

const pathIn = (folder: string): string => join(folder, 'moved.json');

const unfinishedIn = (folder: string): string => `${pathIn(folder)}.unfinished`;

/** Null if there is none. An unreadable one counts as one. */
export function readMark(folder: string): MovedMark | null {
  // A folder that cannot be read is reported by whatever opens it.
  if (!existsSync(pathIn(folder))) return null;
  try {
    return markSchema.parse(JSON.parse(readFileSync(pathIn(folder), 'utf8')));
  } catch {
    return { state: 'MOVED', to: 'another database', at: 'an unknown time' };
  }
}

/** On disk when this returns. */
export function writeMark(folder: string, state: MovedMark['state'], to: string): void {
  const mark: MovedMark = { state, to, at: new Date(wallClockMs()).toISOString() };
  const unfinished = unfinishedIn(folder);
  writeFileSync(unfinished, `${JSON.stringify(mark)}\n`, { mode: 0o600 });
  sync(unfinished);
  renameSync(unfinished, pathIn(folder));
  sync(folder);
}

export function removeMark(folder: string): void {
  for (const path of [pathIn(folder), unfinishedIn(folder)]) rmSync(path, { force: true });
  sync(folder);
}

/** For everything that would go on with the database. */
export function refuseMoved(folder: string): void {
  const mark = readMark(folder);
  if (mark === null) return;
  const anyway = `To go on with the data in ${folder} nevertheless, remove ${pathIn(folder)}`;
  throw new EmbeddedError(`${sentencesOf(mark, folder)} ${anyway}${CONSEQUENCE[mark.state]}.`);
}

const SPLIT = ': what either of the two records from then on is missing in the other';

const CONSEQUENCE = { MOVING: '', COMMITTED: SPLIT, MOVED: SPLIT } as const;

function sentencesOf({ state, to, at }: MovedMark, folder: string): string {
  const again = 'Run the same `npm run move` again';
  switch (state) {
    case 'MOVING':
      return `The database in ${folder} was being moved to ${to} at ${at}, and the end of that was not seen. ${again} to find out.`;
    case 'COMMITTED':
      return `The database in ${folder} was moved to ${to} at ${at}, and the audit there was not seen to end. ${again}.`;
    case 'MOVED':
      return `The database in ${folder} was moved to ${to} at ${at}. Set DATABASE_URL to its address.`;
  }
}
