import type { Project } from '../meter/access/keys.js';
import { createTokenSecret, OVERLAP_MAX_MS } from '../meter/access/token-secrets.js';
import type { OpenStore } from '../store/store.js';
import { daysOf } from './arguments.js';
import { instantText } from './key-lists.js';
import { CommandError } from './run.js';

const HOUR_MS = 3_600_000;

interface Values {
  readonly project?: string;
  readonly overlap?: string;
}

type FindProject = (store: OpenStore, values: Values) => Promise<Project>;

/** Like a key, only the secret goes to stdout. */
export async function replaceTokenSecret(
  store: OpenStore,
  projectOf: FindProject,
  values: Values,
): Promise<void> {
  const { project: name, overlap = '1', ...others } = values;
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw new CommandError(`token-secret takes --project and --overlap, not --${other}.`);
  }
  const overlapMs = daysOf(overlap) * HOUR_MS;
  if (!(overlapMs <= OVERLAP_MAX_MS)) {
    throw new CommandError(
      `--overlap is "${overlap}": it must be a number of hours, ${OVERLAP_MAX_MS / HOUR_MS} at most.`,
    );
  }
  const project = await projectOf(store, name === undefined ? {} : { project: name });
  const { secret, formerUntil } = await createTokenSecret(store.tokenSecrets, {
    projectId: project.id,
    overlapMs,
  });
  const former =
    formerUntil === null
      ? ''
      : ` Tokens that the former one has signed are accepted until ${instantText(formerUntil)}.`;
  console.error(
    `The secret for customer tokens of the project "${project.name}", shown only once.${former}`,
  );
  console.log(secret);
}
