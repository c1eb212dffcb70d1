/** What servers need so that tables can be copied from one to another. */
import { named, type ServerSession } from './server-sessions.js';
import { ServersError } from './servers-error.js';

const FACTS = `SELECT current_setting('wal_level') AS "walLevel", current_setting('server_version_num')::int AS version,
    current_setting('max_logical_replication_workers')::int AS workers, quote_ident(current_user) AS role,
    quote_ident(current_database()) AS database,
    rolsuper OR rolreplication AS "maySend",
    rolsuper OR EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = 'pg_create_subscription' AND pg_has_role(r.oid, 'MEMBER')) AS "maySubscribe",
    has_database_privilege(current_database(), 'CREATE') AS "mayCreate",
    rolsuper OR pg_has_role((SELECT relowner FROM pg_class
      WHERE relname = 'customers' AND relnamespace = to_regnamespace('public')), 'MEMBER') AS "isOwner"
  FROM pg_roles WHERE rolname = current_user`;

interface Facts {
  readonly walLevel: string;
  readonly version: number;
  readonly workers: number;
  readonly role: string;
  readonly database: string;
  readonly maySend: boolean;
  readonly maySubscribe: boolean;
  readonly mayCreate: boolean;
  /** Null before there are tables. */
  readonly isOwner: boolean | null;
}

async function factsOf({ client }: ServerSession): Promise<Facts> {
  const { rows } = await client.query<Facts>(FACTS);
  const [facts] = rows;
  if (facts === undefined) throw new Error('a session has a role');
  return facts;
}

/** Throws if tables of the one cannot be copied to the other. */
export async function mayCopy(source: ServerSession, target: ServerSession): Promise<void> {
  const [from, to] = [await factsOf(source), await factsOf(target)];
  if (from.walLevel !== 'logical') {
    throw wrong(source, `has wal_level=${from.walLevel}, from which tables cannot be copied`, [
      "ALTER SYSTEM SET wal_level = 'logical';",
      'then restart it',
    ]);
  }
  if (to.workers === 0) {
    throw wrong(target, 'has max_logical_replication_workers=0, so it cannot receive tables', [
      'ALTER SYSTEM RESET max_logical_replication_workers;',
      'then restart it',
    ]);
  }
  if (!from.maySend) {
    throw wrong(source, `does not let the role ${from.role} read its log`, [
      `ALTER ROLE ${from.role} REPLICATION;`,
    ]);
  }
  if (!to.maySubscribe) {
    const isOld = to.version < 160_000;
    throw wrong(target, `does not let the role ${to.role} make subscriptions`, [
      isOld ? `ALTER ROLE ${to.role} SUPERUSER;` : `GRANT pg_create_subscription TO ${to.role};`,
    ]);
  }
  for (const [session, facts] of [
    [source, from],
    [target, to],
  ] as const) {
    if (facts.isOwner === false) {
      throw new ServersError(
        `On ${named(session.name)}, the role ${facts.role} does not own the tables. Run this as their owner.`,
      );
    }
    if (!facts.mayCreate) {
      throw wrong(session, `does not let the role ${facts.role} make schemas and publications`, [
        `GRANT CREATE ON DATABASE ${facts.database} TO ${facts.role};`,
      ]);
    }
  }
}

function wrong({ name }: ServerSession, what: string, commands: readonly string[]): ServersError {
  const sentence = `${named(name)} ${what}.`;
  return new ServersError(
    `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)} As a superuser there, run: ${commands.join(' ')}`,
  );
}
