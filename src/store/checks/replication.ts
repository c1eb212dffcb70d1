import type { Check, CheckContext } from './check.js';
import { type Finding, note, ok, problem } from './finding.js';
import { atRestart, serverWide, settingOf } from './server-settings.js';

const STANDBYS = `SELECT count(*) FILTER (WHERE sync_state IN ('sync', 'quorum'))::int AS waited,
  count(*) FILTER (WHERE state IS NULL)::int AS hidden, count(*)::int AS standbys FROM pg_stat_replication`;

interface Standbys {
  readonly waited: number;
  /** Of those, the role may not see what they do. */
  readonly hidden: number;
  readonly standbys: number;
}

export const replicationCheck: Check = {
  codes: ['synchronous_standbys', 'archiving'],
  embedded: false,
  tables: false,
  async run(context) {
    const { rows } = await context.client.query<Standbys>({ text: STANDBYS, values: [] });
    const standbys = rows[0] ?? { waited: 0, hidden: 0, standbys: 0 };
    return [synchronousOf(context, standbys), await archivingOf(context, standbys)];
  },
};

function synchronousOf({ settings }: CheckContext, { waited, hidden }: Standbys): Finding {
  const names = settingOf(settings, 'synchronous_standby_names');
  if (names === '') return ok('synchronous_standbys', 'Commits wait for no standby.');
  if (waited + hidden > 0) {
    return ok('synchronous_standbys', `Commits wait for standbys, which are there: ${names}.`);
  }
  return problem('synchronous_standbys', {
    found: `synchronous_standby_names is ${names}, and none of them is connected.`,
    meaning: 'Every commit waits until one is: all writes are answered with OUTCOME_UNKNOWN.',
    advice:
      'Start the standby. To go on without it, with a loss if this server fails, as a superuser, run:',
    commands: serverWide("ALTER SYSTEM SET synchronous_standby_names = '';").commands,
  });
}

const ARCHIVER = `SELECT coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) AS failing,
  last_failed_wal AS file FROM pg_stat_archiver`;

async function archivingOf(context: CheckContext, { standbys }: Standbys): Promise<Finding> {
  const { client, settings } = context;
  const mode = settingOf(settings, 'archive_mode');
  if (mode === 'off') {
    if (standbys > 0) return ok('archiving', `The write-ahead log goes to ${standbys} standbys.`);
    return note('archiving', {
      found: 'archive_mode is off, and there is no standby.',
      meaning:
        'If the disk is lost, so is everything since the last backup. That there are backups cannot be seen from here.',
      advice:
        'Set archive_command to what copies a file of the log to another machine, and then, as a superuser:',
      commands: atRestart('ALTER SYSTEM SET archive_mode = on;').commands,
    });
  }
  const { rows } = await client.query<{ failing: boolean; file: string }>({
    text: ARCHIVER,
    values: [],
  });
  if (rows[0]?.failing !== true) return ok('archiving', `archive_mode is ${mode}.`);
  return problem('archiving', {
    found: `The write-ahead log is not archived: the last attempt failed, with ${rows[0].file}.`,
    meaning: 'The files are kept until the disk is full, and backups do not reach the present.',
    advice: "Read the server's log and correct archive_command.",
  });
}
