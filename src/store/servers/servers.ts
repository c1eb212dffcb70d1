/** The databases that the places of customers are in: that of the home server, and those of others (docs/adr/0070-places.md). */
import { HOME } from '../../domain/place.js';
import {
  type Database,
  type DatabaseAddress,
  type DatabaseOptions,
  openDatabase,
} from '../database.js';

export interface ServersOptions extends DatabaseOptions {
  /** By name, besides the home server; none by default. */
  readonly servers?: ReadonlyMap<string, DatabaseAddress>;
}

export interface Server extends Database {
  readonly name: string;
  readonly address: DatabaseAddress;
}

export interface Servers {
  readonly home: Server;
  /** The home server is the first. */
  readonly all: ReadonlyMap<string, Server>;
  /** Waits for what is in progress, then closes all connections. */
  close(): Promise<void>;
}

/** Connects to each when it is first used. */
export function openServers({ servers = new Map(), ...options }: ServersOptions): Servers {
  const opened = (name: string, address: DatabaseAddress): Server => ({
    ...openDatabase({ ...options, address }),
    name,
    address,
  });
  const home = opened(HOME, options.address);
  const others = [...servers].map(([name, address]) => opened(name, address));
  const all = new Map([home, ...others].map((server) => [server.name, server]));
  return {
    home,
    all,
    close: async () => {
      await Promise.all([...all.values()].map((server) => server.close()));
    },
  };
}
