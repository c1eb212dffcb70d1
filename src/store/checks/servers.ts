/** Whether the servers that places can be on are there, and have what the map says (docs/adr/0070-places.md). */
import { HOME } from '../../domain/place.js';
import { messageOf } from '../failure.js';
import { numberOf } from '../placed.js';
import { CATALOGUE } from '../servers/add-server.js';
import type { Check, CheckContext } from './check.js';
import { type Finding, note, ok, problem, refusal, warning } from './finding.js';
import { durationOf } from './sessions.js';
import { sizeOf } from './storage.js';

/** As the server of the catalogue has it. */
interface Recorded {
  readonly servers: readonly string[];
  readonly places: readonly RecordedPlace[];
}

interface RecordedPlace {
  readonly number: number;
  readonly server: string;
  readonly movingTo: string;
  readonly step: string | null;
  /** Since it was changed last. */
  readonly seconds: number;
}

/** What is on a server. */
interface State {
  readonly name: string;
  readonly walLevel: string;
  /** Those of places, and of what moves have left. */
  readonly schemas: readonly string[];
  /** Whether the subscription is enabled; null if there is none. */
  readonly isCopying: boolean | null;
}

/** How far each copy of the catalogue is behind; there is none if it has never begun. */
type Lags = ReadonlyMap<string, number>;

export const serversCheck: Check = {
  codes: ['servers', 'catalogue_copies', 'place_map', 'moves', 'left_copies'],
  embedded: false,
  tables: true,
  home: true,
  async run(context) {
    const recorded = await readRecorded(context);
    const [states, unreachable] = await readStates(context, recorded.servers);
    const servers = [
      ...unreachable,
      ...notSet(context, recorded),
      ...notAdded(context, recorded),
      ...states.flatMap((state) => walLevelOf(state, recorded)),
    ];
    const count = recorded.servers.length;
    const reached =
      count === 0 ? ONE : `There are ${count} servers besides the one of the catalogue.`;
    const others = states.filter(({ name }) => name !== HOME);
    const lags = await readLags(context, recorded.servers);
    return [
      ...orOk('servers', reached, servers),
      ...orOk(
        'catalogue_copies',
        count === 0 ? ONE : 'Each server has the catalogue.',
        others.flatMap((state) => copyOf(state, lags, context)),
      ),
      ...orOk('place_map', 'Places are where the map has them.', misplaced(states, recorded)),
      ...orOk('moves', 'No place is being moved.', movesOf(recorded, context)),
      ...orOk('left_copies', 'Moves have left nothing.', leftOf(states, recorded)),
    ];
  },
};

const ONE = 'Customers are on one server.';

function orOk(code: Finding['code'], well: string, findings: readonly Finding[]) {
  return findings.length > 0 ? findings : [ok(code, well)];
}

const RECORDED = `SELECT number, coalesce(server, '${HOME}') AS server, coalesce(moving_to, '${HOME}') AS "movingTo", step,
  extract(epoch FROM now() - changed_at)::float8 AS seconds FROM public.places ORDER BY number`;

async function readRecorded({ client, recorded }: CheckContext): Promise<Recorded> {
  const { rows } = await client.query<RecordedPlace>({ text: RECORDED, values: [] });
  const known = new Map(rows.map((row) => [row.number, row]));
  return {
    servers: recorded.servers,
    places: recorded.places.slice(1).map((place) => {
      const number = numberOf(place);
      const unmoved = { number, server: HOME, movingTo: HOME, step: null, seconds: 0 };
      return known.get(number) ?? unmoved;
    }),
  };
}

const STATE = `SELECT current_setting('wal_level') AS "walLevel",
  ARRAY(SELECT nspname::text FROM pg_namespace WHERE nspname ~ '^(place_[0-9]+|left_[0-9]+_[0-9]+)$'
    ORDER BY length(nspname), nspname) AS schemas,
  (SELECT subenabled FROM pg_subscription WHERE subname = '${CATALOGUE}'
    AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())) AS "isCopying"`;

/** Those that can be reached, and a finding about each of the others. */
async function readStates(
  context: CheckContext,
  names: readonly string[],
): Promise<[State[], Finding[]]> {
  const states: State[] = [];
  const unreachable: Finding[] = [];
  for (const name of [HOME, ...names]) {
    const address = name === HOME ? context.address : context.servers.get(name);
    if (address === undefined) continue;
    try {
      const client = name === HOME ? context.client : await context.connectTo(address, true);
      try {
        const { rows } = await client.query<State>({ text: STATE, values: [] });
        states.push(...rows.map((row) => ({ ...row, name })));
      } finally {
        if (name !== HOME) await client.end().catch(() => undefined);
      }
    } catch (error) {
      if (name === HOME || !(error instanceof Error)) throw error;
      unreachable.push(
        problem('servers', {
          found: `The server ${name} cannot be reached: ${messageOf(error)}.`,
          meaning: 'Calls about customers that are on it are answered DATABASE_UNAVAILABLE.',
          advice: `Start it, or correct ${variableOf(name)}.`,
        }),
      );
    }
  }
  return [states, unreachable];
}

function variableOf(name: string): string {
  return `DATABASE_URL_${name.toUpperCase()}`;
}

function notSet({ servers }: CheckContext, recorded: Recorded): Finding[] {
  const unknown = recorded.servers.filter((name) => !servers.has(name));
  return unknown.map((name) =>
    refusal('servers', {
      found: `The server ${name} was added, and ${variableOf(name)} is not set.`,
      meaning: 'Customers can be on it.',
      advice: 'Set it to the address of its database.',
    }),
  );
}

function notAdded({ servers }: CheckContext, recorded: Recorded): Finding[] {
  const unused = [...servers.keys()].filter((name) => !recorded.servers.includes(name));
  return unused.map((name) =>
    note('servers', {
      found: `${variableOf(name)} is set, and no server was added as ${name}.`,
      meaning: 'Nothing is on it.',
      advice: 'To add it, run:',
      commands: [`npm run places -- add-server ${name}`],
    }),
  );
}

/** Only where there are several: nothing else needs it. */
function walLevelOf({ name, walLevel }: State, { servers }: Recorded): Finding[] {
  if (servers.length === 0 || walLevel === 'logical') return [];
  const told = {
    found: `wal_level of the server ${name} is ${walLevel}.`,
    advice: 'As a superuser of it, run this, and restart the server:',
    commands: ['ALTER SYSTEM SET wal_level = logical;'],
  };
  return [
    name === HOME
      ? problem('servers', { ...told, meaning: 'The other servers get no catalogue from it.' })
      : warning('servers', { ...told, meaning: 'No place can be moved away from it.' }),
  ];
}

const LAGS = `SELECT t.name, pg_wal_lsn_diff(pg_current_wal_insert_lsn(), confirmed_flush_lsn)::float8 AS bytes
  FROM unnest($1::text[]) AS t(name) JOIN pg_replication_slots AS s ON s.slot_name =
    'tollgate_' || (SELECT oid FROM pg_database WHERE datname = current_database()) || '_' || t.name`;

async function readLags({ client }: CheckContext, names: readonly string[]): Promise<Lags> {
  const { rows } = await client.query<{ name: string; bytes: number }>({
    text: LAGS,
    values: [names],
  });
  return new Map(rows.map(({ name, bytes }) => [name, bytes]));
}

const OLD_CATALOGUE =
  'What is changed of features does not arrive there: such changes are answered with an error, and usage on that server is decided on what it has.';

function copyOf({ name, isCopying }: State, lags: Lags, { limits }: CheckContext): Finding[] {
  const code = 'catalogue_copies';
  const bytes = lags.get(name);
  if (isCopying === null || bytes === undefined) {
    return [
      problem(code, {
        found: `The server ${name} gets no copy of the catalogue: there is no ${isCopying === null ? `subscription ${CATALOGUE} on it` : 'replication slot for it'}.`,
        meaning: OLD_CATALOGUE,
        advice: 'Run this, which makes what is missing:',
        commands: [`npm run places -- add-server ${name}`],
      }),
    ];
  }
  if (!isCopying) {
    return [
      problem(code, {
        found: `The subscription ${CATALOGUE} on the server ${name} is disabled.`,
        meaning: OLD_CATALOGUE,
        advice: 'As its owner, on that server, run:',
        commands: [`ALTER SUBSCRIPTION ${CATALOGUE} ENABLE;`],
      }),
    ];
  }
  if (bytes <= limits.copyBytes) return [];
  return [
    warning(code, {
      found: `The copy of the catalogue on the server ${name} is ${sizeOf(bytes)} of log behind.`,
      meaning: OLD_CATALOGUE,
      advice: `The log of the server ${name} says what keeps the subscription ${CATALOGUE} from going on.`,
    }),
  ];
}

function misplaced(states: readonly State[], { places }: Recorded): Finding[] {
  return states.flatMap(({ name, schemas }) =>
    places.flatMap(({ number, server, step }) => {
      const schema = `place_${number}`;
      const isThere = schemas.includes(schema);
      // While it is being moved, it is on both for a while.
      if (step !== null || isThere === (server === name)) return [];
      return [isThere ? twice(schema, name, server) : missing(schema, name)];
    }),
  );
}

function missing(schema: string, server: string): Finding {
  return problem('place_map', {
    found: `The map has ${schema} on the server ${server}, and there is no such schema.`,
    meaning:
      'Calls about its customers fail. The server may have been restored to an earlier time.',
    advice:
      'Find the server that has it, or restore it. What was left of it is called left_ there.',
  });
}

function twice(schema: string, server: string, right: string): Finding {
  return warning('place_map', {
    found: `The server ${server} has a schema ${schema}, and the map has it on ${right}.`,
    meaning:
      'A server that was restored to an earlier time, or has failed over, may have again what was moved away. Nothing uses it.',
    advice: `Once ${schema} on ${right} is known to be complete, as the owner of the other, on the server ${server}, run:`,
    commands: [`DROP SCHEMA ${schema} CASCADE;`],
  });
}

function movesOf({ places }: Recorded, { limits }: CheckContext): Finding[] {
  const moving = places.filter(({ step }) => step !== null);
  return moving.map(({ number, server, movingTo, step, seconds }) => {
    const found = `Place ${number} is being moved from ${server} to ${movingTo}, and has been at the step ${step} for ${durationOf(seconds)}.`;
    if (seconds * 1_000 < limits.moveMs) return note('moves', { found });
    return warning('moves', {
      found,
      meaning: 'A move that was interrupted is neither done nor undone by itself.',
      advice: 'To go on, or back, run one of:',
      commands: [
        `npm run places -- move ${number} ${movingTo}`,
        `npm run places -- back ${number}`,
      ],
    });
  });
}

function leftOf(states: readonly State[], { places }: Recorded): Finding[] {
  return states.flatMap(({ name, schemas }) => {
    const left = schemas.filter((schema) => schema.startsWith('left_'));
    if (left.length === 0) return [];
    const told = left.map((schema) => {
      const of = places.find(({ number }) => schema.startsWith(`left_${number}_`));
      return of === undefined ? schema : `${schema} (for ${durationOf(of.seconds)} at least)`;
    });
    return [
      note('left_copies', {
        found: `Moves have left copies of places on the server ${name}: ${told.join(', ')}.`,
        meaning: 'They take room, and contain what was erased since then. Nothing uses them.',
        advice: 'To drop them, run:',
        commands: [`npm run places -- drop-left ${name}`],
      }),
    ];
  });
}
