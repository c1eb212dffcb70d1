/** Histories of calls about a few customers while gateways, or their PostgreSQL, are killed. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Client, createClient } from '../client/client.js';
import * as operations from '../client/operations.js';
import { withClient } from '../database/connections.js';
import { createProject } from '../database/project.js';
import { customerOn } from '../database/two-servers.js';
import { startTollgate } from '../gateway/gateway-process.js';
import { startWorkers } from '../gateway/workers.js';
import type { Series } from '../load/crash.js';
import type { TestPostgres } from '../postgres/postgres.js';
import { signal } from '../postgres/postgres-process.js';
import { type Random, randomOf } from '../random/random.js';
import type { Granted } from './account.js';
import { FEATURE } from './account-documents.js';
import { sendAll } from './callers.js';
import { CLOCK_MARGIN_MS, placeExpiries } from './expiries.js';
import { FAR_MS, RandomAccountCalls } from './random-account-calls.js';
import { Recorder } from './record.js';

export const GRANTED: Granted = { granted: 60, overageLimit: 10 };

/** The minimum and maximum time under load until the next kill. */
const UNTIL_KILL_MS = [30, 400] as const;

const NAMES = ['ada', 'ben', 'cleo'] as const;

/** Calls in progress per customer. */
const CALLERS = 4;

/** After so many kills, others take the place of the customers, so that no history becomes too long to be decided. */
const KILLS_PER_CUSTOMER = 4;

export interface KilledRun extends Series {
  readonly databaseUrl: string;
  /** The gateways take turns at being killed, unless one of these is given: then it is, or the servers and the gateways are in turn. */
  readonly postgres?: TestPostgres;
  readonly servers?: readonly TestPostgres[];
  /** What is done instead of a kill, to a database on two servers. */
  readonly disturb?: (turn: number) => Promise<void>;
  /** Whether two workers that send each other commands take the place of the gateways. */
  readonly workers?: boolean;
}

export async function recordKills(run: KilledRun): Promise<readonly Recorder[]> {
  const { kills, seed, workers = false } = run;
  const random = randomOf(seed);
  const { pick, kill, end } = await (workers ? startBoth(run) : startEach(run, random));
  const recorders: Recorder[] = [];
  try {
    await operations.createFeature(pick(), { id: FEATURE, type: 'CONSUMABLE' });
    for (let done = 0; done < kills; done += KILLS_PER_CUSTOMER) {
      const names = NAMES.map((name, place) => `${name}${recorders.length + place}`);
      const load = await Load.start(random, pick, await namesFor(run, names));
      recorders.push(...load.recorders);
      try {
        for (let next = done; next < Math.min(kills, done + KILLS_PER_CUSTOMER); next += 1) {
          await load.someMore();
          await delay(random.whole(...UNTIL_KILL_MS));
          await kill(next);
        }
        await load.someMore();
      } finally {
        load.stop();
      }
      await load.finish();
    }
  } finally {
    await end();
  }
  return recorders;
}

/** Of several servers, each has some. */
async function namesFor(
  { databaseUrl, servers = [], disturb }: KilledRun,
  names: readonly string[],
): Promise<readonly string[]> {
  if (servers.length < 2 && disturb === undefined) return names;
  const { rows } = await withClient(databaseUrl, (client) =>
    client.query<{ id: string }>('SELECT id FROM public.projects'),
  );
  return names.map((name, n) =>
    customerOn(n % 2 === 0 ? 'second' : 'home', rows[0]?.id ?? '', name),
  );
}

/** What calls are sent to, and what is killed under them. */
interface Killable {
  readonly pick: () => Client;
  /** What is killed depends on how often that was done before. */
  readonly kill: (turn: number) => Promise<void>;
  readonly end: () => Promise<void>;
}

/** Two gateways. */
async function startEach(run: KilledRun, random: Random): Promise<Killable> {
  const { databaseUrl, postgres, servers = [] } = run;
  const secret = await createProject(databaseUrl);
  const start = () => startTollgate({ DATABASE_URL: databaseUrl, SWEEP: 'on' });
  const gateways = [await start(), await start()];
  const clientOf = (which: number) => createClient(gateways[which]?.origin ?? '', secret);
  const clients = gateways.map((_, which) => clientOf(which));
  return {
    pick: () => clients[random.whole(0, 1)] ?? clientOf(0),
    kill: async (turn) => {
      if (run.disturb !== undefined) return run.disturb(turn);
      const server = postgres ?? servers[turn % (servers.length + 1)];
      if (server === undefined) {
        const which = Math.floor(turn / (servers.length + 1)) % 2;
        await gateways[which]?.kill();
        gateways[which] = await start();
        clients[which] = clientOf(which);
      } else {
        await server.kill();
        await server.start();
      }
    },
    end: async () => {
      for (const gateway of gateways) await gateway.kill();
    },
  };
}

/** Two workers on one port. The one that is killed is the one that has served for longest. */
async function startBoth({ databaseUrl }: KilledRun): Promise<Killable> {
  const secret = await createProject(databaseUrl);
  const tollgate = await startWorkers({ DATABASE_URL: databaseUrl, FORWARD: 'on' });
  const client = createClient(tollgate.origin, secret);
  let killed = 0;
  return {
    pick: () => client,
    kill: async () => {
      const served = tollgate.served();
      signal(served[killed], 'SIGKILL');
      killed += 1;
      await tollgate.servedBy(served.length + 1);
    },
    end: () => tollgate.kill(),
  };
}

/** Calls that are answered between two kills, at least. */
const BETWEEN_KILLS = 40;

const POLL_MS = 5;

/** The calls about customers that are there for these alone. */
class Load {
  readonly recorders: readonly Recorder[];
  readonly #client: () => Client;
  readonly #sent: Promise<unknown>;
  #isOver = false;

  static async start(
    random: Random,
    client: () => Client,
    names: readonly string[],
  ): Promise<Load> {
    const latest = () => Date.now() + CLOCK_MARGIN_MS;
    const recorders = names.map((name) => new Recorder(name, latest));
    await prepare(client(), recorders);
    return new Load(random, client, recorders);
  }

  private constructor(random: Random, client: () => Client, recorders: readonly Recorder[]) {
    this.recorders = recorders;
    this.#client = client;
    const loads = recorders.map((recorder) => {
      const calls = new RandomAccountCalls(random, {
        expiresAt: Date.now() + FAR_MS,
        expireInSeconds: [1, 3],
        events: () => recorder.events.keys(),
      });
      const next = () => (this.#isOver ? null : calls.next());
      return sendAll(recorder, { callers: CALLERS, next, client }).finally(() => this.stop());
    });
    this.#sent = Promise.all(loads);
    // Awaited in the end, or given up because something else has failed.
    this.#sent.catch(() => undefined);
  }

  async someMore(): Promise<void> {
    const count = () => this.recorders.reduce((sum, { operations: { length } }) => sum + length, 0);
    const enough = count() + BETWEEN_KILLS;
    // Callers give up after a bounded number of attempts.
    while (count() < enough && !this.#isOver) await delay(POLL_MS);
  }

  stop(): void {
    this.#isOver = true;
  }

  /** Once all calls have their answers, looks at every reservation and at what there is of the balance. */
  async finish(): Promise<void> {
    this.stop();
    await this.#sent;
    for (const recorder of this.recorders) {
      const holds = reservationsIn(recorder).map(
        (reservationId) => ({ verb: 'hold', reservationId, until: null }) as const,
      );
      const looks = [...holds, { verb: 'read', until: null } as const];
      const next = () => looks.shift() ?? null;
      await sendAll(recorder, { callers: CALLERS, next, client: this.#client });
      placeExpiries(recorder);
    }
  }
}

/** The ids of those that were made. */
export function reservationsIn({ operations: all }: Recorder): readonly string[] {
  const made = all.flatMap(({ call, answer }) =>
    call.verb === 'reserve' && answer?.['code'] === null ? call.reservationId : [],
  );
  return [...new Set(made)];
}

async function prepare(client: Client, recorders: readonly Recorder[]): Promise<void> {
  for (const { customerId } of recorders) {
    await operations.createCustomer(client, customerId);
    const { granted, overageLimit } = GRANTED;
    const limits = { granted, overageAllowed: true, overageLimit };
    await operations.grant(client, customerId, { name: 'grant', featureId: FEATURE, ...limits });
  }
}

/** How often there was no answer, by code. */
export function failuresOf(recorders: readonly Recorder[]): ReadonlyMap<string, number> {
  const failures = new Map<string, number>();
  for (const recorder of recorders) {
    for (const [code, count] of recorder.failures)
      failures.set(code, (failures.get(code) ?? 0) + count);
  }
  return failures;
}
