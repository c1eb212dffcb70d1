/** The sessions with which a command changes servers and places: one on each server concerned, and one command at a time. */

import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import { HOME } from '../../domain/place.js';
import { connectOnce } from '../database.js';
import { messageOf } from '../failure.js';
import { ServersError } from './servers-error.js';

/** A database server; replication between them needs their addresses as others reach them. */
export interface ServerAt {
  readonly connectionString: string;
}

export interface Installation {
  /** The server of the catalogue. */
  readonly home: ServerAt;
  /** The others, by name. */
  readonly servers: ReadonlyMap<string, ServerAt>;
  /** How many places there are. */
  readonly places: number;
  readonly connectTimeoutMs: number;
  /** How long after a change of the map every gateway knows it; less for tests without gateways. */
  readonly mapKnownMs?: number;
  readonly say: (sentence: string) => void;
}

export interface ServerSession {
  readonly name: string;
  readonly address: ServerAt;
  readonly client: pg.Client;
}

interface Known extends ServerSession {
  /** The same for a server and a database, whatever the address. */
  readonly identity: string;
}

const IDENTITY = `SELECT system_identifier || '/' || (SELECT oid FROM pg_database WHERE datname = current_database()) AS identity
  FROM pg_control_system()`;

/** Beside the keys of migrations, sweepers, ranges and fences. */
const LOCK_KEY = 72_707_373;

const PAUSE_MS = 100;

/** A process that was killed may have left a session, which ends with the statement that it was at. */
const LOCK_WAIT_MAX_MS = 30_000;

/** With its settings, texts of rows are the same on every server, and what is said to be done is on the disk. */
const SETTINGS = `SET search_path = ''; SET synchronous_commit = on; SET client_min_messages = warning; SET TimeZone = 'UTC';
  SET DateStyle = 'ISO, YMD'; SET IntervalStyle = postgres; SET extra_float_digits = 1; SET bytea_output = hex; SET statement_timeout = 0; SET lock_timeout = 0`;

/** The name of the setting with the address of a server. */
export function settingOf(name: string): string {
  return name === HOME ? 'DATABASE_URL' : `DATABASE_URL_${name.toUpperCase()}`;
}

export function addressOf({ home, servers }: Installation, name: string): ServerAt {
  const address = name === HOME ? home : servers.get(name);
  if (address !== undefined) return address;
  throw new ServersError(
    `The address of the server ${name} is not known. Set ${settingOf(name)}, for this command and for every gateway.`,
  );
}

/** Does work with sessions that it opens as it needs them. All of them are ended after it. */
export async function withSessions<Result>(
  installation: Installation,
  work: (open: (name: string) => Promise<ServerSession>) => Promise<Result>,
): Promise<Result> {
  const sessions: Known[] = [];
  const open = async (name: string) => {
    const already = sessions.find((session) => session.name === name);
    if (already !== undefined) return already;
    const address = addressOf(installation, name);
    const client = await connected(installation, name, address);
    const { rows } = await client.query<{ identity: string }>(IDENTITY);
    const session = { name, address, client, identity: rows[0]?.identity ?? '' };
    const same = sessions.find(({ identity }) => identity === session.identity);
    sessions.push(session);
    if (same !== undefined) throw sameAs(session, same);
    await client.query(SETTINGS);
    await lock(session);
    return session;
  };
  try {
    return await work(open);
  } finally {
    // A broken connection has nothing to say any more.
    for (const { client } of sessions) await client.end().catch(() => undefined);
  }
}

function sameAs({ name }: ServerSession, other: ServerSession): ServersError {
  return new ServersError(
    `${settingOf(name)} leads to the database of ${named(other.name)}. Each server needs a database of its own.`,
  );
}

async function connected(
  { connectTimeoutMs }: Installation,
  name: string,
  address: ServerAt,
): Promise<pg.Client> {
  try {
    return await connectOnce(address, connectTimeoutMs, { isPinned: false });
  } catch (error) {
    const reason = error instanceof Error ? messageOf(error) : String(error);
    throw new ServersError(`${named(name)} (${settingOf(name)}) cannot be reached: ${reason}.`, {
      cause: error,
    });
  }
}

/** Of the session: what an earlier process was at has ended once this one has it. */
async function lock({ name, client }: ServerSession): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += PAUSE_MS) {
    const { rows } = await client.query<{ locked: boolean }>(
      `SELECT pg_try_advisory_lock(${LOCK_KEY}) AS locked`,
    );
    if (rows[0]?.locked === true) return;
    if (waitedMs >= LOCK_WAIT_MAX_MS) {
      throw new ServersError(
        `Another command is moving a place or adding a server (it has a session on ${named(name)}). Run this again once it has ended.`,
      );
    }
    await wait(PAUSE_MS);
  }
}

export const named = (name: string) =>
  name === HOME ? 'the server of the catalogue' : `the server ${name}`;

/** In a transaction of a session of its own. */
export async function inOne<Result>(
  { client }: ServerSession,
  work: () => Promise<Result>,
): Promise<Result> {
  await client.query('BEGIN');
  try {
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
