/** What there is on each server, to be compared with the map: after a restore or a failover, a server may have what it had before. */
import { HOME } from '../../domain/place.js';
import { connectOnce } from '../database.js';
import { messageOf } from '../failure.js';
import { catalogueSlot } from './add-server.js';
import { leftOn } from './left-copies.js';
import { type PlaceAt, readPlaceMap, readServers } from './place-map.js';
import { bytesBehind } from './replication.js';
import { addressOf, type Installation } from './server-sessions.js';

export interface ServerStatus {
  readonly name: string;
  /** Why it cannot be examined; null if it can. */
  readonly trouble: string | null;
  /** What of the log of the catalogue's server it has not confirmed; null of that server itself, or if it is not known. */
  readonly bytesBehind: number | null;
  /** The numbers of the places whose schemas it has, besides 0. */
  readonly schemas: readonly number[];
  /** What moves have left there. */
  readonly left: readonly string[];
}

export interface Status {
  readonly places: readonly PlaceAt[];
  readonly servers: readonly ServerStatus[];
  /** What does not fit together, each as a sentence. */
  readonly problems: readonly string[];
}

/** Without the lock of commands, so that a move that is in progress can be seen. */
export async function statusOf(installation: Installation): Promise<Status> {
  const home = await connected(installation, HOME);
  try {
    const map = await readPlaceMap(home);
    const places = Array.from({ length: installation.places }, (_, number): PlaceAt => {
      return map.get(number) ?? { number, server: HOME, epoch: 0, move: null };
    });
    const names = [HOME, ...(await readServers(home))];
    const servers: ServerStatus[] = [];
    for (const name of names) servers.push(await serverStatus(installation, home, name));
    return { places, servers, problems: problemsOf(places, servers) };
  } finally {
    await home.end().catch(() => undefined);
  }
}

/** Where places are that were moved, or are being moved. */
export async function mapOf(installation: Installation): Promise<ReadonlyMap<number, PlaceAt>> {
  const home = await connected(installation, HOME);
  try {
    return await readPlaceMap(home);
  } finally {
    await home.end().catch(() => undefined);
  }
}

type Client = Awaited<ReturnType<typeof connectOnce>>;

function connected(installation: Installation, name: string): Promise<Client> {
  const address = addressOf(installation, name);
  return connectOnce(address, installation.connectTimeoutMs, { isPinned: false });
}

async function serverStatus(
  installation: Installation,
  home: Client,
  name: string,
): Promise<ServerStatus> {
  try {
    const client = name === HOME ? home : await connected(installation, name);
    try {
      const { rows } = await client.query<{ number: number }>(
        "SELECT substr(nspname, 7)::int AS number FROM pg_namespace WHERE nspname ~ '^place_[0-9]+$' ORDER BY 1",
      );
      const schemas = rows.map(({ number }) => number);
      const left = await leftOn({ client });
      return { name, trouble: null, bytesBehind: await behind(home, name), schemas, left };
    } finally {
      if (name !== HOME) await client.end().catch(() => undefined);
    }
  } catch (error) {
    const trouble = error instanceof Error ? messageOf(error) : String(error);
    return { name, trouble, bytesBehind: await behind(home, name), schemas: [], left: [] };
  }
}

async function behind(home: Client, name: string): Promise<number | null> {
  if (name === HOME) return null;
  const session = { name: HOME, client: home };
  const bytes = await bytesBehind(session, await catalogueSlot(session, name));
  return Number.isFinite(bytes) ? bytes : null;
}

function problemsOf(places: readonly PlaceAt[], servers: readonly ServerStatus[]): string[] {
  const reached = servers.filter(({ trouble }) => trouble === null);
  return [
    ...places.flatMap(({ number, server, move }) => {
      const its = reached.find(({ name }) => name === server);
      if (number === 0 || its === undefined || its.schemas.includes(number)) return [];
      if (move?.step === 'OPEN') return [];
      return [`The map has place ${number} on ${server}, and there is no schema place_${number}.`];
    }),
    ...reached.flatMap(({ name, schemas }) =>
      schemas.flatMap((number) => {
        const at = places.find((place) => place.number === number);
        if (at === undefined || at.server === name || at.move !== null) return [];
        return [
          `${name} has a schema place_${number}, and the map has the place on ${at.server}: after a restore or a failover, or an undone move that could not reach ${name}. Nothing uses it.`,
        ];
      }),
    ),
  ];
}
