import type pg from 'pg';
import { type Finding, sentenceOf } from './checks/finding.js';
import { type Facts, readFacts, serverFindings } from './checks/server.js';
import { emptyFindings, tableFindings } from './checks/tables.js';
import { placesOf } from './placed.js';
import { readPlaces } from './places/places-record.js';

/** The database cannot be brought to the version of this program. The message is meant to be shown. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/** Throws the first finding with which the gateway does not start. */
export function refuse(findings: readonly Finding[]): void {
  const found = findings.find(({ refuses }) => refuses);
  if (found !== undefined) throw new MigrationError(sentenceOf(found));
}

/** Problems that only the server's operator can fix, and with which the gateway starts all the same. */
export function warningsOf(facts: Facts): string[] {
  const careless = serverFindings(facts).filter(
    ({ level, refuses }) => level === 'PROBLEM' && !refuses,
  );
  return careless.map(sentenceOf);
}

/** Throws if the server or the database cannot be used, whatever its contents. */
export async function checkServer(
  client: pg.Client,
  { embedded }: { readonly embedded: boolean },
): Promise<Facts> {
  const facts = await readFacts(client);
  // The embedded one sets it itself while its disk is nearly full; reads are answered all the same.
  refuse(serverFindings(embedded ? { ...facts, isReadOnly: false } : facts));
  return facts;
}

/** Throws if the tables cannot be created: another program's are in their place, or the role lacks the rights. */
export async function checkEmpty(client: pg.Client, facts: Facts): Promise<void> {
  refuse(await emptyFindings(client, facts));
}

/** Throws if the tables exist, but this role may not use them, or not all of their rows, or a crash would empty them. */
export async function checkTables(client: pg.Client, facts: Facts): Promise<void> {
  refuse(await tableFindings(client, facts, placesOf(await readPlaces(client))));
}
