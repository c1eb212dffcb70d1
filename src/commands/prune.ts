import { DAYS_MAX } from '../config/prune-settings.js';
import type { Config } from '../config.js';
import type { PruneOptions } from '../store/prune-before.js';
import type { OpenStore } from '../store/store.js';
import { argumentsOf, daysOf, settingsOrHelp } from './arguments.js';
import { openQuietly } from './open.js';
import { CommandError, runCommand } from './run.js';

const USAGE = `Usage:
  npm run db:prune -- [--older-than DAYS] [--properties-older-than DAYS] [--project NAME] [--dry-run]

Deletes idempotency keys and the results stored under them that are older than --older-than, and erases the
properties of events that occurred, and of reservations that ended, longer ago than --properties-older-than, in small
batches; the gateway may be running, unless it uses the embedded database. Without either, IDEMPOTENCY_KEY_DAYS and EVENT_PROPERTIES_DAYS apply.`;

/** Deletes what is old. If interrupted, it can be run again. */
async function prune(config: Config): Promise<void> {
  const { project, dryRun, keyDays, propertiesDays } = parsed(config);
  const { store, place, close } = await openQuietly(config);
  try {
    const projectId = project === undefined ? null : await projectIdOf(store, project);
    const options = { projectId, dryRun };
    if (keyDays !== null) {
      console.log(await pruneKeys(store, { ...options, olderThanDays: keyDays }, place));
    }
    if (propertiesDays !== null) {
      console.log(await eraseOld(store, { ...options, olderThanDays: propertiesDays }, place));
    }
  } finally {
    await close();
  }
}

async function pruneKeys(store: OpenStore, options: PruneOptions, place: string): Promise<string> {
  let [seen, pruned] = [0, 0];
  for await (const batch of store.prune.keys(options)) {
    seen += batch.keysSeen;
    pruned += batch.keysPruned;
  }
  const did = options.dryRun ? 'Would delete' : 'Deleted';
  return `${did} ${pruned} of ${seen} idempotency keys in ${place}: those ${ageOf(options)}.`;
}

async function eraseOld(store: OpenStore, options: PruneOptions, place: string): Promise<string> {
  let [events, reservations] = [0, 0];
  for await (const batch of store.prune.properties(options)) events += batch.eventsPruned;
  for await (const batch of store.prune.reservationProperties(options)) {
    reservations += batch.reservationsPruned;
  }
  const did = options.dryRun ? 'Would erase' : 'Erased';
  const what = `${events} events and ${reservations} reservations`;
  return `${did} the properties of ${what} in ${place}: those ${ageOf(options)}.`;
}

function ageOf({ olderThanDays }: PruneOptions): string {
  return `more than ${olderThanDays} ${olderThanDays === 1 ? 'day' : 'days'} old`;
}

function parsed(config: Config) {
  const { values } = argumentsOf(USAGE, {
    options: {
      'older-than': { type: 'string' },
      'properties-older-than': { type: 'string' },
      project: { type: 'string' },
      'dry-run': { type: 'boolean' },
    },
  });
  const { project, 'dry-run': dryRun = false } = values;
  const given = {
    keyDays: ageGiven('older-than', values['older-than']),
    propertiesDays: ageGiven('properties-older-than', values['properties-older-than']),
  };
  const { idempotencyKeyDays: keyDays, eventPropertiesDays: propertiesDays } = config;
  const isGiven = given.keyDays !== null || given.propertiesDays !== null;
  const ages = isGiven ? given : { keyDays, propertiesDays };
  if (ages.keyDays === null && ages.propertiesDays === null) {
    throw new CommandError(
      `Give the minimum age of the keys in days: --older-than 90.\n\n${USAGE}`,
    );
  }
  return { project, dryRun, ...ages };
}

function ageGiven(option: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const days = daysOf(text);
  if (!(days > 0 && days <= DAYS_MAX)) {
    throw new CommandError(
      `--${option} must be more than 0 and at most ${DAYS_MAX} days, not "${text}".`,
    );
  }
  return days;
}

async function projectIdOf(store: OpenStore, name: string): Promise<string> {
  const project = await store.projects.find(name);
  if (project === null) throw new CommandError(`There is no project "${name}".`);
  return project.id;
}

await runCommand(prune, settingsOrHelp(USAGE));
