import { placeOf } from '../../domain/place.js';
import { UnavailableError } from '../../domain/unavailable.js';
import { createNumbering, randomVersion } from '../../platform/id.js';
import type { TraceContext } from '../../tracing/trace-context.js';
import type { Tracing } from '../../tracing/tracing.js';
import { type CatalogCache, createCatalogCache } from '../catalog-cache.js';
import { Forwarding } from '../neighbours/forwarding.js';
import type { NeighbourFigures, Neighbours } from '../neighbours/neighbour.js';
import type { Result } from '../verb.js';
import { type AccountCache, createAccountCache } from './account-cache.js';
import { type Batches, createBatches } from './batch.js';
import type { Carried, CarryingBatch } from './carrying-batch.js';
import type { Command } from './command.js';
import { createDatabaseClock } from './database-clock.js';
import { createGates, type Gates } from './gates.js';
import type { Lane } from './lane.js';
import { createLanes } from './lanes.js';
import { measuredWritePath } from './measured-write-path.js';
import { tracedWritePath } from './traced-write-path.js';
import { WriteFigures, type WriteQueueFigures } from './write-figures.js';
import type { WritePath } from './write-path.js';

/** Takes commands, commits them in batches, and gives each its result once it is durable. */
export interface WriteQueue {
  /** The catalogues it decides on, shared with everything else that needs one. */
  readonly catalogs: CatalogCache;
  /** The accounts as of its last commits: nothing is answered from them whose version has not been confirmed. */
  readonly accounts: AccountCache;
  /** In front of the writes that are not commands. */
  readonly gates: Gates;
  /** Rejects with an `UnavailableError` if the command could not be decided. The submitter is told which batch carries it. */
  submit<T>(command: Command<T>, submitter?: Carried | null): Promise<Result<T>>;
  /** The same for a command that another gateway has sent, for a call whose trace it may have told: it is decided here. */
  take<T>(
    command: Command<T>,
    submitter: Carried,
    caller?: TraceContext | null,
  ): Promise<Result<T>>;
  /** Whether further commands of the project would be refused right now, whichever server their customers are on. */
  isOverloaded(projectId: string): boolean;
  /** What it has counted, and how full it is. */
  figures(): WriteQueueFigures;
  /** Resolves once everything submitted has its result. */
  drain(): Promise<void>;
}

/** Cached, at about 1 KiB of memory each. */
const CATALOG_FEATURES_MAX = 100_000;

/** What part of the queue one project may fill, so that there is always room for the others. */
const PROJECT_SHARE = 0.9;

/** Deciding on this many balances takes as long as everything else about a command. */
const BALANCES_PER_ITEM = 25;

export interface WriteQueueOptions {
  readonly store: WritePath;
  /** How many batches may be in flight at once, at least one of each place; each takes one or two connections. */
  readonly lanes: number;
  /** Those that customers are in, 1 by default. A batch is of one. */
  readonly places?: number;
  /** The name of the server that a place is on, if there are several: what waits for one keeps no commands of others out. */
  readonly serverOfPlace?: (place: number) => string;
  /** The connections for writes, of which the lanes take theirs. */
  readonly poolMax: number;
  readonly batchItemsMax: number;
  readonly batchBytesMax: number;
  /** Commands waiting or being committed, over all lanes of a server; more are answered with OVERLOADED. */
  readonly queueItemsMax: number;
  /** If a project's next command on a lane has waited longer than this, further ones of it are refused. */
  readonly queueWaitMaxMs: number;
  /** The balances of all accounts that are cached between batches. */
  readonly cachedBalancesMax: number;
  readonly monotonicMs: () => number;
  /** Null, the default, if there are no traces. */
  readonly tracing?: Tracing | null;
  /** Null, the default, if there are none. */
  readonly neighbours?: Neighbours | null;
}

const ALONE: NeighbourFigures = { known: 0, reachable: 0 };

/** The group commit: commands go on a lane by place and customer key, and each lane commits one batch at a time. */
export function createWriteQueue(options: WriteQueueOptions): WriteQueue {
  const { monotonicMs, tracing = null, neighbours = null } = options;
  const serverOf = serverOfCustomer(options);
  const figures = new WriteFigures();
  const path = tracing === null ? options.store : tracedWritePath(options.store, tracing);
  const store = measuredWritePath(path, figures, monotonicMs);
  const accounts = createAccountCache({ balancesMax: options.cachedBalancesMax });
  const catalogs = createCatalogCache({ read: store.catalog, featuresMax: CATALOG_FEATURES_MAX });
  const parts = { store, accounts, catalogs, newVersion: randomVersion, figures };
  const inBatches = measured({ figures, monotonicMs, tracing });
  const clocked = () => ({ ...parts, clock: createDatabaseClock(monotonicMs) });
  const itemsOf = (command: Command<unknown>) => {
    const { projectId, customerKey } = command.scope;
    const passes = command.passes(() => catalogs.get(projectId));
    return 1 + Math.floor((accounts.balancesOf(customerKey) * passes) / BALANCES_PER_ITEM);
  };
  const runOf = () => inBatches(createBatches(clocked()).run);
  const lanes = createLanes({ ...options, itemsOf, runOf });

  /** Of one server, or of all if none is given. */
  function isFull(projectId: string, server: string | null): boolean {
    const onLanes = lanes.counted(projectId, server);
    const queued = forwarding.size() + onLanes.queued;
    const ofProject = forwarding.waiting(projectId) + onLanes.ofProject;
    return queued >= options.queueItemsMax || ofProject >= options.queueItemsMax * PROJECT_SHARE;
  }

  function isLate(lane: Lane, projectId: string, now: number): boolean {
    return lane.waitedMs(projectId, now) > options.queueWaitMaxMs;
  }

  function decide<T>(command: Command<T>): Promise<Result<T>> {
    const { projectId, customerKey } = command.scope;
    const lane = lanes.of(customerKey);
    const now = monotonicMs();
    if (isFull(projectId, serverOf?.(customerKey) ?? null) || isLate(lane, projectId, now)) {
      return Promise.reject(new UnavailableError('OVERLOADED'));
    }
    lane.push(command, now);
    return command.result;
  }

  const forwarding = new Forwarding({ figures, tracing, decide });

  return {
    catalogs,
    accounts,
    gates: createGates(options.poolMax - lanes.all.length, serverOf),
    isOverloaded(projectId) {
      const now = monotonicMs();
      const isAllFull = serverOf === null && isFull(projectId, null);
      return isAllFull || lanes.all.every((lane) => isLate(lane, projectId, now));
    },
    submit(command, submitter = null) {
      const { projectId, customerKey } = command.scope;
      command.submitter = submitter;
      tracing?.noted(command);
      const owner = neighbours?.ownerOf(customerKey) ?? null;
      const isSent =
        owner !== null &&
        !isFull(projectId, serverOf?.(customerKey) ?? null) &&
        forwarding.send(owner, command);
      return isSent ? command.result : decide(command);
    },
    take(command, submitter, caller = null) {
      figures.ofNeighbours += 1;
      command.submitter = submitter;
      if (caller !== null) tracing?.notedFor(command, caller);
      return decide(command);
    },
    figures() {
      const { accounts: cachedAccounts, weight, weightMax } = accounts.size();
      return {
        ...figures,
        queued: lanes.all.reduce((sum, lane) => sum + lane.size(), forwarding.size()),
        queuedMax: options.queueItemsMax,
        ...figuresOf(lanes.all, monotonicMs()),
        cachedAccounts,
        cachedWeight: weight,
        cachedWeightMax: weightMax,
        catalogs: catalogs.figures(),
        neighbours: neighbours?.figures() ?? ALONE,
      };
    },
    async drain() {
      // First, because what a neighbour has not decided is put on a lane.
      await forwarding.drained();
      await Promise.all(lanes.all.map((lane) => lane.drained()));
    },
  };
}

/** Null if all customers are on one. */
function serverOfCustomer({ places = 1, serverOfPlace }: WriteQueueOptions) {
  if (serverOfPlace === undefined) return null;
  return (customerKey: string) => serverOfPlace(placeOf(customerKey, places));
}

function figuresOf(lanes: readonly Lane[], now: number) {
  return {
    oldestWaitMs: Math.max(...lanes.map((lane) => lane.oldestWaitMs(now))),
    lanes: lanes.length,
    lanesBusy: lanes.filter((lane) => lane.isBusy()).length,
  };
}

interface Measuring {
  readonly figures: WriteFigures;
  readonly monotonicMs: () => number;
  readonly tracing: Tracing | null;
}

/** The one point at which a batch begins and ends. */
function measured({
  figures: { batchCommands, batchSeconds },
  monotonicMs,
  tracing,
}: Measuring): (run: Batches['run']) => Batches['run'] {
  const nextId = createNumbering();
  return (run) => async (commands) => {
    const batch: CarryingBatch = { id: nextId(), traceContext: null };
    for (const { submitter } of commands) submitter?.carriedBy?.(batch);
    const start = monotonicMs();
    if (tracing === null) await run(commands);
    else await tracing.batch(WRITE_BATCH, commands, () => run(commands), batch);
    batchCommands.observe(commands.length);
    batchSeconds.observe((monotonicMs() - start) / 1_000);
  };
}

const WRITE_BATCH = 'write batch';
