import type { CustomerScope } from '../meter/store.js';

type Found<Value> = ReadonlyMap<string, Value>;

/** Reads something of many customers of one project in one statement, by customer key. */
export type ReadMany<Value> = (scopes: readonly CustomerScope[]) => Promise<Found<Value>>;

/** Statements of one kind under way at once: the one is answered while the other runs. */
const IN_FLIGHT_MAX = 2;

/** Customers in one statement. */
const BATCH_MAX = 500;

interface Wait<Value> {
  readonly projectId: string;
  readonly scopes: readonly CustomerScope[];
  readonly resolve: (found: Found<Value>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Joins reads that different requests ask for into one statement, as a lane joins writes: while one runs the next
 * gathers, and a lone read waits for nobody. None joins a statement that has begun, so all see what was committed
 * before they were asked for. A statement serves one project: what it finds is told apart by customer key, and anybody
 * may ask for the key of somebody else's customer.
 */
export function gather<Value>(read: ReadMany<Value>): ReadMany<Value> {
  let waiting: Wait<Value>[] = [];
  let inFlight = 0;
  let isScheduled = false;

  function schedule(): void {
    if (isScheduled || inFlight >= IN_FLIGHT_MAX || waiting.length === 0) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      void run(nextBatch());
      schedule();
    });
  }

  function nextBatch(): readonly Wait<Value>[] {
    const batch: Wait<Value>[] = [];
    const rest: Wait<Value>[] = [];
    let customers = 0;
    for (const wait of waiting) {
      const isOfProject = wait.projectId === waiting[0]?.projectId;
      const fits = batch.length === 0 || customers + wait.scopes.length <= BATCH_MAX;
      if (isOfProject && fits) {
        batch.push(wait);
        customers += wait.scopes.length;
      } else {
        rest.push(wait);
      }
    }
    waiting = rest;
    return batch;
  }

  async function run(batch: readonly Wait<Value>[]): Promise<void> {
    inFlight += 1;
    try {
      const found = await read(distinct(batch));
      for (const { resolve } of batch) resolve(found);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    inFlight -= 1;
    schedule();
  }

  function readInProject(projectId: string, scopes: readonly CustomerScope[]) {
    return new Promise<Found<Value>>((resolve, reject) => {
      waiting.push({ projectId, scopes, resolve, reject });
      schedule();
    });
  }

  return async (scopes) => {
    const projectIds = [...new Set(scopes.map(({ projectId }) => projectId))];
    const found = await Promise.all(
      projectIds.map((id) =>
        readInProject(
          id,
          scopes.filter(({ projectId }) => projectId === id),
        ),
      ),
    );
    return found.length === 1 && found[0] ? found[0] : new Map(found.flatMap((part) => [...part]));
  };
}

function distinct(batch: readonly Pick<Wait<unknown>, 'scopes'>[]): CustomerScope[] {
  const byKey = new Map<string, CustomerScope>();
  for (const { scopes } of batch) {
    for (const scope of scopes) byKey.set(scope.customerKey, scope);
  }
  return [...byKey.values()];
}
