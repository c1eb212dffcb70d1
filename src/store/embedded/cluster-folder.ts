import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** Where the files of the database are below a data folder. */
export const clusterIn = (folder: string): string => join(folder, 'postgres');

/** Where another user, such as root, has started it before, what is there must not be taken for missing. */
export function refuseForeign(cluster: string): void {
  try {
    accessSync(cluster, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new Error(
      `${cluster} belongs to another user. Make this one its owner, with all that is in it, by: chown -R USER FOLDER`,
      { cause },
    );
  }
}
