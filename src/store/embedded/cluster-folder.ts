import { accessSync, constants, lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddedError } from './embedded-error.js';

/** Where the files of the database are below a data folder. */
export const clusterIn = (folder: string): string => join(folder, 'postgres');

/** Where a restore puts them until they are complete. As long as it is there, no gateway takes the data folder for an empty one. */
export const restoringIn = (folder: string): string => `${clusterIn(folder)}.restoring`;

/** As `findCluster`, for commands: the message is a sentence. */
export function clusterToUse(folder: string): string | null {
  try {
    return findCluster(folder);
  } catch (error) {
    throw new EmbeddedError(`${error instanceof Error ? error.message : String(error)}.`, {
      cause: error,
    });
  }
}

/**
 * The folder of an existing database, which may be a link to another disk; null if there is none yet. The link is resolved,
 * because PGlite follows none. The message of an error is meant to be shown.
 */
export function findCluster(folder: string): string | null {
  const cluster = clusterIn(folder);
  const found = lstatSync(cluster, { throwIfNoEntry: false });
  if (found === undefined) {
    refuseUnrestored(folder);
    return null;
  }
  const place = found.isSymbolicLink() ? targetOf(cluster) : cluster;
  if (!statSync(place).isDirectory()) throw new Error(`${cluster} is not a folder`);
  refuseForeign(place);
  refuseLinks(place, cluster);
  return place;
}

function refuseUnrestored(folder: string): void {
  const restoring = restoringIn(folder);
  if (lstatSync(restoring, { throwIfNoEntry: false }) === undefined) return;
  throw new Error(
    `a restore into ${folder} has not been completed. Run the same \`npm run restore\` again, which begins anew; or remove ` +
      `${restoring} to start with an empty database`,
  );
}

function targetOf(link: string): string {
  try {
    return realpathSync(link);
  } catch (cause) {
    throw new Error(
      `${link} is a symbolic link that leads nowhere. Mount or restore what it leads to, or remove the link`,
      { cause },
    );
  }
}

/** As if they were not there, which PostgreSQL takes for a loss. */
function refuseLinks(place: string, cluster: string): void {
  const entries = readdirSync(place, { withFileTypes: true });
  const link = entries.find((entry) => entry.isSymbolicLink());
  if (link === undefined) return;
  throw new Error(
    `${join(place, link.name)} is a symbolic link, which the embedded database does not follow. Put what it ` +
      `leads to in its place; only ${cluster} itself may be a link`,
  );
}

/** Where another user, such as root, has started it before, what is there must not be taken for missing. */
function refuseForeign(cluster: string): void {
  try {
    accessSync(cluster, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new Error(
      `${cluster} belongs to another user. Make this one its owner, with all that is in it, by: chown -R USER FOLDER`,
      { cause },
    );
  }
}
