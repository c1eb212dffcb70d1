import { VALUE_SETTINGS } from '../settings.js';
import type { Check, CheckContext } from './check.js';
import { type Finding, note, ok, problem, warning } from './finding.js';
import { amountOf, mending, settingOf } from './server-settings.js';

type Judge = (context: CheckContext) => Finding;

const byServer = (judge: Judge, code: Finding['code']): Check => ({
  codes: [code],
  embedded: false,
  tables: false,
  run: async (context) => [judge(context)],
});

/** Settings of the server, the database and the role, which are read in any case. */
export const serverSettingChecks: readonly Check[] = [
  {
    codes: ['pinned_settings'],
    embedded: true,
    tables: false,
    run: async (context) => [pinnedOf(context)],
  },
  byServer(shortTimeoutsOf, 'short_timeouts'),
  byServer(autovacuumOf, 'autovacuum'),
  byServer(loggedOf, 'logged_values'),
  byServer(deadlockOf, 'deadlock_timeout'),
  byServer(sizingOf, 'sizing'),
  byServer(checksumsOf, 'data_checksums'),
  byServer(pendingOf, 'pending_restart'),
];

/** Those of ADR 21 that change what is stored, or what a value looks like, with what the gateway sets. */
const PINNED: Readonly<Record<string, string>> = {
  synchronous_commit: 'on',
  ...VALUE_SETTINGS,
  default_transaction_isolation: 'read committed',
};

/** The usual values, which say nothing about anyone's intentions. */
const USUAL: ReadonlySet<string> = new Set(['search_path', 'TimeZone', 'DateStyle']);

function pinnedOf({ settings }: CheckContext): Finding {
  const others = Object.entries(PINNED).flatMap(([name, pinned]) => {
    const setting = settings.get(name);
    if (setting === undefined || setting.value === pinned) return [];
    // A server has its own time zone and search path in its configuration.
    if (setting.source === 'server' && USUAL.has(name)) return [];
    return name === 'synchronous_commit' && setting.value === 'remote_apply'
      ? []
      : [`${name} = ${setting.value}`];
  });
  if (others.length === 0) return ok('pinned_settings', 'Nothing is set that would have to be.');
  return note('pinned_settings', {
    found: `The server, the database or the role has ${others.join(', ')}.`,
    meaning:
      'It does not matter to the gateway, whose transactions set all of this for themselves; other programs on this database have to cope with it.',
  });
}

/** They apply to what a transaction begins with, until that has lifted them. */
const TIMEOUTS = [
  'statement_timeout',
  'lock_timeout',
  'transaction_timeout',
  'idle_session_timeout',
];

function shortTimeoutsOf(context: CheckContext): Finding {
  const { settings, limits } = context;
  const short = TIMEOUTS.filter((name) => {
    const ms = amountOf(settings, name);
    return ms > 0 && ms < limits.shortTimeoutMs;
  });
  const [first] = short;
  if (first === undefined) return ok('short_timeouts', 'No time limit is too short.');
  const shown = short.map((name) => `${name} = ${amountOf(settings, name)} ms`).join(', ');
  return warning('short_timeouts', {
    found: `The server, the database or the role has ${shown}.`,
    meaning:
      'The transactions of the gateway set their own limits, but what does so may be ended itself, and is repeated again and again.',
    ...mending(context, first, '0'),
  });
}

function autovacuumOf(context: CheckContext): Finding {
  const off = ['autovacuum', 'track_counts'].filter(
    (name) => settingOf(context.settings, name) === 'off',
  );
  const [first] = off;
  if (first === undefined) return ok('autovacuum', 'autovacuum is on.');
  return problem('autovacuum', {
    found: `${off.join(' and ')} ${off.length > 1 ? 'are' : 'is'} off.`,
    meaning:
      'Dead rows pile up, calls become slower, and in the end the server stops accepting writes because its transaction ids have run out.',
    ...mending(context, first, 'on'),
  });
}

/** With any of these, statements are logged, and their parameters unless `log_parameter_max_length` is 0. */
function loggedOf(context: CheckContext): Finding {
  const { settings } = context;
  const statement = settingOf(settings, 'log_statement');
  const onError = amountOf(settings, 'log_parameter_max_length_on_error');
  const durations = ['log_min_duration_statement', 'log_min_duration_sample'].filter(
    (name) => Number(settingOf(settings, name)) >= 0 && settingOf(settings, name) !== '',
  );
  const why = [
    ...(['mod', 'all'].includes(statement) ? [`log_statement = ${statement}`] : []),
    ...durations.map((name) => `${name} = ${settingOf(settings, name)} ms`),
  ];
  const isShown = why.length > 0 && settingOf(settings, 'log_parameter_max_length') !== '0';
  if (!isShown && !(onError !== 0 && !Number.isNaN(onError))) {
    return ok('logged_values', "The server's log does not show values of statements.");
  }
  const name = isShown ? 'log_parameter_max_length' : 'log_parameter_max_length_on_error';
  if (!isShown) why.push(`${name} = ${settingOf(settings, name)}`);
  return warning('logged_values', {
    found: `The server logs statements with their values (${why.join(', ')}).`,
    meaning:
      "Names, e-mail addresses, properties and the secrets of customer tokens are in the server's log, where no deletion reaches them.",
    ...mending(context, name, '0'),
  });
}

function deadlockOf(context: CheckContext): Finding {
  const { settings, gateway } = context;
  const { databaseAcquireTimeoutMs, statementTimeoutMs } = gateway;
  const waitMs = Math.min(databaseAcquireTimeoutMs, Math.floor(statementTimeoutMs / 2));
  const deadlockMs = amountOf(settings, 'deadlock_timeout');
  const found = `deadlock_timeout is ${deadlockMs} ms, and the gateway waits for a lock for ${waitMs} ms.`;
  if (!(deadlockMs >= waitMs)) return ok('deadlock_timeout', found);
  return note('deadlock_timeout', {
    found,
    meaning: 'A deadlock with another program looks like a locked customer (`CUSTOMER_LOCKED`).',
    ...mending(context, 'deadlock_timeout', "'1s'"),
  });
}

/** docs/operations.md has them, with reasons; that of `shared_buffers` depends on the machine. */
const AT_LEAST: Readonly<Record<string, readonly [bytes: number, shown: string]>> = {
  max_wal_size: [8 * 2 ** 30, '8GB'],
  min_wal_size: [2 ** 30, '1GB'],
  checkpoint_timeout: [15 * 60_000, '15min'],
};

const BUFFERS_MIN = 256 * 2 ** 20;

function sizingOf({ settings }: CheckContext): Finding {
  const small = Object.entries(AT_LEAST).filter(
    ([name, [least]]) => amountOf(settings, name) < least,
  );
  const hasFewBuffers = amountOf(settings, 'shared_buffers') < BUFFERS_MIN;
  const names = [...small.map(([name]) => name), ...(hasFewBuffers ? ['shared_buffers'] : [])];
  if (names.length === 0) return ok('sizing', 'The sizes are as recommended, or larger.');
  const commands = small.map(([name, [, shown]]) => `ALTER SYSTEM SET ${name} = '${shown}';`);
  return note('sizing', {
    found: `${names.join(', ')} ${names.length > 1 ? 'are' : 'is'} smaller than recommended.`,
    meaning:
      'With much usage, the server writes more than it has to. What fits depends on its memory and disk.',
    advice: hasFewBuffers
      ? 'For a server with 8 GB of memory, as a superuser, run this, and restart the server, which shared_buffers needs:'
      : 'For a server with 8 GB of memory, as a superuser, run:',
    commands: [
      ...commands,
      ...(hasFewBuffers ? ["ALTER SYSTEM SET shared_buffers = '2GB';"] : []),
      'SELECT pg_reload_conf();',
    ],
  });
}

function checksumsOf({ settings }: CheckContext): Finding {
  if (settingOf(settings, 'data_checksums') === 'on') {
    return ok('data_checksums', 'data_checksums is on.');
  }
  return note('data_checksums', {
    found: 'data_checksums is off.',
    meaning: 'A page that the disk has damaged is read as if it were right.',
    advice: 'While the server is stopped, run this on its machine:',
    commands: ['pg_checksums --enable --progress'],
  });
}

function pendingOf({ settings }: CheckContext): Finding {
  const pending = [...settings].filter(([, setting]) => setting.pendingRestart);
  if (pending.length === 0) return ok('pending_restart', 'No setting waits for a restart.');
  return note('pending_restart', {
    found: `These settings were changed, which takes effect when the server is restarted: ${pending.map(([name]) => name).join(', ')}.`,
    meaning: 'Until then, what is examined here is what they were before.',
    advice: 'Restart the server when it suits you.',
  });
}
