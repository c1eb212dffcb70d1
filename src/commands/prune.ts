import { KEY_DAYS_MAX } from '../config/prune-settings.js';
import type { Config } from '../config.js';
import type { OpenStore } from '../store/store.js';
import { argumentsOf, daysOf, settingsOrHelp } from './arguments.js';
import { openQuietly } from './open.js';
import { CommandError, runCommand } from './run.js';

const USAGE = `Usage:
  npm run db:prune -- [--older-than DAYS] [--project NAME] [--dry-run]

Deletes idempotency keys and the results stored under them, in small batches; the gateway may be
running, unless it uses the embedded database. Without --older-than, IDEMPOTENCY_KEY_DAYS applies.`;

/** Deletes old idempotency keys. If interrupted, it can be run again. */
async function prune(config: Config): Promise<void> {
  const { project, dryRun, days } = parsed(config);
  const { store, place, close } = await openQuietly(config);
  try {
    const projectId = project === undefined ? null : await projectIdOf(store, project);
    let [seen, pruned] = [0, 0];
    const options = { olderThanDays: days, projectId, dryRun };
    for await (const batch of store.prune.keys(options)) {
      seen += batch.keysSeen;
      pruned += batch.keysPruned;
    }
    const did = dryRun ? 'Would delete' : 'Deleted';
    const age = `more than ${days} ${days === 1 ? 'day' : 'days'} old`;
    console.log(`${did} ${pruned} of ${seen} idempotency keys in ${place}: those ${age}.`);
  } finally {
    await close();
  }
}

function parsed(config: Config) {
  const { values } = argumentsOf(USAGE, {
    options: {
      'older-than': { type: 'string' },
      project: { type: 'string' },
      'dry-run': { type: 'boolean' },
    },
  });
  const given = values['older-than'];
  const days = given === undefined ? config.idempotencyKeyDays : daysOf(given);
  if (days === null) {
    throw new CommandError(
      `Give the minimum age of the keys in days: --older-than 90.\n\n${USAGE}`,
    );
  }
  if (!(days > 0 && days <= KEY_DAYS_MAX)) {
    throw new CommandError(
      `--older-than must be more than 0 and at most ${KEY_DAYS_MAX} days, not "${given}".`,
    );
  }
  return { project: values.project, dryRun: values['dry-run'] ?? false, days };
}

async function projectIdOf(store: OpenStore, name: string): Promise<string> {
  const project = await store.projects.find(name);
  if (project === null) throw new CommandError(`There is no project "${name}".`);
  return project.id;
}

await runCommand(prune, settingsOrHelp(USAGE));
