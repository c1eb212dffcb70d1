import type { ReadPath } from '../../meter/read/read-path.js';
import type { WritePath } from '../../meter/write/write-path.js';
import { ClosedWait } from '../closed-wait.js';
import { createContext, type StoreContext } from '../context.js';
import { customers } from '../customers.js';
import { entities } from '../entities.js';
import { erasures } from '../erasure.js';
import { numberOf, type Place } from '../placed.js';
import type { OfCustomers } from '../places/of-customers.js';
import { type ReadClient, readClient } from '../read-client.js';
import { createReadPath } from '../read-path.js';
import { deletions } from '../token-secrets.js';
import { createWritePath } from '../write-path.js';
import { type AtPlace, atPlace } from './at-place.js';
import type { Server, Servers } from './servers.js';
import type { Whereabouts } from './whereabouts.js';

/** What serves one place on one server. */
export interface Site {
  readonly server: Server;
  readonly context: StoreContext;
  readonly writePath: WritePath;
  readonly readPath: ReadPath;
  readonly ofCustomers: OfCustomers;
  /** For reads of the gateway itself. */
  readonly readClient: ReadClient;
}

/** What serves a place, wherever it is. */
export interface PlaceSites {
  readonly place: Place;
  /** On the home server, where it may not be. */
  readonly home: Site;
  readonly at: AtPlace<Site>;
  /** False if there is one server: then nothing has to be in between. */
  readonly isSpread: boolean;
}

export interface SitesOptions {
  readonly servers: Servers;
  readonly whereabouts: Whereabouts;
  readonly clockOffsetMs: () => number;
  readonly acquireTimeoutMs: number;
  readonly statementTimeoutMs: number;
}

export function sitesOf(place: Place, options: SitesOptions): PlaceSites {
  const { servers, whereabouts } = options;
  const home = siteOn(servers.home, place, options);
  if (servers.all.size === 1) return { place, home, at: (work) => work(home), isSpread: false };
  const others = [...servers.all].filter(([, server]) => server !== servers.home);
  const sites = new Map([
    [servers.home.name, home],
    ...others.map(([name, server]) => [name, siteOn(server, place, options)] as const),
  ]);
  return { place, home, at: atPlace(numberOf(place), sites, whereabouts), isSpread: true };
}

function siteOn(server: Server, place: Place, options: SitesOptions): Site {
  const { servers, whereabouts, clockOffsetMs } = options;
  // Of this place alone: how long calls have waited for another one does not concern it.
  const closedWait = new ClosedWait(
    servers.all.size === 1 ? null : () => whereabouts.hasMoved(numberOf(place), server.name),
  );
  const { prisma, readPool } = server;
  const context = createContext({ prisma, place, clockOffsetMs, closedWait });
  return {
    server,
    context,
    writePath: createWritePath({
      ...context,
      acquireTimeoutMs: options.acquireTimeoutMs,
      transactionTimeoutMs: options.statementTimeoutMs,
    }),
    readPath: createReadPath({ pool: readPool, place, clockOffsetMs, closedWait }),
    ofCustomers: {
      ...customers(context),
      ...entities(context),
      ...erasures(context),
      ...deletions(context),
    },
    readClient: readClient(readPool, place, closedWait),
  };
}
